package podman

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/creel-project/creel/tests/engines"
	"github.com/creel-project/creel/tests/harness"
)

func TestFilesAreCopiedBothWays(t *testing.T) {
	h := engines.New(t)
	background(h, "box", image, "sleep", "1000")
	h.WriteFile(h.Path("there"), "content\n", 0o640)
	podman(h, "cp", h.Path("there"), "box:/tmp/there")
	expect(h, podman(h, "exec", "box", "cat", "/tmp/there"), "content")
	podman(h, "cp", "box:/tmp/there", h.Path("back"))
	expect(h, h.Host("cat "+h.Path("back")), "content\n")
	expect(h, podman(h, "diff", "box"), "C /etc\nC /tmp\nA /tmp/there")
}

func TestACommittedContainerIsAnImage(t *testing.T) {
	h := engines.New(t)
	background(h, "box", image, "sleep", "1000")
	podman(h, "exec", "box", "sh", "-c", "echo kept >/kept")
	podman(h, "commit", "--quiet", "--change=CMD cat /kept", "box", "localhost/committed")
	defer podman(h, "rmi", "localhost/committed")
	expect(h, podman(h, "run", "--rm", "--network=none", "localhost/committed"), "kept")
}

const containerfile = `FROM scratch
ADD rootfs.tar /
ENV A=built
RUN echo $A >/made && id -u >>/made
RUN --mount=type=tmpfs,target=/t grep -c ' /t tmpfs' /proc/mounts >>/made
USER 1000
RUN id -u >>/tmp/user
CMD ["cat", "/made", "/tmp/user"]
`

// build runs podman build with limits that the machine can set: by itself, Podman 5 asks for more than the tests may have.
func build(h *harness.H, args ...string) harness.Result {
	h.Helper()
	return h.Program("podman", append([]string{"build", "--quiet", "--ulimit=nofile=1024:1024", "--ulimit=nproc=4096:4096"}, args...)...)
}

func TestBuildRunsItsStepsInContainers(t *testing.T) {
	h := engines.New(t)
	h.WriteFile(h.Path("context/Containerfile"), containerfile, 0o644)
	h.Must(engines.Image{Change: openTmp}.Rootfs(h.Path("context/rootfs.tar")))
	args := []string{"--isolation=oci", "--tag=localhost/built", h.Path("context")}
	if harness.Controller("memory") {
		args = append(args, "--memory=64m")
	}
	h.Ok(build(h, args...))
	expect(h, podman(h, "run", "--rm", "--network=none", "localhost/built"), "built\n0\n1\n1000")
	podman(h, "rmi", "localhost/built")
	podman(h, "image", "prune", "--force")
}

func TestAFailedBuildNamesTheStepAndLeavesNothing(t *testing.T) {
	h := engines.New(t)
	h.WriteFile(h.Path("context/Containerfile"), "FROM "+image+"\nRUN exit 9\n", 0o644)
	r := build(h, "--force-rm", h.Path("context"))
	if r.Status != 9 && r.Status != 125 {
		t.Error(r)
	}
	expect(h, podman(h, "ps", "--all", "--external", "--quiet"), "")
}

func TestAnExportedContainerIsATarOfItsFiles(t *testing.T) {
	h := engines.New(t)
	background(h, "box", image, "sh", "-c", "echo x >/made; sleep 1000")
	h.Eventually("the file is there", func() bool { return h.Program("podman", "exec", "box", "test", "-s", "/made").Status == 0 })
	podman(h, "export", "--output="+h.Path("box.tar"), "box")
	expect(h, h.Host("tar xOf "+h.Path("box.tar")+" made"), "x\n")
}

func TestPruneRemovesWhatStopped(t *testing.T) {
	hasPods(t)
	h := engines.New(t)
	podman(h, "run", "--name=done", "--network=none", "--volume=unused:/v", image, "true")
	podman(h, "pod", "create", "--name=idle")
	podman(h, "pod", "start", "idle")
	podman(h, "pod", "stop", "--time=0", "idle")
	podman(h, "network", "create", "idle")
	podman(h, "system", "prune", "--force", "--volumes")
	for _, list := range [][]string{{"ps", "--all", "--quiet"}, {"pod", "ps", "--quiet"}, {"volume", "ls", "--quiet"}} {
		expect(h, podman(h, list...), "")
	}
	expect(h, podman(h, "network", "ls", "--format={{.Name}}"), "podman")
	left, err := filepath.Glob("/run/creel/[^.@]*")
	h.Must(err)
	if len(left) > 0 {
		t.Error(left)
	}
	if _, err := os.Stat("/run/containers/storage"); err != nil {
		t.Error(err)
	}
}
