// Package fromdocker tests the way of a container from Docker to a bundle, as docs/from-docker.md tells it: the same
// process with the same limits and the same network, under Docker and under creel.
package fromdocker

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"testing"

	"github.com/creel-project/creel/tests/engines"
	"github.com/creel-project/creel/tests/harness"
)

func TestMain(m *testing.M) {
	needs := maps.Clone(engines.DockerNeeds)
	needs["docker-registry"] = "docker-registry"
	os.Exit(engines.Main(m, engines.World{
		Overlays: []string{"/etc", "/usr/local/bin", "/var/lib"},
		Needs:    needs,
		Prepare:  prepare,
	}))
}

// docker is the daemon that all tests use, and registry where the registry listens.
var docker = &engines.Dockerd{Name: "docker"}

const registry = "127.0.0.1:5000"

// image is the web server's.
const image = registry + "/web:1"

// dockerfile makes the web server of a base of busybox.
const dockerfile = `FROM base
COPY facts /bin/facts
RUN mkdir -p /srv/www /data && echo "hello from $(cat /etc/name)" >/srv/www/index.html && chown www /data && \
    echo kept >/data/kept && ln -s /srv/www /www
ENV FROM=image
WORKDIR /srv
EXPOSE 80
VOLUME /data
STOPSIGNAL SIGKILL
CMD ["httpd", "-f", "-p", "80", "-h", "/www"]
`

// modern leaves a test out with a runtime that cannot run what Docker of today asks for.
func modern(t *testing.T) {
	t.Helper()
	engines.DiffersBefore(t, "runc", "1.2", "it has no time namespaces")
	engines.DiffersBefore(t, "crun", "1.28", "it refuses configs of newer versions of the specification")
}

func prepare() error {
	cgroups, err := engines.MakeCgroups()
	if err != nil {
		return err
	}
	docker.Cgroup = cgroups
	err = errors.Join(
		os.WriteFile("/proc/sys/net/ipv4/ip_forward", []byte("1"), 0o644),
		os.MkdirAll("/etc/docker", 0o755), startRegistry(), docker.Start())
	if err != nil {
		return err
	}
	return buildImage()
}

func startRegistry() error {
	config := fmt.Sprintf("version: 0.1\nstorage:\n  filesystem:\n    rootdirectory: %s\nhttp:\n  addr: %s\n",
		engines.Path("registry"), registry)
	file := engines.Path("registry.yml")
	if err := os.WriteFile(file, []byte(config), 0o644); err != nil {
		return err
	}
	_, err := engines.StartDaemon("registry", func() error { _, err := get("http://" + registry + "/v2/"); return err },
		nil, "docker-registry", "serve", file)
	return err
}

// buildImage builds the image and pushes it.
func buildImage() error {
	base := engines.Path("base.tar")
	err := engines.Image{Change: func(root string) error {
		return errors.Join(
			os.WriteFile(filepath.Join(root, "etc/passwd"), []byte("root:x:0:0::/root:/bin/sh\nwww:x:33:44::/srv:/bin/sh\n"), 0o644),
			os.WriteFile(filepath.Join(root, "etc/group"), []byte("root:x:0:\nwww:x:44:\nmore:x:2000:www\n"), 0o644),
			os.WriteFile(filepath.Join(root, "etc/name"), []byte("busybox"), 0o644),
		)
	}}.Rootfs(base)
	if err != nil {
		return err
	}
	context := engines.Path("context")
	return errors.Join(
		docker.Do("import", base, "base"),
		os.Mkdir(context, 0o755),
		os.WriteFile(filepath.Join(context, "Dockerfile"), []byte(dockerfile), 0o644),
		os.WriteFile(filepath.Join(context, "facts"), []byte(facts), 0o755),
		docker.Do("build", "--quiet", "--tag", image, context),
		docker.Do("push", "--quiet", image),
	)
}

// creelBundle is the companion that make built.
func creelBundle(h *harness.H) string {
	h.Helper()
	path, err := filepath.Abs("../../bin/creel-bundle")
	h.Must(err)
	return path
}
