package fromdocker

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/creel-project/creel/tests/engines"
	"github.com/creel-project/creel/tests/harness"
)

// options are what people write, twenty of them and more.
const options = `--publish 127.0.0.1:8080:80 --hostname web.example --user www --group-add 3000 --env A=1 --env B=two --memory 64m
	--memory-swap 96m --cpus 0.5 --cpu-shares 512 --cpuset-cpus 0 --pids-limit 50 --ulimit nofile=100:200 --ulimit core=0 --read-only
	--tmpfs /tmp:size=1m,mode=1777 --cap-drop ALL --cap-add NET_BIND_SERVICE --security-opt no-new-privileges --shm-size 5m
	--oom-score-adj 300 --sysctl net.ipv4.ip_local_port_range=20000\t30000 --sysctl kernel.msgmax=4096 --device /dev/fuse --label a=b
	--dns 192.0.2.53 --stop-timeout 1`

// flags splits options as a shell does, and adds volumes.
func flags(h *harness.H) []string {
	list := strings.Fields(options)
	for i := range list {
		list[i] = strings.ReplaceAll(list[i], `\t`, "\t")
	}
	dir := h.Path("host")
	h.Must(os.Mkdir(dir, 0o755))
	return append(list, "--volume", dir+":/host:ro", "--volume", "kept:/data")
}

// get returns what an address answers.
func get(url string) (string, error) {
	client := http.Client{Timeout: 5 * time.Second}
	r, err := client.Get(url)
	if err != nil {
		return "", err
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err == nil && r.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s", r.Status)
	}
	return string(text), err
}

// serves waits until the web server answers.
func serves(h *harness.H) {
	h.Helper()
	var text string
	h.Eventually("the web server answers on 127.0.0.1:8080", func() bool {
		text, _ = get("http://127.0.0.1:8080/")
		return text == "hello from busybox\n"
	})
}

func TestAContainerOfDockersIsTheSameUnderCreel(t *testing.T) {
	for name, ids := range map[string]struct{ rootfs, config []string }{
		"with shifted ids":        {[]string{"--userns", "100000:65536"}, []string{"--userns", "100000:65536"}},
		"with an id-mapped root":  {[]string{"--idmap"}, []string{"--userns", "100000:65536", "--idmap"}},
		"without user namespaces": {},
	} {
		t.Run(name, func(t *testing.T) { story(t, ids.rootfs, ids.config) })
	}
}

// story takes a container from Docker to creel, with these flags of rootfs and from-docker.
func story(t *testing.T, rootfsFlags, configFlags []string) {
	modern(t)
	if slices.Contains(configFlags, "--idmap") {
		engines.Differs(t, "runc", "it mounts nothing on /")
		engines.Differs(t, "crun", "it mounts nothing on /")
	} else if len(configFlags) > 0 {
		engines.Differs(t, "runc", "it masks files with the host's null device")
	}
	h := engines.New(t)
	name := h.ID()
	ok := func(args ...string) string {
		h.Helper()
		return h.Ok(h.Program("docker", append([]string{"--host", docker.Host()}, args...)...)).Stdout
	}
	h.Cleanup(func() { h.Must(docker.Do("rm", "--force", "--volumes", name)); _ = docker.Do("volume", "rm", "kept") })
	ok(append(append([]string{"run", "--detach", "--name", name}, flags(h)...), image)...)
	serves(h)
	underDocker := ok("exec", "--user", "root", name, "facts")

	bundle := h.Path("bundle")
	h.Must(os.Mkdir(bundle, 0o755))
	companion := func(command string, flags []string, args ...string) {
		h.Helper()
		h.Ok(h.Program(creelBundle(h), slices.Concat([]string{command, "--host", docker.Host()}, flags, args)...))
	}
	companion("rootfs", rootfsFlags, "docker:"+name, filepath.Join(bundle, "rootfs"))
	companion("from-docker", configFlags, "--network", "netns", "--output", bundle, name)
	ok("stop", name)
	if text, err := get("http://127.0.0.1:8080/"); err == nil {
		t.Fatalf("somebody answers when the container is stopped: %q", text)
	}

	c := h.Started(bundle)
	serves(h)
	compare(t, underDocker, h.Ok(h.Creel("exec", "--user", "0:0", c.ID, "facts")).Stdout, differences(len(configFlags) > 0)...)
	h.Ok(h.Creel("kill", c.ID, "KILL"))
	h.WaitFor(c.ID, "stopped")
	h.Ok(h.Creel("delete", c.ID))
	if text, err := get("http://127.0.0.1:8080/"); err == nil {
		t.Errorf("somebody answers when the container is deleted: %q", text)
	}
}

// differences are those that are meant to be.
func differences(userns bool) []string {
	known := []string{"mount / "} // a directory in the place of Docker's layers
	if userns {
		known = append(known, "sysctl net/ipv4/ping_group_range", // no more groups than the user namespace has
			"mount /dev/", "devowner") // nobody makes devices there: they are the host's, bound
	}
	return known
}

func TestOneCommandRunsAContainerOfDockers(t *testing.T) {
	h := engines.New(t)
	name := h.ID()
	h.Cleanup(func() { h.Must(docker.Do("rm", "--force", "--volumes", name)) })
	h.Must(docker.Do("create", "--name", name, "--hostname", "short", "--user", "www", "--memory", "32m", image))
	t.Setenv("DOCKER_HOST", docker.Host())
	t.Setenv("PATH", filepath.Dir(creelBundle(h))+":"+os.Getenv("PATH"))
	r := h.Program(creelBundle(h), "run", "--store", h.Path("store"), "--userns", "100000:65536", "--network", "netns",
		"docker:"+name, "sh", "-c", "id -u; hostname; echo $FROM; cat /etc/name; ip -o -4 addr show eth0 | wc -l; exit 3")
	if r.Status != 3 || r.Stdout != "33\nshort\nimage\nbusybox1\n" {
		t.Error(r)
	}
	if left, err := filepath.Glob(h.Path("store", "*", "*", "bundle")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %q, %v", left, err)
	}
	h.Fails(h.Program(creelBundle(h), "run", "--store", h.Path("store"), "--user", "1", "docker:"+name), "--user is for images")
	h.Fails(h.Program(creelBundle(h), "run", "--store", h.Path("store"), "docker:nosuch"), "nosuch")
}
