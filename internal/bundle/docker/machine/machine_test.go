package machine

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"

	"github.com/creel-project/creel/internal/mountinfo"
	"golang.org/x/sys/unix"
)

func must(t *testing.T, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestAPartOfAVolumeIsInIt(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	must(t, err)
	must(t, os.MkdirAll(dir+"/v/a/b", 0o755), os.Symlink("a", dir+"/v/link"), os.Symlink("/etc", dir+"/v/out"), os.Symlink("../..", dir+"/v/a/up"))
	m := &Machine{}
	for _, sub := range []string{"a/b", "link/b"} {
		if got, err := m.Below(dir+"/v", sub); got != dir+"/v/a/b" || err != nil {
			t.Errorf("%s is %s, %v", sub, got, err)
		}
	}
	for _, sub := range []string{"..", "out", "a/up", "/etc", "none", ""} {
		if got, err := m.Below(dir+"/v", sub); err == nil {
			t.Errorf("%q is %s", sub, got)
		}
	}
}

func TestDevicesHaveTheirNumbers(t *testing.T) {
	m := &Machine{}
	dir := t.TempDir()
	must(t, os.Symlink("/dev/null", dir+"/link"), os.WriteFile(dir+"/file", nil, 0o644))
	d, err := m.Devices(dir + "/link")
	must(t, err)
	if len(d) != 1 || d[0].Path != dir+"/link" || d[0].Type != "c" || d[0].Major != 1 || d[0].Minor != 3 || d[0].Mode != 0o666 {
		t.Errorf("/dev/null is %+v", d)
	}
	if _, err := m.Devices(dir + "/file"); err == nil || !strings.Contains(err.Error(), "it is neither a device nor a directory") {
		t.Errorf("a file: %v", err)
	}
	if _, err := m.Devices(dir + "/none"); err == nil {
		t.Error("what is not there is no device")
	}
	if d, err := m.Devices(dir); err != nil || len(d) != 0 {
		t.Errorf("a directory without devices has %v, %v", d, err)
	}
	d, err = m.Devices("/dev")
	must(t, err)
	found := false
	for _, one := range d {
		found = found || one.Path == "/dev/null" && one.Minor == 3
	}
	if !found {
		t.Errorf("/dev/null is not among %v", d)
	}
	if _, _, err := m.BlockDevice("/dev/null"); err == nil {
		t.Error("/dev/null is no block device")
	}
}

func TestContainersAreKnownByTheirNames(t *testing.T) {
	m := &Machine{Pids: map[string]int{"a": 5}}
	if pid, err := m.Process("a"); pid != 5 || err != nil {
		t.Errorf("a is %d, %v", pid, err)
	}
	if _, err := m.Process("b"); err == nil || !strings.Contains(err.Error(), "--join b=PID") {
		t.Errorf("b: %v", err)
	}
}

func TestSharedMemoryIsFoundWhereTheHostHasIt(t *testing.T) {
	m := &Machine{}
	mounts, err := mountsOf("self")
	must(t, err)
	if !slices.ContainsFunc(mounts, func(m mountinfo.Mount) bool { return m.Point == "/dev/shm" }) {
		t.Skip("nothing is mounted at /dev/shm")
	}
	if dir, err := m.SharedMemory(os.Getpid()); dir != "/dev/shm" || err != nil {
		t.Errorf("this process has it at %s, %v", dir, err)
	}
	if dir, err := m.SharedMemory(-1); err == nil {
		t.Errorf("no process has it at %s", dir)
	}
}

func TestTheKernelHasCapabilities(t *testing.T) {
	f, err := (&Machine{}).Facts("/i")
	must(t, err)
	if f.Init != "/i" || !slices.Contains(f.Capabilities, "CAP_CHOWN") || f.Capabilities[21] != "CAP_SYS_ADMIN" || f.Capabilities[31] != "CAP_SETFCAP" {
		t.Errorf("the facts are %+v", f)
	}
}

func TestCDIChangesTheConfig(t *testing.T) {
	dir := t.TempDir()
	must(t, os.WriteFile(dir+"/lab.json", []byte(`{"cdiVersion":"0.7.0","kind":"example.org/lab","devices":[{"name":"null","containerEdits":{
		"deviceNodes":[{"path":"/dev/lab","hostPath":"/dev/null"}],"env":["LAB=1"],"mounts":[{"hostPath":"/lab","containerPath":"/lab"}],
		"hooks":[{"hookName":"createContainer","path":"/bin/lab"}],"additionalGids":[7]}}]}`), 0o644))
	m := &Machine{CDIDirs: []string{dir}}
	s := &specs.Spec{Process: &specs.Process{}, Linux: &specs.Linux{}}
	must(t, m.InjectCDI(s, []string{"example.org/lab=null"}))
	if len(s.Linux.Devices) != 1 || s.Linux.Devices[0].Path != "/dev/lab" || s.Linux.Devices[0].Minor != 3 || !slices.Equal(s.Process.Env, []string{"LAB=1"}) ||
		len(s.Mounts) != 1 || len(s.Hooks.CreateContainer) != 1 || !slices.Equal(s.Process.User.AdditionalGids, []uint32{7}) {
		t.Errorf("the config is %+v %+v", s.Process, s.Linux)
	}
	must(t, os.WriteFile(dir+"/broken.json", []byte(`{`), 0o644))
	if err := m.InjectCDI(s, []string{"example.org/none=x"}); err == nil || !strings.Contains(err.Error(), "example.org/none=x") || !strings.Contains(err.Error(), "broken.json") {
		t.Errorf("the error is %v", err)
	}
}

func TestNameServersAreReadOfAFileOfBearableLengthOnly(t *testing.T) {
	dir := t.TempDir()
	right, long, fifo := dir+"/right", dir+"/long", dir+"/fifo"
	must(t, os.WriteFile(right, []byte("nameserver 192.0.2.1\n"), 0o600), os.WriteFile(long, []byte("nameserver 192.0.2.1\n"), 0o600), os.Truncate(long, 2<<20), unix.Mkfifo(fifo, 0o600))
	m := &Machine{}
	if got := m.NameServers(right); !slices.Equal(got, []string{"192.0.2.1"}) {
		t.Errorf("%q", got)
	}
	for _, path := range []string{long, fifo, dir} {
		if got := m.NameServers(path); got != nil {
			t.Errorf("%s: %q", path, got)
		}
	}
}
