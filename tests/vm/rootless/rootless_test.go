package rootless

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// subordinate maps root to the user and all others to his subordinate ids.
func subordinate(s *specs.Spec) {
	s.Linux.UIDMappings = []specs.LinuxIDMapping{{HostID: userID, Size: 1}, {ContainerID: 1, HostID: firstSubUID, Size: subIDs}}
	s.Linux.GIDMappings = []specs.LinuxIDMapping{{HostID: userID, Size: 1}, {ContainerID: 1, HostID: firstSubGID, Size: subIDs}}
}

func limits(memory, pids int64) harness.Mutate {
	return func(s *specs.Spec) {
		s.Linux.Resources.Memory = &specs.LinuxMemory{Limit: &memory, Swap: &memory}
		s.Linux.Resources.Pids = &specs.LinuxPids{Limit: &pids}
	}
}

// relative places the container beside the caller's cgroup.
func relative(id string) harness.Mutate {
	return func(s *specs.Spec) { s.Linux.CgroupsPath = id }
}

func TestAnOrdinaryUserMapsTheSubordinateIdsThatTheMachineGrants(t *testing.T) {
	h := harness.New(t)
	b := bundle(h, subordinate, harness.Script("cat /proc/self/uid_map /proc/self/gid_map; id -u; id -G"), func(s *specs.Spec) {
		s.Process.User = specs.User{UID: 33, GID: 44, AdditionalGids: []uint32{55}}
	})
	got := strings.Join(strings.Fields(h.Ok(plain(h, "run", "--bundle", b, h.ID()).Result()).Stdout), " ")
	if want := "0 1000 1 1 200000 65536 0 1000 1 1 300000 65536 33 44 55"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestASecondUsersIdsAreRefused(t *testing.T) {
	h := harness.New(t)
	b := bundle(h, subordinate, func(s *specs.Spec) { s.Linux.UIDMappings[1].HostID += subIDs })
	h.Fails(plain(h, "run", "--bundle", b, h.ID()).Result(), "linux.uidMappings", "newuidmap")
}

func TestWithoutADelegatedCgroupAContainerRunsUnlessItHasLimits(t *testing.T) {
	h := harness.New(t)
	id := h.ID()
	r := h.Ok(plain(h, "run", "--bundle", bundle(h, subordinate, harness.Script("echo up")), id).Result())
	if r.Stdout != "up\n" {
		t.Error(r)
	}
	h.Fails(plain(h, "run", "--bundle", bundle(h, subordinate, limits(32<<20, 20)), h.ID()).Result(), "linux.resources")
}

func TestInADelegatedCgroupLimitsAreInForce(t *testing.T) {
	h := harness.New(t)
	b := bundle(h, subordinate, limits(8<<20, 5), relative(h.ID()),
		harness.Script("(x=a; while :; do x=$x$x; done); echo child $?; (for i in 1 2 3 4 5 6 7; do sleep 1000 & done) 2>&1; echo end"))
	got := h.Ok(delegated(h, "run", "--bundle", b, h.ID()).Result()).Stdout
	for _, want := range []string{"child 137\n", "can't fork: Resource temporarily unavailable", "end\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("it does not say %q, but %q", want, got)
		}
	}
}

func TestTheCgroupLiesBesideTheCallersAndBelongsToTheUser(t *testing.T) {
	h := harness.New(t)
	id := h.ID()
	b := bundle(h, subordinate, limits(32<<20, 20), relative(id), harness.Script("echo up; exec sleep 1000"))
	p := delegated(h, "run", "--bundle", b, id)
	h.Eventually("the container is up", func() bool { return strings.Contains(p.Output(), "up") })
	path := filepath.Join(manager, "app.slice", id)
	for file, want := range map[string]string{"memory.max": "33554432", "memory.swap.max": "0", "pids.max": "20"} {
		if got := h.CgroupFile("", path, file); got != want {
			t.Errorf("%s is %q", file, got)
		}
	}
	var st unix.Stat_t
	h.Must(unix.Stat("/sys/fs/cgroup"+path, &st))
	if st.Uid != userID {
		t.Errorf("user %d owns the cgroup", st.Uid)
	}
	h.Ok(delegated(h, "kill", id, "KILL").Result())
	if r := p.Result(); r.Status != 137 {
		t.Error(r)
	}
	if _, err := os.Stat("/sys/fs/cgroup" + path); err == nil {
		t.Error("the cgroup is left")
	}
}

func TestTheUsersContainerLivesOnWhenHisServiceEnds(t *testing.T) {
	h := harness.New(t)
	id := h.ID()
	b := bundle(h, subordinate, limits(32<<20, 20), relative(id), harness.Sleep)
	h.Ok(delegated(h, "create", "--bundle", b, id).Result())
	h.Ok(delegated(h, "start", id).Result())
	if s := h.State(id); s.Status != "running" || s.Owner != "creeltest" {
		t.Errorf("state %+v", s)
	}
	h.Ok(delegated(h, "delete", "--force", id).Result())
}
