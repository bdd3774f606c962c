package rootfs

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/bundle/trees"
	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

func zstd(data []byte) []byte {
	c := exec.Command("zstd", "-c")
	c.Stdin = strings.NewReader(string(data))
	out, err := c.Output()
	if err != nil {
		panic(err)
	}
	return out
}

func TestOneOfSeveralImagesInAFileIsNamed(t *testing.T) {
	h := harness.New(t)
	h.WriteFile(h.Path("saved.tar"), string(savedImages(h).tar(h)), 0o644)
	made := func(args ...string) harness.Result {
		return h.Program(program(), append([]string{"rootfs", h.Path("saved.tar"), h.Path("root")}, args...)...)
	}
	h.Fails(made(), "it has 2 images, say which: one:1, two:2")
	h.Fails(made("--image", "three:3"), `"three:3": there is no image of that name: there are one:1, two:2`)
	nothingLeft(h, h.Path("root"))
	h.Ok(made("--image", "two:2"))
	if got := h.Host("ls " + h.Path("root")); got != "two:2\n" {
		t.Errorf("the root has %q", got)
	}
}

func TestOfAnImageForSeveralPlatformsOneIsNamed(t *testing.T) {
	h := harness.New(t)
	layout := ociImage(h, asIs, unchanged).directory(h)
	h.Fails(h.Program(program(), "rootfs", "--platform", "linux/s390x", layout, h.Path("root")), "none of its manifests is for linux/s390x: there are linux/vax, linux/"+runtime.GOARCH)
	nothingLeft(h, h.Path("root"))
	h.Ok(h.Program(program(), "rootfs", "--platform", "linux/"+runtime.GOARCH, layout, h.Path("root")))
}

func TestARootFilesystemHoldsNoImages(t *testing.T) {
	for _, flag := range []string{"--image=one:1", "--platform=linux/" + runtime.GOARCH} {
		h := harness.New(t)
		h.WriteFile(h.Path("files.tar"), string(archive(h, file("etc/passwd", ""))), 0o644)
		h.Fails(h.Program(program(), "rootfs", flag, h.Path("files.tar"), h.Path("root")), "it is the archive of a root filesystem, and holds no images")
		nothingLeft(h, h.Path("root"))
	}
}

func TestAnImageIsItsLayersInOrder(t *testing.T) {
	for name, make := range map[string]func(h *harness.H, root string) harness.Result{
		"layout": func(h *harness.H, root string) harness.Result {
			return h.Program(program(), "rootfs", ociImage(h, asIs, unchanged).directory(h), root)
		},
		"layout with gzip": func(h *harness.H, root string) harness.Result {
			return h.Program(program(), "rootfs", ociImage(h, zipped, unchanged).directory(h), root)
		},
		"layout in a tar, from a pipe": func(h *harness.H, root string) harness.Result {
			return unpack(h, ociImage(h, zstd, unchanged).tar(h), "-", root)
		},
		"docker save, from a pipe": func(h *harness.H, root string) harness.Result { return unpack(h, savedImage(h).tar(h), "-", root) },
		"crane pull, from a pipe":  func(h *harness.H, root string) harness.Result { return unpack(h, cranesImage(h).tar(h), "-", root) },
		"docker save, packed": func(h *harness.H, root string) harness.Result {
			return unpack(h, zipped(savedImage(h).tar(h)), "-", root)
		},
		"layout in a tar of a directory": func(h *harness.H, root string) harness.Result {
			h.Host("tar -C " + ociImage(h, zipped, unchanged).directory(h) + " -cf " + h.Path("layout.tar") + " .")
			return h.Program(program(), "rootfs", h.Path("layout.tar"), root)
		},
		"docker save, in a file": func(h *harness.H, root string) harness.Result {
			h.WriteFile(h.Path("saved.tar"), string(savedImage(h).tar(h)), 0o644)
			return h.Program(program(), "rootfs", h.Path("saved.tar"), root)
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := harness.New(t)
			h.Must(os.Mkdir(h.Path("made"), 0o755))
			h.Ok(make(h, h.Path("made/root")))
			var want []string
			for _, l := range [...]string{"a/2", "b/3", "c/3", "d/x", "e/3", "f/2", "g/2", "new/y"} {
				want = append(want, h.Path("made/root", l))
			}
			for _, name := range want {
				if _, err := os.Stat(name); err != nil {
					t.Error(err)
				}
			}
			if names, _ := filepath.Glob(h.Path("made/root/*/*")); len(names) != len(want) {
				t.Errorf("got %q, want %q", names, want)
			}
			if names, _ := filepath.Glob(h.Path("made/.*")); len(names) > 0 {
				t.Errorf("left behind: %q", names)
			}
		})
	}
}

