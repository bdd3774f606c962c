package spec

import "testing"

func TestAHookHasAnAbsolutePathAndATimeoutAboveZero(t *testing.T) {
	check(t, []verdict{
		{change: `{"hooks":{"prestart":[{"path":"/bin/true","args":["true"],"env":["A=b"],"timeout":1}]}}`},
		{change: `{"hooks":{"prestart":[{"path":""}],"createRuntime":[{"path":"true"}]}}`,
			errs: []string{
				`hooks.prestart[0].path: it is missing; it takes the absolute path of a program`,
				`hooks.createRuntime[0].path: "true" is not an absolute path`,
			}},
		{change: `{"hooks":{"createContainer":[{"path":"/x","timeout":0}],"startContainer":[{"path":"/x","timeout":-1}]}}`,
			errs: []string{
				`hooks.createContainer[0].timeout: 0 is not a number of seconds above 0`,
				`hooks.startContainer[0].timeout: -1 is not a number of seconds above 0`,
			}},
		{change: `{"hooks":{"poststart":[{"path":"/x\u0000"}],"poststop":[{"path":"/x","args":["\u0000"],"env":["\u0000"]}]}}`,
			errs: []string{
				`hooks.poststart[0].path: "/x\x00" contains a NUL character, where the kernel would end it`,
				`hooks.poststop[0].args[0]: "\x00" contains a NUL character, where the kernel would end it`,
				`hooks.poststop[0].env[0]: "\x00" contains a NUL character, where the kernel would end it`,
			}},
	})
}
