package spec

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

func TestTheDefaultConfigsAreWithoutMistakes(t *testing.T) {
	bundle := bundleForTests(t)
	for _, rootless := range []bool{false, true} {
		warnings, err := Validate(Default(rootless), bundle)
		if err != nil || len(warnings) > 0 {
			t.Errorf("rootless %v: %v, %v", rootless, err, warnings)
		}
	}
}

// The configs of other runtimes and of the specification's text; the latter has some
// limits that only its machine can have, and namespaces without their maps.
func TestConfigsOfOtherToolsAreAccepted(t *testing.T) {
	bundle := bundleForTests(t)
	for _, name := range []string{"default.json", "rootless.json", "crun.json", "seccomp.json"} {
		text, err := os.ReadFile(filepath.Join("../internal/lazyjson/testdata/configs", name))
		if err != nil {
			t.Fatal(err)
		}
		s, err := Decode(text)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if _, err := Validate(s, bundle); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAllMistakesOfAConfigAreReportedTogether(t *testing.T) {
	s := &specs.Spec{Linux: &specs.Linux{Namespaces: []specs.LinuxNamespace{{Type: "x"}}, RootfsPropagation: "y"}}
	_, err := Validate(s, t.TempDir())
	if err == nil {
		t.Fatal("accepted")
	}
	lines := strings.Split(err.Error(), "\n")
	for i, field := range []string{"ociVersion: ", "process: ", "root: ", "linux.namespaces[0].type: ", "linux.rootfsPropagation: "} {
		if i >= len(lines) || !strings.HasPrefix(lines[i], field) {
			t.Fatalf("line %d should be about %s: %v", i, field, err)
		}
	}
}

func TestAConfigWithoutALinuxSectionIsJudged(t *testing.T) {
	s := changed(t, `{"linux":null}`)
	if _, err := Validate(s, bundleForTests(t)); err != nil {
		t.Error(err)
	}
}

func TestAMapHas340RangesAndAPageOfTextAtMost(t *testing.T) {
	judge := func(n int, far uint32) error {
		s := changed(t, `{"linux":{"namespaces":[{"type":"user"},{"type":"mount"}],"gidMappings":[{"size":1}]}}`)
		for i := range uint32(n) {
			s.Linux.UIDMappings = append(s.Linux.UIDMappings, specs.LinuxIDMapping{ContainerID: i, HostID: far + i, Size: 1})
		}
		_, err := Validate(s, bundleForTests(t))
		return err
	}
	if err := judge(340, 0); err != nil {
		t.Errorf("340 ranges: %v", err)
	}
	if err := judge(341, 0); err == nil || err.Error() != "linux.uidMappings: 341 ranges are more than the 340 that the kernel takes" {
		t.Errorf("341 ranges: %v", err)
	}
	want := fmt.Sprintf(" bytes of text are more than the page (%d) that the kernel takes", os.Getpagesize())
	if err := judge(340, 1000000000); os.Getpagesize() == 4096 && (err == nil || !strings.HasSuffix(err.Error(), want)) {
		t.Errorf("340 long ranges: %v", err)
	}
}

func TestAProcessHas65536GroupsAtMost(t *testing.T) {
	s := changed(t, `{}`)
	s.Process.User.AdditionalGids = make([]uint32, 65536)
	bundle := bundleForTests(t)
	if _, err := Validate(s, bundle); err != nil {
		t.Error(err)
	}
	s.Process.User.AdditionalGids = make([]uint32, 65537)
	if _, err := Validate(s, bundle); err == nil {
		t.Error("65537 groups were accepted")
	}
}

func TestLimitsAreJudgedAloneForAnUpdate(t *testing.T) {
	n := int64(-2)
	err := ValidateResources(&specs.LinuxResources{Pids: &specs.LinuxPids{Limit: &n}}, "resources")
	if err == nil || err.Error() != "resources.pids.limit: -2 is not a number of tasks, nor -1 for no limit" {
		t.Errorf("got %v", err)
	}
	swap := int64(4096)
	if err := ValidateResources(&specs.LinuxResources{Memory: &specs.LinuxMemory{Swap: &swap}}, "resources"); err != nil {
		t.Errorf("swap alone, for a container that has a limit: %v", err)
	}
}

// A plan can be asked for by somebody who may not see what the container will use.
func TestWhatTheCallerMayNotLookAtIsLeftForLater(t *testing.T) {
	bundle := bundleForTests(t)
	closed := filepath.Join(bundle, "closed")
	if err := os.MkdirAll(filepath.Join(closed, "rootfs"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(closed, 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Chmod(closed, 0o755) })
	s := changed(t, `{"root":{"path":"closed/rootfs"},"linux":{"namespaces":[{"type":"network","path":"`+closed+`/net"}]}}`)
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread, without its privileges, ends here
		if _, _, errno := unix.RawSyscall(unix.SYS_SETRESUID, 65534, 65534, 65534); errno != 0 && os.Geteuid() == 0 {
			done <- errno
			return
		}
		_, err := Validate(s, bundle)
		done <- err
	}()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// FuzzValidate looks for a config that makes judging it fail by itself.
func FuzzValidate(f *testing.F) {
	f.Add([]byte(base))
	for _, rootless := range []bool{false, true} {
		text, err := Render(Default(rootless))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	every, err := os.ReadFile("../internal/lazyjson/testdata/configs/every-field.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(every)
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := Decode(text)
		if err != nil {
			return
		}
		warnings, err := Validate(s, "/nonexistent")
		for _, w := range warnings {
			if w == "" {
				t.Error("an empty warning")
			}
		}
		if err == nil && s.Root.Path == "" {
			t.Error("a config without a root was accepted")
		}
	})
}

func BenchmarkValidate(b *testing.B) {
	bundle := b.TempDir()
	if err := os.Mkdir(filepath.Join(bundle, "rootfs"), 0o755); err != nil {
		b.Fatal(err)
	}
	text, err := os.ReadFile("../internal/lazyjson/testdata/configs/seccomp.json")
	if err != nil {
		b.Fatal(err)
	}
	profile, err := Decode(text)
	if err != nil {
		b.Fatal(err)
	}
	for name, s := range map[string]*specs.Spec{"default": Default(false), "seccomp": profile} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Validate(s, bundle); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