func TestADigestThatLiesIsAnError(t *testing.T) {
	lie := "sha256:" + digest([]byte("something else"))
	for name, tt := range map[string]struct {
		change func(diffIDs, digests []string)
		want   string
	}{
		"of the content": {func(diffIDs, _ []string) { diffIDs[1] = lie }, "layers[1]"},
		"of no file":     {func(_, digests []string) { digests[2] = lie }, "no such file"},
		"no digest":      {func(_, digests []string) { digests[2] = "sha256:../../../etc/passwd" }, "want sha256: and 64 hexadecimal digits"},
	} {
		t.Run(name, func(t *testing.T) {
			h := harness.New(t)
			h.Fails(h.Program(program(), "rootfs", ociImage(h, zipped, tt.change).directory(h), h.Path("root")), tt.want)
			nothingLeft(h, h.Path("root"))
		})
	}
	t.Run("of the file", func(t *testing.T) {
		h := harness.New(t)
		m := ociImage(h, asIs, unchanged)
		dir := m.directory(h)
		h.WriteFile(filepath.Join(dir, m.order[1]), string(m.files[m.order[0]]), 0o644)
		h.Fails(h.Program(program(), "rootfs", dir, h.Path("root")), "layers[1]", "another content than its digest says")
		nothingLeft(h, h.Path("root"))
	})
	t.Run("of the manifest", func(t *testing.T) {
		h := harness.New(t)
		m := ociImage(h, asIs, unchanged)
		dir := m.directory(h)
		h.WriteFile(filepath.Join(dir, m.order[4]), string(m.files[m.order[4]])+" ", 0o644)
		h.Fails(h.Program(program(), "rootfs", dir, h.Path("root")), "another content than its digest says")
		nothingLeft(h, h.Path("root"))
	})
}

func TestABlobThatIsALinkOutOfTheLayoutIsNotRead(t *testing.T) {
	h := harness.New(t)
	m := ociImage(h, asIs, unchanged)
	dir := m.directory(h)
	h.WriteFile(h.Path("outside"), string(m.files[m.order[0]]), 0o644)
	h.Must(os.Remove(filepath.Join(dir, m.order[0])))
	h.Must(os.Symlink(h.Path("outside"), filepath.Join(dir, m.order[0])))
	h.Fails(h.Program(program(), "rootfs", dir, h.Path("root")), "path escapes")
	nothingLeft(h, h.Path("root"))
}

// engine answers as Docker's API does to the export of a container, and returns its address.
func engine(h *harness.H, network, address string, data []byte, cut bool) string {
	l, err := net.Listen(network, address)
	h.Must(err)
	mux := http.NewServeMux()
	mux.HandleFunc("/_ping", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Api-Version", "1.41") })
	mux.HandleFunc("GET /v1.41/containers/web/export", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/x-tar")
		w.Write(data)
		if cut {
			panic(http.ErrAbortHandler)
		}
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNotFound)
		w.Write([]byte(`{"message":"No such container: other"}`))
	})
	s := &http.Server{Handler: mux}
	go s.Serve(l)
	h.Cleanup(func() { s.Close() })
	return network + "://" + l.Addr().String()
}

func TestAContainerIsExported(t *testing.T) {
	h := harness.New(t)
	data := archive(h, everything()...)
	host := engine(h, "unix", h.Path("docker.sock"), data, false)
	h.Ok(h.Program(program(), "rootfs", "--host", host, "docker:web", h.Path("made")))
	tcp := "DOCKER_HOST=" + engine(h, "tcp", "127.0.0.1:0", data, false)
	h.Ok(h.GoProgram(func(c *exec.Cmd) { c.Env = append(os.Environ(), tcp) }, program(), "rootfs", "docker:web", h.Path("from tcp")).Result())
	h.Ok(unpack(h, data, "-", h.Path("want")))
	got, want := trees.Describe(h, h.Path("made")), trees.Describe(h, h.Path("want"))
	for _, implied := range []string{"deep", "deep/er"} {
		delete(got, implied)
		delete(want, implied)
	}
	for name := range want {
		if strings.HasPrefix(name, "long") {
			delete(got, name)
			delete(want, name)
		}
	}
	trees.Same(h, got, want)
	h.Fails(h.Program(program(), "rootfs", "--host", host, "docker:other", h.Path("other")), "No such container: other")
	h.Fails(h.Program(program(), "rootfs", "--host", "ssh://x:1", "docker:web", h.Path("other")), "want unix://PATH or tcp://HOST:PORT")
	nothingLeft(h, h.Path("other"))
}

