package spec

import "testing"

func TestPropagationLabelAndPersonalityAreKnownWords(t *testing.T) {
	check(t, []verdict{
		{change: `{"linux":{"rootfsPropagation":"rslave","mountLabel":"system_u:object_r:container_file_t:s0","personality":{"domain":"LINUX32"}}}`},
		{change: `{"linux":{"rootfsPropagation":"unbindable","personality":{"domain":"LINUX"}}}`},
		{change: `{"linux":{"rootfsPropagation":"public","mountLabel":"a\u0000","personality":{"domain":"BSD","flags":["ADDR_NO_RANDOMIZE"]}}}`,
			errs: []string{
				`linux.rootfsPropagation: "public" is not one of shared, slave, private, unbindable`,
				`linux.mountLabel: "a\x00" contains a NUL character, where the kernel would end it`,
				`linux.personality.domain: "BSD" is not one of LINUX, LINUX32`,
				`linux.personality.flags[0]: "ADDR_NO_RANDOMIZE" is not possible: no flag is defined`,
			}},
		{change: `{"linux":{"personality":{}}}`,
			errs: []string{`linux.personality.domain: "" is not one of LINUX, LINUX32`}},
	})
}
