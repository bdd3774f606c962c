package nested

import (
	"fmt"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// refusing is a filter around creel that answers calls with an error.
func refusing(e unix.Errno, names ...string) harness.Mutate {
	return func(s *specs.Spec) {
		s.Linux.Seccomp = &specs.LinuxSeccomp{DefaultAction: specs.ActAllow, Syscalls: []specs.LinuxSyscall{
			{Names: names, Action: specs.ActErrno, ErrnoRet: harness.Ptr(uint(e))},
		}}
	}
}

// The answers of filters to what they do not know: of older engines, and of newer ones.
var answers = map[string]unix.Errno{"EPERM": unix.EPERM, "ENOSYS": unix.ENOSYS}

// replaceable are the newer calls that creel makes and has something in the place of.
var replaceable = []string{"clone3", "close_range", "faccessat2", "mount_setattr"}

// unneeded are calls that nothing in life asks for.
var unneeded = strings.Fields(`cachestat epoll_pwait2 fchmodat2 fspick io_uring_setup io_uring_enter io_uring_register keyctl landlock_create_ruleset
	landlock_add_rule landlock_restrict_self listmount lsm_get_self_attr lsm_set_self_attr map_shadow_stack memfd_secret mseal open_tree_attr
	pidfd_getfd process_madvise process_mrelease quotactl_fd rseq set_mempolicy_home_node statmount userfaultfd`)

// needed are those that creel cannot do without.
var needed = strings.Fields("fsconfig fsmount fsopen memfd_create move_mount open_tree openat2 statx")

func TestContainersLiveBehindAFilterThatRefusesNewerCalls(t *testing.T) {
	for answer, e := range answers {
		for _, names := range append(each(replaceable), replaceable, unneeded, append(replaceable, unneeded...)) {
			for name, mutate := range map[string]harness.Mutate{"default": func(*specs.Spec) {}, "user namespace": harness.UserNS(0, 65536)} {
				t.Run(fmt.Sprintf("%s for %s, %s", answer, summary(names), name), func(t *testing.T) {
					h := harness.New(t)
					root := outer(h)
					bundle(h, root, "inner", speak, mutate, hooks)
					sleeper(h, root, mutate)
					r := h.Run(h.Bundle(privileged(root), refusing(e, names...), harness.Script(life)))
					if r.Status != 0 || r.Stdout != lived || r.Stderr != "" {
						t.Error(r)
					}
				})
			}
		}
	}
}

// hooks run in the container, and so are started by init.
func hooks(s *specs.Spec) {
	hook := []specs.Hook{{Path: "/bin/true"}}
	s.Hooks = &specs.Hooks{CreateRuntime: hook, CreateContainer: hook, StartContainer: hook}
}

func TestACallThatCreelNeedsAndAFilterRefusesIsNamed(t *testing.T) {
	for answer, e := range answers {
		for _, names := range append(each(needed), needed) {
			t.Run(answer+" for "+summary(names), func(t *testing.T) {
				h := harness.New(t)
				root := outer(h)
				bundle(h, root, "inner", speak)
				r := h.Run(h.Bundle(privileged(root), refusing(e, names...), harness.Script("creel run --bundle /inner web; status=$?; creel list --quiet; find /sys/fs/cgroup -name web; exit $status")))
				want := "a seccomp filter around creel refuses " + strings.Join(names, ", ") + ": "
				h.Fails(r, want, e.Error())
				if r.Stdout != "" || strings.Count(r.Stderr, "\n") != 1 {
					t.Errorf("left something, or said more: %s", r)
				}
			})
		}
	}
}

func TestSignalsThatAFilterRefusesAreNamed(t *testing.T) {
	for answer, e := range answers {
		for _, name := range []string{"pidfd_open", "pidfd_send_signal"} {
			t.Run(answer+" for "+name, func(t *testing.T) {
				h := harness.New(t)
				root := outer(h)
				sleeper(h, root)
				r := h.Run(h.Bundle(privileged(root), refusing(e, name), harness.Script(`creel run --detach --bundle /sleeper web </dev/null >/dev/null 2>&1
					creel kill web TERM; kill -KILL $(creel state web | sed -n 's/.*"pid": \([0-9]*\).*/\1/p'); creel delete web`)))
				has := "refuses " + name + ": " + e.Error()
				if !contains(r.Stderr, has) {
					t.Errorf("%s\nwithout %q", r, has)
				}
			})
		}
	}
}

// What the kernel refuses by itself is not blamed on a filter that has nothing to do with it.
func TestAnErrorThatIsNotTheFiltersIsNotBlamedOnIt(t *testing.T) {
	h := harness.New(t)
	root := outer(h)
	bundle(h, root, "inner", speak)
	r := h.Run(h.Bundle(privileged(root), harness.Caps("CAP_SYS_CHROOT"), refusing(unix.EPERM, unneeded...), harness.Script("creel run --bundle /inner web")))
	h.Fails(r, "operation not permitted")
	if contains(r.Stderr, "filter") {
		t.Error(r)
	}
}

func each(names []string) (lists [][]string) {
	for _, name := range names {
		lists = append(lists, []string{name})
	}
	return lists
}

func summary(names []string) string {
	if len(names) == 1 {
		return names[0]
	}
	return fmt.Sprintf("%s and %d others", names[0], len(names)-1)
}
