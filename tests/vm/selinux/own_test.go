package selinux

import (
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
)

// contrib has what creel comes with.
const contrib = "../../../contrib/selinux/"

const installed = "/usr/local/bin/creel"

// The label and the domain of container runtimes in the machine's policy, the reference policy.
const (
	runtime = "system_u:object_r:container_engine_exec_t:s0"
	domain  = "system_u:system_r:container_engine_t:s0"
)

// alias gives that type the name that it has in container-selinux.
const alias = `(typealias container_runtime_exec_t)
(typealiasactual container_runtime_exec_t container_engine_exec_t)
`

// contexts builds a copy of the machine's policy with creel's modules, and returns the path of its file contexts. The
// module for container-selinux is about a program with another name, "other".
func contexts(h *harness.H) string {
	h.Helper()
	dir := h.Path("policy")
	h.WriteFile(dir+"/alias.cil", alias, 0o644)
	h.Host("mkdir -p " + dir + "/var/lib " + dir + "/etc && cp -a /var/lib/selinux " + dir + "/var/lib/ && cp -a /etc/selinux " + dir + "/etc/")
	h.Host("sed 's,/creel\",/other\",' " + contrib + "creel.cil > " + dir + "/other.cil")
	h.Host("semodule --path " + dir + " --store default --noreload --install " + dir + "/alias.cil --install " + dir + "/other.cil" +
		" --install " + contrib + "creel-refpolicy.cil")
	return dir + "/etc/selinux/default/contexts/files/file_contexts"
}

func TestThePoliciesTakeCreelForARuntime(t *testing.T) {
	h := harness.New(t)
	file := contexts(h)
	for _, dir := range []string{"/usr/bin/", "/usr/sbin/", "/usr/local/bin/", "/usr/local/sbin/"} {
		for name, want := range map[string]bool{"creel": true, "other": true, "creel-bundle": false} {
			got := strings.TrimSpace(h.Host("matchpathcon -n -m file -f " + file + " " + dir + name))
			if is := got == runtime; is != want {
				t.Errorf("%s%s has %q", dir, name, got)
			}
		}
	}
	h.Host("install -m 755 " + harness.Program() + " " + installed)
	h.Cleanup(func() { h.Host("rm " + installed) })
	h.Host("setfiles -F " + file + " " + installed)
	if got := label(h, installed); got != runtime {
		t.Errorf("got %q", got)
	}
	if out := h.Host(installed + " --version"); !strings.HasPrefix(out, "creel version ") {
		t.Errorf("got %q", out)
	}
	// what runs from such a file is in the domain of runtimes
	h.Host("install -m 755 /bin/cat " + installed + " && setfiles -F " + file + " " + installed)
	if got := strings.TrimRight(h.Host(installed+" /proc/self/attr/current"), "\x00"); got != domain {
		t.Errorf("the domain is %q", got)
	}
}
