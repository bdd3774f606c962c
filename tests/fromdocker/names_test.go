package fromdocker

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/engines"
)

// In networks that people made Docker's resolv.conf names 127.0.0.11, where nobody answers outside of Docker.
func TestNamesAreResolvedAlsoWhereOnlyDockerAnsweredBefore(t *testing.T) {
	modern(t)
	const nameServer = "192.0.2.53"
	h := engines.New(t)
	h.Host("ip addr add " + nameServer + "/32 dev lo")
	h.Cleanup(func() { h.Host("ip addr del " + nameServer + "/32 dev lo") })
	h.NameServer(nameServer)
	h.WebServer(nameServer+":8000", "by its name")
	conf, err := os.ReadFile("/etc/resolv.conf")
	h.Must(err)
	h.Must(os.WriteFile("/etc/resolv.conf", []byte("nameserver "+nameServer+"\n"), 0o644))
	h.Cleanup(func() { h.Must(os.WriteFile("/etc/resolv.conf", conf, 0o644)) })

	name := h.ID()
	h.Must(docker.Do("network", "create", "lab"))
	h.Cleanup(func() {
		h.Must(docker.Do("rm", "--force", "--volumes", name))
		h.Must(docker.Do("network", "rm", "lab"))
	})
	h.Must(docker.Do("run", "--detach", "--name", name, "--hostname", "web", "--network", "lab", "--dns-search", "far.test",
		"--add-host", "db:"+nameServer, "--add-host", "up:host-gateway", "--publish", "127.0.0.1:8080:80", image))
	serves(h)
	const ask = "for n in some.name.test db; do wget -q -O - http://$n:8000/; done; wget -q -O - http://web/; cat /etc/resolv.conf"
	underDocker := h.Ok(h.Program("docker", "--host", docker.Host(), "exec", name, "sh", "-c", ask)).Stdout
	const pages = "by its name\nby its name\nhello from busybox\n"
	if !strings.HasPrefix(underDocker, pages) || !strings.Contains(underDocker, "nameserver 127.0.0.11\n") {
		t.Fatalf("under Docker it says\n%s", underDocker)
	}

	bundle := h.Path("bundle")
	h.Must(os.Mkdir(bundle, 0o755))
	h.Ok(h.Program(creelBundle(h), "rootfs", "--host", docker.Host(), "docker:"+name, filepath.Join(bundle, "rootfs")))
	r := h.Ok(h.Program(creelBundle(h), "from-docker", "--host", docker.Host(), "--network", "netns", "--output", bundle, name))
	if !strings.Contains(r.Stderr, "ResolvConfPath is not expressed: dockerd answers at 127.0.0.11 in its own networks only") {
		t.Errorf("it warns of %q", r.Stderr)
	}
	h.Must(docker.Do("stop", name))
	c := h.Started(bundle)
	serves(h)
	got := h.Ok(h.Creel("exec", c.ID, "sh", "-c", ask+"; ip route | grep -c \"via $(grep up /etc/hosts | cut -f 1)\"")).Stdout
	if want := pages + "search far.test\nnameserver " + nameServer + "\n1\n"; got != want {
		t.Errorf("under creel it says\n%s\nwant\n%s", got, want)
	}
	h.Ok(h.Creel("delete", "--force", c.ID))
}