func TestAnExportThatBreaksOffLeavesNothing(t *testing.T) {
	h := harness.New(t)
	data := archive(h, everything()...)
	h.Fails(h.Program(program(), "rootfs", "--host", engine(h, "unix", h.Path("docker.sock"), data[:len(data)-4000], true), "docker:web", h.Path("root")), "unexpected EOF")
	nothingLeft(h, h.Path("root"))
}

// report is the JSON of creel-bundle rootfs --json, as far as a test looks at it.
type report struct {
	IDMap  bool
	Config specs.Spec
}

func TestTheConfigThatIsPrintedWorks(t *testing.T) {
	for _, flags := range [][]string{{"--idmap"}, {"--userns", "200000:1000"}} {
		t.Run(flags[0], func(t *testing.T) {
			h := harness.New(t)
			root := h.Path("root")
			h.Must(harness.MakeRootfs(h.Path("from")))
			h.WriteFile(h.Path("from/etc/mine"), "x", 0o600)
			h.Must(os.Chown(h.Path("from/etc/mine"), 42, 43))
			h.Host("tar -C " + h.Path("from") + " -cf " + h.Path("from.tar") + " .")
			res := h.Ok(h.Program(program(), append(append([]string{"rootfs", "--json"}, flags...), h.Path("from.tar"), root)...))
			var r report
			h.Must(json.Unmarshal([]byte(res.Stdout), &r))
			if r.IDMap != (flags[0] == "--idmap") {
				t.Errorf("idmap %v", r.IDMap)
			}
			out := h.Ok(h.Run(h.Bundle(harness.Script("stat -c %u:%g /etc/mine /etc/passwd && touch /new && cat /proc/self/uid_map"), func(s *specs.Spec) {
				s.Root.Path, s.Root.Readonly = r.Config.Root.Path, false
				s.Mounts = append(r.Config.Mounts, s.Mounts...)
				s.Linux.Namespaces = append(s.Linux.Namespaces, r.Config.Linux.Namespaces...)
				s.Linux.UIDMappings, s.Linux.GIDMappings = r.Config.Linux.UIDMappings, r.Config.Linux.GIDMappings
			})))
			first := r.Config.Linux.UIDMappings[0]
			if got, want := strings.Join(strings.Fields(out.Stdout), " "), fmt.Sprintf("42:43 0:0 0 %d %d", first.HostID, first.Size); got != want {
				t.Errorf("in the container: %q, want %q", got, want)
			}
			onDisk := map[bool]string{true: "42:43", false: "200042:200043"}[r.IDMap]
			if got := strings.TrimSpace(h.Host("stat -c %u:%g " + filepath.Join(root, "etc/mine"))); got != onDisk {
				t.Errorf("on the host: %q, want %q", got, onDisk)
			}
		})
	}
}

func TestWhereMountsCannotBeMappedIdmapIsRefused(t *testing.T) {
	h := harness.New(t)
	h.Must(os.Mkdir(h.Path("ram"), 0o755))
	h.Host("mount -t ramfs none " + h.Path("ram"))
	h.Cleanup(func() { h.Host("umount " + h.Path("ram")) })
	data := archive(h, file("a", ""))
	h.Fails(unpack(h, data, "--idmap", "-", h.Path("ram/root")), "its file system cannot map ids")
	nothingLeft(h, h.Path("ram/root"))
	res := h.Ok(unpack(h, data, "-", h.Path("ram/root")))
	if !strings.Contains(res.Stdout, "the mount cannot be id-mapped") {
		t.Errorf("the report does not say so: %s", res.Stdout)
	}
	h.Fails(unpack(h, data, "--idmap", "--userns", "1:1", "-", h.Path("root")), "exclude each other")
}
