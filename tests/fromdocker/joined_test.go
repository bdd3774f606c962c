package fromdocker

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/engines"
)

// look tells the namespaces that are shared, a file in the shared memory, and who is the first process.
const look = "for n in pid ipc net; do readlink /proc/self/ns/$n; done; cat /dev/shm/note; cat /proc/1/comm"

func TestAContainerJoinsOneThatRunsUnderDocker(t *testing.T) {
	modern(t)
	engines.Differs(t, "crun", "it answers \"unshare: Invalid argument\"")
	h := engines.New(t)
	base, joined := h.ID(), h.ID()
	h.Cleanup(func() { h.Must(docker.Do("rm", "--force", "--volumes", joined, base)) })
	h.Must(docker.Do("run", "--detach", "--name", base, "--ipc", "shareable", image, "sh", "-c", "echo shared >/dev/shm/note; exec httpd -f -p 80"))
	h.Eventually("the note is written", func() bool { return docker.Do("exec", base, "cat", "/dev/shm/note") == nil })
	h.Must(docker.Do("create", "--name", joined, "--pid", "container:"+base, "--ipc", "container:"+base, "--network", "container:"+base,
		"--volumes-from", base, image, "sh", "-c", look))
	under, err := docker.Command("start", "--attach", joined).Output()
	h.Must(err)

	bundle := h.Path("bundle")
	h.Must(os.Mkdir(bundle, 0o755))
	h.Ok(h.Program(creelBundle(h), "rootfs", "--host", docker.Host(), "docker:"+joined, filepath.Join(bundle, "rootfs")))
	r := h.Ok(h.Program(creelBundle(h), "from-docker", "--host", docker.Host(), "--output", bundle, joined))
	if strings.Contains(r.Stderr, "Mode is not expressed") {
		t.Error(r.Stderr)
	}
	if got := h.Ok(h.Run(bundle)).Stdout; got != string(under) || !strings.HasSuffix(got, "shared\nhttpd\n") {
		t.Errorf("under creel it says %q, under Docker %q", got, under)
	}
}
