package nested

import (
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// life is the life of a container: run, then step by step with an exec.
const life = `set -e; creel run --bundle /inner web
	creel create --bundle /inner two </dev/null >/run/out 2>&1; creel start two; until [ -s /run/out ]; do sleep 0.01; done; cat /run/out
	creel run --detach --bundle /sleeper three </dev/null >/dev/null 2>&1
	creel exec three echo executed; creel pause three; creel resume three; creel kill three KILL
	until creel delete three 2>/dev/null; do sleep 0.01; done; creel delete --force two; creel list --quiet; echo end`

// lived is what it says.
const lived = "inner 1\ninner 1\nexecuted\nend\n"

var speak = harness.Script("echo inner $$")

// sleeper is a second bundle, of a container that stays.
func sleeper(h *harness.H, root string, mutate ...harness.Mutate) {
	h.Helper()
	bundle(h, root, "sleeper", append([]harness.Mutate{harness.Args("/bin/sleep", "1000")}, mutate...)...)
}

func TestContainersLiveInAPrivilegedContainer(t *testing.T) {
	for name, mutate := range map[string]harness.Mutate{
		"default": func(*specs.Spec) {}, "user namespace": harness.UserNS(0, 65536),
		"no cgroup namespace": harness.NoNamespace(specs.CgroupNamespace),
	} {
		t.Run(name, func(t *testing.T) {
			h := harness.New(t)
			root := outer(h)
			bundle(h, root, "inner", speak, mutate)
			sleeper(h, root, mutate)
			r := h.Ok(h.Run(h.Bundle(privileged(root), harness.Script(life))))
			if r.Stdout != lived || r.Stderr != "" {
				t.Error(r)
			}
		})
	}
}

func TestLimitsOfANestedContainerAreInForce(t *testing.T) {
	h := harness.New(t)
	harness.Needs(t, "pids")
	root := outer(h)
	bundle(h, root, "inner", harness.Script("(for i in 1 2 3 4 5 6 7; do sleep 1000 & done) 2>&1; echo end"), func(s *specs.Spec) {
		s.Linux.Resources.Pids = &specs.LinuxPids{Limit: harness.Ptr(int64(5))}
	})
	r := h.Ok(h.Run(h.Bundle(privileged(root), harness.Script("creel run --bundle /inner web; cat /sys/fs/cgroup/pids/web/pids.max 2>&1; true"))))
	if want := "can't fork: Resource temporarily unavailable"; !contains(r.Stdout, want) || !contains(r.Stdout, "No such file") {
		t.Errorf("%s, without %q", r, want)
	}
}

// As deep as it goes: each creel is in the container of the one before.
func TestContainersNestSeveralTimes(t *testing.T) {
	h := harness.New(t)
	root := outer(h)
	bundle(h, root, "inner", harness.Script("creel run --bundle /inner web"), privileged("/"), func(s *specs.Spec) {
		s.Mounts = s.Mounts[:len(s.Mounts)-3] // what the outer one has by bind mounts is below its root
		harness.Mount(specs.Mount{Destination: "/run", Type: "tmpfs", Source: "tmpfs"})(s)
		harness.Bind("/rootfs", "/rootfs", "rbind")(s)
		harness.Bind("/bin/creel", "/bin/creel", "ro")(s)
		harness.Bind("/second", "/inner", "ro")(s)
	})
	bundle(h, root, "second", harness.Script("echo third level; cat /proc/self/cgroup | wc -l"))
	r := h.Ok(h.Run(h.Bundle(privileged(root), harness.Script("creel run --bundle /inner web"))))
	if !contains(r.Stdout, "third level\n") {
		t.Error(r)
	}
}

// Root of a user namespace has all capabilities over what is its own, and no cgroup that it may write to.
func TestContainersLiveInAContainerWithAUserNamespace(t *testing.T) {
	h := harness.New(t)
	root := outer(h)
	h.Chown(root, 100000, 100000)
	shared := h.OwnRootAt("shared")
	h.Chown(shared, 100000, 100000)
	bundle(h, root, "inner", speak)
	bundle(h, root, "mapped", harness.Script("cat /proc/self/uid_map"), harness.UserNS(0, 1000))
	r := h.Ok(h.Run(h.Bundle(privileged(root), harness.UserNS(100000, 65536), func(s *specs.Spec) {
		for i := range s.Mounts {
			if s.Mounts[i].Destination == "/rootfs" {
				s.Mounts[i].Source = shared
			}
		}
	}, harness.Script("creel run --bundle /inner web; creel run --bundle /mapped web"))))
	if fields(r.Stdout) != "inner 1 0 0 1000" {
		t.Error(r)
	}
}
