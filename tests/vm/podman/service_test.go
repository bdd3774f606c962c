package podman

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/engines"
	"github.com/creel-project/creel/tests/harness"
)

// A service is one that Podman's generator makes of a file (podman-systemd.unit(5)).
type service struct {
	account
	*harness.H
	name string
}

// service installs a file, which is taken away when the test ends.
func (a account) service(h *harness.H, name, text string) *service {
	h.Helper()
	s := &service{a, h, name}
	file := filepath.Join(a.units, name+".container")
	h.WriteFile(file, text, 0o644)
	h.Host("chown -R --reference=" + userHome + " " + userHome)
	s.ctl("daemon-reload")
	h.Cleanup(func() {
		h.Must(os.Remove(file))
		s.ctl("stop", s.unit())
		s.ctl("daemon-reload")
		a.podman(h, "rm", "--force", "--time=0", "--ignore", "systemd-"+name)
		if len(a.words) > 0 {
			a.podman(h, "system", "migrate")
		}
	})
	return s
}

func (s *service) unit() string { return s.name + ".service" }

// ctl asks the account's systemd, whose journal says why it did not do something.
func (s *service) ctl(args ...string) string {
	s.Helper()
	words := append(append(append([]string{}, s.words...), s.systemctl...), args...)
	r := s.Program(words[0], words[1:]...)
	if r.Status != 0 {
		s.Fatalf("%s\n%s", r, s.Host("journalctl --no-pager --lines=40"))
	}
	return strings.TrimRight(r.Stdout, "\n")
}

// is says whether properties of the service are these, and what they are.
func (s *service) is(want ...string) (got []string, ok bool) {
	s.Helper()
	args := []string{"show", s.unit()}
	for _, w := range want {
		name, _, _ := strings.Cut(w, "=")
		args = append(args, "--property="+name)
	}
	got = strings.Split(s.ctl(args...), "\n")
	slices.Sort(got)
	slices.Sort(want)
	return got, slices.Equal(got, want)
}

func (s *service) must(want ...string) {
	s.Helper()
	if got, ok := s.is(want...); !ok {
		s.Errorf("got  %q\nwant %q", got, want)
	}
}

// serves asks the web server in the container.
func (s *service) serves() bool {
	r := s.Program("busybox", "wget", "-q", "-O", "-", "http://127.0.0.1:8080/etc/passwd")
	return r.Status == 0 && strings.HasPrefix(r.Stdout, "root:x:0:0:root:/root:/bin/sh\nuser:")
}

func TestAContainerIsAServiceOfSystemd(t *testing.T) {
	text, err := os.ReadFile("../../../contrib/podman/web.container")
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range []account{root, user} {
		t.Run(a.name, func(t *testing.T) {
			h := harness.New(t)
			s := a.service(h, "web", string(text))
			s.ctl("start", s.unit())
			cgroup := filepath.Join(a.slice, s.unit())
			s.must("Type=notify", "ActiveState=active", "ControlGroup="+cgroup)
			path := a.podman(h, "inspect", "--format={{.State.CgroupPath}} {{.OCIRuntime}}", "systemd-web")
			path, isCreel := strings.CutSuffix(path, " creel")
			if !isCreel || filepath.Dir(path) != cgroup {
				t.Errorf("%s is not creel's in %s", path, cgroup)
			}
			engines.CgroupFiles(h, path, map[string]string{"memory.max": "67108864"})
			h.Eventually("it serves", s.serves)
			s.ctl("stop", s.unit())
			s.must("ActiveState=inactive")
			a.gone(h, cgroup)
		})
	}
}

// The service is ready when the program in its container says so, which comes by way of the runtime, and each time.
func TestAServiceIsReadyWhenItsContainerSaysSoAndIsStartedAgainWhenItFails(t *testing.T) {
	h := harness.New(t)
	self, err := os.Executable()
	h.Must(err)
	s := root.service(h, "ready", "[Container]\nImage="+image+"\nNetwork=none\nNotify=true\nVolume="+self+":/test:ro\nExec=/test notify\n"+
		"[Service]\nRestart=on-failure\nTimeoutStartSec=60\n")
	s.ctl("start", s.unit())
	s.must("StatusText=in the container")
	root.podman(h, "kill", "systemd-ready")
	h.Eventually("systemd has started it again", func() bool {
		_, ok := s.is("NRestarts=1", "ActiveState=active", "StatusText=in the container")
		return ok
	})
	s.ctl("stop", s.unit())
	root.gone(h, "/system.slice/ready.service")
}
