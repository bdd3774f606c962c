package engines

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestMain(m *testing.M) { os.Exit(Main(m, World{Overlays: []string{"/etc"}})) }

func TestTheRuntimeUnderTestIsTheFirstRuncInPath(t *testing.T) {
	path, err := exec.LookPath("runc")
	if err != nil {
		t.Fatal(err)
	}
	path, err = filepath.EvalSymlinks(path)
	want, _ := filepath.EvalSymlinks(Runtime())
	if err != nil || path != want {
		t.Errorf("%s, %v, want %s", path, err, want)
	}
}

func TestADaemonThatIsNeverReadyIsKilledAndItsLogShown(t *testing.T) {
	New(t)
	defer func(p time.Duration) { patience = p }(patience)
	patience = 200 * time.Millisecond
	_, err := StartDaemon("stubborn", func() error { return errors.New("no answer") }, nil, "sh", "-c", "echo here I am; trap '' TERM; while :; do sleep 0.05; done")
	if err == nil || !strings.Contains(err.Error(), "no answer") || !strings.Contains(err.Error(), "here I am") {
		t.Error(err)
	}
	if len(daemons) != 0 {
		t.Error(daemons)
	}
}

func TestADaemonThatEndsIsNotWaitedFor(t *testing.T) {
	New(t)
	_, err := StartDaemon("brief", func() error { return errors.New("no answer") }, nil, "sh", "-c", "exit 3")
	if err == nil || !strings.Contains(err.Error(), "it ended: exit status 3") {
		t.Error(err)
	}
}

func TestADaemonStartsAndStops(t *testing.T) {
	h := New(t)
	up := h.Path("up")
	d, err := StartDaemon("good", func() error { _, err := os.Stat(up); return err }, nil, "sh", "-c", "trap 'exit 0' TERM; touch "+up+"; while :; do sleep 0.02; done")
	h.Must(err)
	h.Must(d.Signal(syscall.SIGCONT))
	h.Must(d.Stop())
}

func TestChangesInAnOverlayStayInTheWorld(t *testing.T) {
	if err := os.WriteFile("/etc/creel-test-engines", nil, 0o644); err != nil {
		t.Error(err)
	}
}

func TestAnImageIsADockerArchiveAndAnOCILayout(t *testing.T) {
	path := Path("image.tar")
	if err := (Image{Name: "docker.io/library/busybox:test", Cmd: []string{"sh"}}).Archive(path); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("tar", "tf", path).CombinedOutput()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"oci-layout", "index.json", "manifest.json"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("no %s in %s", want, out)
		}
	}
}

func TestVersionsAreComparedByTheirNumbers(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{{"1.6.20", "2.0", true}, {"2.0.1", "2.0", false}, {"2.0", "2.0", false}, {"5.10.1", "5.9", false}, {"2", "2.0", true}} {
		if got := older(c.a, c.b); got != c.want {
			t.Errorf("%s is older than %s: %t", c.a, c.b, got)
		}
	}
}

func TestSharesBecomeTheWeightsOfOldAndNewRuntimes(t *testing.T) {
	for shares, want := range map[float64]string{2: "1 1", 512: "20 59", 1024: "39 100", 262144: "10000 10000"} {
		if got := strings.Join(weights(shares), " "); got != want {
			t.Errorf("%g: %s, want %s", shares, got, want)
		}
	}
}
