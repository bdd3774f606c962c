package spec

import "testing"

func TestNamesNeedAUTSNamespaceAndFitIntoIt(t *testing.T) {
	check(t, []verdict{
		{change: `{"hostname":"h","domainname":"d"}`},
		{change: `{"hostname":"h","domainname":"d","linux":null}`,
			errs: []string{
				`hostname: "h" would become that of the host: linux.namespaces has none of type "uts"`,
				`domainname: "d" would become that of the host: linux.namespaces has none of type "uts"`,
			}},
		{change: `{"hostname":"0123456789012345678901234567890123456789012345678901234567890123","domainname":"01234567890123456789012345678901234567890123456789012345678901234"}`,
			errs: []string{`domainname: "01234567890123456789012345678901234567890123456789012345678901234" has 65 bytes, at most 64 are possible`}},
		{change: `{"hostname":"a\u0000b"}`,
			errs: []string{`hostname: "a\x00b" contains a NUL character, where the kernel would end it`}},
	})
}

func TestAnAnnotationHasAKey(t *testing.T) {
	check(t, []verdict{
		{change: `{"annotations":{"a":"","com.example.x":"y"}}`},
		{change: `{"annotations":{"":"x"}}`,
			errs: []string{`annotations: the value "x" has an empty key`}},
		{change: `{"annotations":{"run.oci.hooks.stdout":"out","run.oci.hooks.stderr":"/x/err","run.oci.keep_original_groups":"1"}}`},
		{change: `{"annotations":{"run.oci.hooks.stdout":"","run.oci.hooks.stderr":"\u0000"}}`,
			errs: []string{
				`annotations["run.oci.hooks.stderr"]: "\x00" contains a NUL character, where the kernel would end it`,
				`annotations["run.oci.hooks.stdout"]: it is empty; it takes the path of a file`,
			}},
		{change: `{"annotations":{"run.oci.keep_original_groups":"yes"}}`,
			warns: []string{`annotations["run.oci.keep_original_groups"]: "yes" is ignored: only "1" has an effect`}},
	})
}

func TestSectionsForOtherPlatformsAreIgnored(t *testing.T) {
	check(t, []verdict{
		{change: `{"windows":{"layerFolders":[]},"vm":{"kernel":{"path":""}},"solaris":{},"zos":{},"freebsd":{}}`,
			warns: []string{
				`solaris: it is for another platform: it is ignored`,
				`windows: it is for another platform: it is ignored`,
				`vm: it is for another platform: it is ignored`,
				`zos: it is for another platform: it is ignored`,
				`freebsd: it is for another platform: it is ignored`,
			}},
	})
}
