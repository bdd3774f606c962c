package badinput

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// manyMounts mounts n times, in each way that costs operations of its own.
func manyMounts(n int) harness.Mutate {
	return func(s *S) {
		for i := range n {
			switch dest := fmt.Sprintf("/tmp/%d", i); i % 4 {
			case 0:
				harness.Bind("/etc", dest, "ro")(s)
			case 1:
				harness.Mount(specs.Mount{Destination: dest, Type: "tmpfs", Source: "tmpfs", Options: []string{"ro", "size=4k"}})(s)
			case 2:
				harness.Bind("/etc/passwd", dest)(s)
			case 3:
				harness.Mount(specs.Mount{Destination: fmt.Sprintf("/tmp/%d", i-1), Options: []string{"remount", "nosuid"}})(s)
			}
		}
	}
}

// calls counts the system calls of a run, those of init included.
func calls(h *harness.H, mutate ...harness.Mutate) (n int) {
	h.Helper()
	trace := h.Path("trace")
	b := h.Bundle(append([]harness.Mutate{harness.Root(h.OwnRootAt(h.ID()))}, mutate...)...)
	h.Ok(h.Go(func(c *exec.Cmd) {
		c.Args = append([]string{"strace", "-f", "-qq", "-o", trace, c.Path}, c.Args[1:]...)
		c.Path, c.Err = exec.LookPath("strace")
	}, "run", "--bundle", b, h.ID()).Result())
	f, err := os.Open(trace)
	h.Must(err)
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if !strings.Contains(lines.Text(), "futex(") { // Go's own
			n++
		}
	}
	return n
}

func TestFiveThousandMountsTakeCallsInProportion(t *testing.T) {
	h := harness.New(t)
	none := calls(h)
	few, many := calls(h, manyMounts(1250))-none, calls(h, manyMounts(5000))-none
	if few < 1250 || many > few*9/2 {
		t.Errorf("%d calls without, %d more with 1250 mounts, %d more with 5000", none, few, many)
	}
}

func TestFiveHundredMaskedDirectoriesAreOneSuperblock(t *testing.T) {
	for name, m := range map[string]harness.Mutate{"host": func(*S) {}, "user namespace": harness.UserNS(0, 65536)} {
		t.Run(name, func(t *testing.T) {
			h := harness.New(t)
			root := h.OwnRoot()
			var paths []string
			for i := range 500 {
				paths = append(paths, fmt.Sprintf("/secret/%d", i))
				h.WriteFile(root+paths[i]+"/file", "secret", 0o644)
			}
			got := h.Sh("grep ' /secret/' /proc/self/mountinfo; cat /secret/*/* 2>/dev/null | wc -c", harness.Root(root), m,
				func(s *S) { s.Linux.MaskedPaths = append(s.Linux.MaskedPaths, paths...) })
			lines := strings.Split(got, "\n")
			var devices []string
			for _, line := range lines[:len(lines)-1] {
				devices = append(devices, strings.Fields(line)[2])
			}
			if len(devices) != 500 || len(slices.Compact(devices)) != 1 || lines[len(lines)-1] != "0" {
				t.Errorf("%d masks on the devices %v, %s bytes to be read", len(lines)-1, slices.Compact(devices), lines[len(lines)-1])
			}
		})
	}
}

// memory is what a command took at most, in bytes.
func memory(p *harness.Process) int64 {
	return p.ProcessState.SysUsage().(*syscall.Rusage).Maxrss << 10
}

func TestAConfigOfTenMegabytesRuns(t *testing.T) {
	const size = 10 << 20
	for name, m := range map[string]harness.Mutate{
		"annotations": func(s *S) {
			s.Annotations = map[string]string{}
			for i := range size / 100 {
				s.Annotations[fmt.Sprint("annotation.", i)] = strings.Repeat("a", 80)
			}
		},
		"one annotation": func(s *S) { s.Annotations = map[string]string{"a": strings.Repeat("\n", size/2)} },
		"mounts":         manyMounts(size / 140),
		"masked paths": func(s *S) {
			for i := range size / 30 {
				s.Linux.MaskedPaths = append(s.Linux.MaskedPaths, fmt.Sprintf("/not/there/%016d", i))
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := harness.New(t)
			b := h.Bundle(harness.Sleep, harness.Root(h.OwnRoot()), m)
			if st, err := os.Stat(b + "/config.json"); err != nil || st.Size() < size/2 {
				t.Fatalf("%v, %v", st.Size(), err)
			}
			id := h.ID()
			p := h.Go(nil, "run", "--detach", "--bundle", b, id)
			h.Ok(p.Result())
			if used := memory(p); used > 32*size {
				t.Errorf("it took %d MiB", used>>20)
			}
			if s := h.State(id); s.Status != "running" {
				t.Error(s.Status)
			}
			h.Ok(h.Creel("exec", id, "true"))
			h.Ok(h.Creel("delete", "--force", id))
		})
	}
}

func TestAConfigThatNoCommandCouldUseIsRefused(t *testing.T) {
	env := func(n, each int) harness.Mutate {
		return func(s *S) {
			for i := range n {
				s.Process.Env = append(s.Process.Env, fmt.Sprintf("V%d=%s", i, strings.Repeat("v", each)))
			}
		}
	}
	for _, c := range []mistake{
		{"an environment of 10 MB", env(100_000, 100), []string{"process.args[0]", "argument list too long"}},
		{"a variable of 10 MB", env(1, 10<<20), []string{"process.args[0]", "argument list too long"}},
		{"an environment that exec could not read", env(17, 1<<20), []string{"config.json of ", "at most 16777216", "file too large"}},
		{"annotations that no command could read", func(s *S) { s.Annotations = map[string]string{"a": strings.Repeat("a", 17<<20)} },
			[]string{"record of ", "at most 16777216", "file too large"}},
		{"a plan that init does not take", func(s *S) {
			for i := range 700_000 {
				s.Linux.MaskedPaths = append(s.Linux.MaskedPaths, fmt.Sprint("/", i))
			}
		}, []string{"the plan has more than 64 MiB"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := harness.New(t)
			h.Fails(h.Run(h.Bundle(c.mutate)), c.want...)
			if left := h.Containers(); len(left) > 0 {
				t.Errorf("left %v", left)
			}
		})
	}
	h := harness.New(t)
	b := h.Bundle()
	h.Must(os.Truncate(b+"/config.json", 64<<20+1))
	h.Fails(h.Run(b), "config.json", "at most 67108864", "file too large")
}

func TestAThousandRulesForDevicesAreInForce(t *testing.T) {
	h := harness.New(t)
	got := h.Sh("for d in a b; do head -c 1 /dev/$d >/dev/null 2>&1 && echo $d; done; true", func(s *S) {
		for i := range int64(1000) {
			s.Linux.Resources.Devices = append(s.Linux.Resources.Devices,
				specs.LinuxDeviceCgroup{Allow: true, Type: "c", Major: harness.Ptr(200 + i%300), Minor: harness.Ptr(i), Access: "rwm"})
		}
		s.Linux.Resources.Devices = append(s.Linux.Resources.Devices, specs.LinuxDeviceCgroup{Allow: true, Type: "c", Major: harness.Ptr(int64(1)), Minor: harness.Ptr(int64(5)), Access: "rm"})
		s.Linux.Devices = []specs.LinuxDevice{{Path: "/dev/a", Type: "c", Major: 1, Minor: 5}, {Path: "/dev/b", Type: "c", Major: 1, Minor: 11}}
	})
	if got != "a" { // b is the kernel's log
		t.Errorf("it could read %q", got)
	}
}
