package badinput

import (
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
)

// A value of another type is named by its path, whatever the field.
func TestEveryWrongTypeIsNamedByItsPath(t *testing.T) {
	for _, c := range []struct{ config, field string }{
		{`{"ociVersion":1}`, "ociVersion"},
		{`{"process":[]}`, "process"},
		{`{"process":{"terminal":"yes"}}`, "process.terminal"},
		{`{"process":{"args":"sh"}}`, "process.args"},
		{`{"process":{"args":["sh",1]}}`, "process.args"},
		{`{"process":{"env":{"A":"1"}}}`, "process.env"},
		{`{"process":{"cwd":{}}}`, "process.cwd"},
		{`{"process":{"capabilities":["CAP_KILL"]}}`, "process.capabilities"},
		{`{"process":{"rlimits":[{"soft":-1}]}}`, "process.rlimits"},
		{`{"process":{"rlimits":[{"soft":1.5}]}}`, "process.rlimits"},
		{`{"process":{"oomScoreAdj":1e99}}`, "process.oomScoreAdj"},
		{`{"process":{"user":{"additionalGids":[1,-1]}}}`, "process.user.additionalGids"},
		{`{"root":{"readonly":0}}`, "root.readonly"},
		{`{"mounts":{}}`, "mounts"},
		{`{"mounts":[1]}`, "mounts"},
		{`{"mounts":[{"options":"ro"}]}`, "mounts"},
		{`{"hooks":{"createRuntime":{}}}`, "hooks.createRuntime"},
		{`{"hooks":{"poststop":[{"timeout":"1s"}]}}`, "hooks.poststop"},
		{`{"annotations":{"a":1}}`, "annotations"},
		{`{"linux":{"namespaces":[{"type":7}]}}`, "linux.namespaces"},
		{`{"linux":{"uidMappings":[{"size":4294967296}]}}`, "linux.uidMappings"},
		{`{"linux":{"sysctl":{"a":1}}}`, "linux.sysctl"},
		{`{"linux":{"resources":{"memory":{"limit":"1G"}}}}`, "linux.resources.memory.limit"},
		{`{"linux":{"resources":{"memory":{"limit":99999999999999999999}}}}`, "linux.resources.memory.limit"},
		{`{"linux":{"resources":{"pids":{"limit":1e3}}}}`, "linux.resources.pids.limit"},
		{`{"linux":{"resources":{"devices":[{"allow":"true"}]}}}`, "linux.resources.devices"},
		{`{"linux":{"devices":[{"major":"1"}]}}`, "linux.devices"},
		{`{"linux":{"seccomp":{"syscalls":[{"names":"read"}]}}}`, "linux.seccomp.syscalls"},
		{`{"linux":{"timeOffsets":[]}}`, "linux.timeOffsets"},
	} {
		t.Run(c.config, func(t *testing.T) {
			h := harness.New(t)
			h.Fails(h.Run(h.RawBundle(c.config)), "config.json", c.field)
			if left := h.Containers(); len(left) > 0 {
				t.Errorf("left %v", left)
			}
		})
	}
}

func TestBrokenTextIsRefused(t *testing.T) {
	for _, config := range []string{
		`{`, `{"a"}`, `{"ociVersion":"1.0.0",}`, `{"ociVersion":"1.0.0"`, `{"ociVersion":"1.0.0"}x`, `{'ociVersion':'1.0.0'}`,
		`{"ociVersion":"1.0.0`, `{"process":{"args":["sh"]}`, `{"process":{"oomScoreAdj":01}}`, `{"process":{"terminal":tru}}`,
		"\xff\xfe{\x00}\x00", "{\"ociVersion\":\"\\ud800\\u\"}", "// a comment\n{}", strings.Repeat(`{"linux":`, 20000), `null`, `""`, `42`,
	} {
		name := config
		if len(name) > 30 {
			name = name[:30]
		}
		t.Run(name, func(t *testing.T) {
			h := harness.New(t)
			h.Fails(h.Run(h.RawBundle(config)))
			if left := h.Containers(); len(left) > 0 {
				t.Errorf("left %v", left)
			}
		})
	}
}

// Properties that the specification does not know must be ignored (config.md, "Extensibility").
func TestUnknownPropertiesAreIgnored(t *testing.T) {
	h := harness.New(t)
	b := h.Bundle()
	config := h.Host("cat " + b + "/config.json")
	config = strings.Replace(config, "{", `{"future":{"a":[1,{"b":null}]},`, 1)
	config = strings.Replace(config, `"linux":{`, `"linux":{"future":"x",`, 1)
	h.Ok(h.Run(h.RawBundle(config)))
}
