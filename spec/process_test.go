package spec

import "testing"

func TestTheProcessHasArgumentsAndAWorkingDirectory(t *testing.T) {
	check(t, []verdict{
		{change: `{"process":null}`,
			errs: []string{`process: it is missing: there is nothing to execute`}},
		{change: `{"process":{"args":[]}}`,
			errs: []string{`process.args: it is empty: there is nothing to execute`}},
		{change: `{"process":{"args":["a\u0000b"]}}`,
			errs: []string{`process.args[0]: "a\x00b" contains a NUL character, where the kernel would end it`}},
		{change: `{"process":{"cwd":""}}`,
			errs: []string{`process.cwd: it is missing; it takes an absolute path`}},
		{change: `{"process":{"cwd":"tmp"}}`,
			errs: []string{`process.cwd: "tmp" is not an absolute path`}},
		{change: `{"process":{"cwd":"/a\u0000b"}}`,
			errs: []string{`process.cwd: "/a\x00b" contains a NUL character, where the kernel would end it`}},
		{change: `{"process":{"args":["sh","a\u0000b"],"cwd":"x","env":["A"]}}`,
			errs: []string{
				`process.args[1]: "a\x00b" contains a NUL character, where the kernel would end it`,
				`process.cwd: "x" is not an absolute path`,
				`process.env[0]: "A" has no "=": a variable is NAME=VALUE`,
			}},
	})
}

func TestTheEnvironmentIsMadeOfNamesAndValues(t *testing.T) {
	check(t, []verdict{
		{change: `{"process":{"env":["A=1","B=","A=2","C=x=y"]}}`},
		{change: `{"process":{"env":["A=1","B"]}}`,
			errs: []string{`process.env[1]: "B" has no "=": a variable is NAME=VALUE`}},
		{change: `{"process":{"env":["=1",""]}}`,
			errs: []string{
				`process.env[0]: "=1" has no name: a variable is NAME=VALUE`,
				`process.env[1]: "" has no "=": a variable is NAME=VALUE`,
			}},
		{change: `{"process":{"env":["A=\u0000"]}}`,
			errs: []string{`process.env[0]: "A=\x00" contains a NUL character, where the kernel would end it`}},
	})
}

func TestUserAndGroupsAreIds(t *testing.T) {
	check(t, []verdict{
		{change: `{"process":{"user":{"uid":4294967294,"gid":4294967294,"additionalGids":[0,4294967294],"umask":511}}}`},
		{change: `{"process":{"user":{"uid":4294967295,"gid":4294967295,"additionalGids":[1,4294967295]}}}`,
			errs: []string{
				`process.user.uid: 4294967295 is not the id of a user (credentials(7))`,
				`process.user.gid: 4294967295 is not the id of a group (credentials(7))`,
				`process.user.additionalGids[1]: 4294967295 is not the id of a group (credentials(7))`,
			}},
		{change: `{"process":{"user":{"umask":512}}}`,
			errs: []string{`process.user.umask: 512 is not from 0 to 511 (0777)`}},
	})
}

func TestResourceLimitsOfTheProcessAreKnownOnceAndOrdered(t *testing.T) {
	check(t, []verdict{
		{change: `{"process":{"rlimits":[{"type":"RLIMIT_NOFILE","soft":1,"hard":2},{"type":"RLIMIT_CORE","soft":18446744073709551615,"hard":18446744073709551615}]}}`},
		{change: `{"process":{"rlimits":[{"type":"RLIMIT_FILES","soft":1,"hard":2},{"type":"NOFILE"},{"type":""}]}}`,
			errs: []string{
				`process.rlimits[0].type: "RLIMIT_FILES" is not a resource that Linux limits (getrlimit(2))`,
				`process.rlimits[1].type: "NOFILE" is not a resource that Linux limits (getrlimit(2))`,
				`process.rlimits[2].type: "" is not a resource that Linux limits (getrlimit(2))`,
			}},
		{change: `{"process":{"rlimits":[{"type":"RLIMIT_NOFILE","soft":3,"hard":2},{"type":"RLIMIT_NOFILE","soft":1,"hard":2}]}}`,
			errs: []string{
				`process.rlimits[0].soft: 3 is above the hard limit, 2`,
				`process.rlimits[1].type: "RLIMIT_NOFILE" occurs already in process.rlimits[0]`,
			}},
	})
}

func TestOOMScoreConsoleAndLabelsAreWithinTheirBounds(t *testing.T) {
	check(t, []verdict{
		{change: `{"process":{"oomScoreAdj":-1000}}`},
		{change: `{"process":{"oomScoreAdj":1000}}`},
		{change: `{"process":{"oomScoreAdj":-1001}}`,
			errs: []string{`process.oomScoreAdj: -1001 is not from -1000 to 1000`}},
		{change: `{"process":{"oomScoreAdj":1001}}`,
			errs: []string{`process.oomScoreAdj: 1001 is not from -1000 to 1000`}},
		{change: `{"process":{"terminal":true,"consoleSize":{"height":65535,"width":80}}}`},
		{change: `{"process":{"terminal":true,"consoleSize":{"height":65536,"width":80}}}`,
			errs: []string{`process.consoleSize: 65536 by 80 is larger than the 65535 by 65535 characters of a terminal`}},
		{change: `{"process":{"terminal":false,"consoleSize":{"height":65536,"width":80}}}`},
		{change: `{"process":{"apparmorProfile":"a\u0000","selinuxLabel":"b\u0000"}}`,
			errs: []string{
				`process.apparmorProfile: "a\x00" contains a NUL character, where the kernel would end it`,
				`process.selinuxLabel: "b\x00" contains a NUL character, where the kernel would end it`,
			}},
		{change: `{"process":{"apparmorProfile":"docker-default","selinuxLabel":"system_u:system_r:container_t:s0:c1,c2"}}`},
	})
}
