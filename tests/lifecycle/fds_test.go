package lifecycle

import (
	"os"
	"os/exec"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// listFDs shows the open files of the process; the last one is the listing's own.
var listFDs = harness.Args("/bin/ls", "-1", "/proc/self/fd")

const onlyStdio = "0\n1\n2\n3\n"

// extra opens files that a careless caller leaves to creel.
func extra(h *harness.H, n int) func(*exec.Cmd) {
	h.Helper()
	return func(c *exec.Cmd) {
		for i := range n {
			path := h.Path("extra" + string(rune('0'+i)))
			h.WriteFile(path, "file "+string(rune('0'+i))+"\n", 0o644)
			f, err := os.Open(path)
			h.Must(err)
			h.Cleanup(func() { f.Close() })
			c.ExtraFiles = append(c.ExtraFiles, f)
		}
	}
}

func idMapped(s *specs.Spec) {
	m := &s.Mounts[len(s.Mounts)-1]
	m.UIDMappings = []specs.LinuxIDMapping{{ContainerID: 0, HostID: 1000, Size: 1000}}
	m.GIDMappings = m.UIDMappings
}

func withoutMount(mounts []specs.Mount, destination string) (kept []specs.Mount) {
	for _, m := range mounts {
		if m.Destination != destination {
			kept = append(kept, m)
		}
	}
	return kept
}

func TestPreservedFilesKeepTheirNumbers(t *testing.T) {
	h := harness.New(t)
	script := harness.Script("ls -1 /proc/self/fd; cat <&3; cat <&4")
	r := h.Ok(h.Go(extra(h, 3), "run", "--preserve-fds", "2", "--bundle", h.Bundle(script), h.ID()).Result())
	expect(t, r.Stdout, "0\n1\n2\n3\n4\n5\nfile 0\nfile 1\n")
}

func TestPreservedFilesStayFromCreateToStart(t *testing.T) {
	h := harness.New(t)
	id := h.ID()
	c := h.Go(extra(h, 1), "create", "--preserve-fds", "1", "--bundle", h.Bundle(harness.Script("cat <&3")), id)
	h.Ok(c.Result())
	h.Ok(h.Creel("start", id))
	h.WaitFor(id, "stopped")
	expect(t, c.Output(), "file 0\n")
}

// passing gives a command these variables of sd_listen_fds(3), in which $$ is its pid.
func passing(env string) func(*exec.Cmd) {
	return func(c *exec.Cmd) {
		c.Args = append([]string{"sh", "-c", "export " + env + `; exec "$0" "$@"`, c.Path}, c.Args[1:]...)
		c.Path, c.Err = exec.LookPath("sh")
	}
}

// listen runs a container with these variables and n open files.
func listen(h *harness.H, env string, n int, b string, flags ...string) harness.Result {
	h.Helper()
	return h.Go(func(c *exec.Cmd) {
		extra(h, n)(c)
		passing(env)(c)
	}, append(append([]string{"run", "--bundle", b}, flags...), h.ID())...).Result()
}

func TestSocketsOfAServiceManagerArePassedOn(t *testing.T) {
	h := harness.New(t)
	b := h.Bundle(harness.Script("ls -1 /proc/self/fd; echo $LISTEN_FDS $LISTEN_PID $$ ${LISTEN_FDNAMES-none}; cat <&5"))
	r := h.Ok(listen(h, "LISTEN_FDS=2 LISTEN_PID=$$ LISTEN_FDNAMES=a:b", 4, b, "--preserve-fds", "1"))
	expect(t, r.Stdout, "0\n1\n2\n3\n4\n5\n6\n2 1 1 none\nfile 2\n") // names are for the config to set, as with runc
}

func TestSocketsForAnotherProcessAreNotPassedOn(t *testing.T) {
	for _, env := range []string{
		"LISTEN_FDS=1 LISTEN_PID=1", "LISTEN_FDS=1 LISTEN_PID=$PPID", "LISTEN_FDS=1 LISTEN_PID=", "LISTEN_FDS=1 LISTEN_PID=${$}x",
		"LISTEN_FDS=1", "LISTEN_FDS=many LISTEN_PID=1", "LISTEN_FDS=0 LISTEN_PID=$$", "LISTEN_FDS= LISTEN_PID=$$", "LISTEN_PID=$$",
	} {
		t.Run(env, func(t *testing.T) {
			h := harness.New(t)
			b := h.Bundle(harness.Script("ls -1 /proc/self/fd; echo ${LISTEN_FDS-none} ${LISTEN_PID-none}"))
			expect(t, h.Ok(listen(h, env, 1, b)).Stdout, onlyStdio+"none none\n")
			expect(t, h.Ok(listen(h, env, 2, b, "--preserve-fds", "1")).Stdout, "0\n1\n2\n3\n4\nnone none\n")
		})
	}
}

func TestAllHundredPreservedFilesArrive(t *testing.T) {
	h := harness.New(t)
	r := h.Ok(h.Go(func(c *exec.Cmd) {
		for range 300 {
			f, err := os.Open("/dev/null")
			h.Must(err)
			h.Cleanup(func() { f.Close() })
			c.ExtraFiles = append(c.ExtraFiles, f)
		}
	}, "run", "--preserve-fds", "300", "--bundle", h.Bundle(harness.Script("ls -1 /proc/self/fd | wc -l")), h.ID()).Result())
	expect(t, r.Stdout, "304\n")
}
