package unpacked

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/creel-project/creel/internal/bundle/userns"
	"github.com/creel-project/creel/spec"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// root makes a root filesystem with users.
func root(t *testing.T) int {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "etc"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"passwd": "root:x:0:0:::\nwww:x:33:34:::\n", "group": "www:x:34:\ntape:x:26:www\n"} {
		if err := os.WriteFile(filepath.Join(dir, "etc", name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	fd, err := unix.Open(dir, unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	return fd
}

func convert(t *testing.T, c *v1.ConfigFile, p Process) (*specs.Spec, []string) {
	t.Helper()
	s, warnings, err := Convert(c, p, userns.Range{}, false, root(t))
	if err != nil {
		t.Fatal(err)
	}
	return s, warnings
}

func TestTheConfigIsWhatTheImageSays(t *testing.T) {
	c := &v1.ConfigFile{OS: "linux", Architecture: "arm64", Variant: "v8", Author: "Ann", OSVersion: "1", OSFeatures: []string{"a", "b"},
		Created: v1.Time{Time: time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)},
		Config: v1.Config{
			Entrypoint: []string{"/entry", "-x"}, Cmd: []string{"serve"}, Env: []string{"PATH=/opt/bin", "A=b=c"},
			WorkingDir: "/srv", User: "www", StopSignal: "SIGQUIT",
			ExposedPorts: map[string]struct{}{"80/tcp": {}, "443/tcp": {}},
			Volumes:      map[string]struct{}{"/data": {}, "/proc": {}, "/": {}},
			Labels:       map[string]string{"team": "web", "org.opencontainers.image.author": "Bob"},
		}}
	s, warnings := convert(t, c, Process{})
	if !slices.Equal(s.Process.Args, []string{"/entry", "-x", "serve"}) || s.Process.Cwd != "/srv" || s.Process.Terminal {
		t.Errorf("process %+v", s.Process)
	}
	if !slices.Equal(s.Process.Env, []string{"PATH=/opt/bin", "A=b=c"}) {
		t.Errorf("env %q", s.Process.Env)
	}
	if want := (specs.User{UID: 33, GID: 34, AdditionalGids: []uint32{26}}); !reflect.DeepEqual(s.Process.User, want) {
		t.Errorf("user %+v", s.Process.User)
	}
	const p = "org.opencontainers.image."
	want := map[string]string{"team": "web", p + "author": "Bob", p + "os": "linux", p + "architecture": "arm64", p + "variant": "v8",
		p + "os.version": "1", p + "os.features": "a,b", p + "created": "2026-01-02T03:04:05.000000006Z", p + "stopSignal": "SIGQUIT",
		p + "exposedPorts": "443/tcp,80/tcp"}
	if !reflect.DeepEqual(s.Annotations, want) {
		t.Errorf("annotations %v", s.Annotations)
	}
	n := len(spec.Default(false).Mounts)
	if len(s.Mounts) != n+1 || s.Mounts[n].Destination != "/data" {
		t.Errorf("mounts %+v", s.Mounts[n:])
	}
	if len(warnings) != 1 || !strings.Contains(warnings[0], `volume "/"`) {
		t.Errorf("warnings %q", warnings)
	}
	if s.Root.Readonly {
		t.Error("the root is read-only")
	}
}

func TestArgumentsTakeThePlaceOfTheImages(t *testing.T) {
	both := v1.Config{Entrypoint: []string{"/entry"}, Cmd: []string{"cmd"}}
	word := func(s string) *string { return &s }
	for what, c := range map[string]struct {
		config v1.Config
		p      Process
		want   []string
		warns  int
	}{
		"both":                 {both, Process{}, []string{"/entry", "cmd"}, 0},
		"arguments":            {both, Process{Args: []string{"a", "b"}}, []string{"/entry", "a", "b"}, 0},
		"an entrypoint":        {both, Process{Entrypoint: word("/e")}, []string{"/e"}, 0},
		"both given":           {both, Process{Entrypoint: word("/e"), Args: []string{"a"}}, []string{"/e", "a"}, 0},
		"no entrypoint":        {both, Process{Entrypoint: word(""), Args: []string{"a"}}, []string{"a"}, 0},
		"only a command":       {v1.Config{Cmd: []string{"cmd"}}, Process{}, []string{"cmd"}, 0},
		"nothing at all":       {v1.Config{}, Process{}, []string{"sh"}, 1},
		"nothing, but options": {v1.Config{}, Process{Args: []string{"x"}}, []string{"x"}, 0},
	} {
		s, warnings := convert(t, &v1.ConfigFile{Config: c.config}, c.p)
		if !slices.Equal(s.Process.Args, c.want) || len(warnings) != c.warns {
			t.Errorf("%s: %q, warnings %q", what, s.Process.Args, warnings)
		}
	}
}

func TestAnImageWithoutEnvironmentHasAPATH(t *testing.T) {
	s, _ := convert(t, &v1.ConfigFile{}, Process{Terminal: true})
	if len(s.Process.Env) != 2 || !strings.HasPrefix(s.Process.Env[0], "PATH=") || s.Process.Env[1] != "TERM=xterm" || s.Process.Cwd != "/" {
		t.Errorf("%q in %s", s.Process.Env, s.Process.Cwd)
	}
}

func TestAUserThatIsGivenTakesThePlaceOfTheImages(t *testing.T) {
	s, _ := convert(t, &v1.ConfigFile{Config: v1.Config{User: "nobody-here"}}, Process{User: "7:8"})
	if s.Process.User.UID != 7 || s.Process.User.GID != 8 {
		t.Errorf("%+v", s.Process.User)
	}
	_, _, err := Convert(&v1.ConfigFile{Config: v1.Config{User: "nobody-here"}}, Process{}, userns.Range{}, false, root(t))
	if err == nil || !strings.Contains(err.Error(), `there is no user "nobody-here" in its /etc/passwd`) {
		t.Error(err)
	}
}

func TestAUserNamespaceIsMapped(t *testing.T) {
	bundle := t.TempDir()
	if err := os.Mkdir(filepath.Join(bundle, "rootfs"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, n := range []uint32{1, 5, 6, 65536} {
		ids := userns.Range{Root: 100000, Length: n}
		s, _, err := Convert(&v1.ConfigFile{Config: v1.Config{Cmd: []string{"sh"}}}, Process{}, ids, false, root(t))
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(s.Linux.UIDMappings, ids.Mappings()) || !reflect.DeepEqual(s.Linux.GIDMappings, ids.Mappings()) {
			t.Errorf("%+v", s.Linux)
		}
		if _, err := spec.Validate(s, bundle); err != nil {
			t.Errorf("of %d ids: %v", n, err)
		}
		for _, m := range s.Mounts {
			if m.Destination == "/dev/pts" && slices.Contains(m.Options, "gid=5") != (n > 5) {
				t.Errorf("of %d ids: %v", n, m.Options)
			}
		}
	}
}

func TestAServerMayOwnItsFilesAndChangeItsUser(t *testing.T) {
	s, _ := convert(t, &v1.ConfigFile{Config: v1.Config{Cmd: []string{"server"}}}, Process{})
	c := s.Process.Capabilities
	for _, name := range []string{"CAP_CHOWN", "CAP_SETUID", "CAP_SETGID", "CAP_NET_BIND_SERVICE"} {
		for set, names := range map[string][]string{"bounding": c.Bounding, "effective": c.Effective, "permitted": c.Permitted} {
			if !slices.Contains(names, name) {
				t.Errorf("%s is not %s", name, set)
			}
		}
	}
	if slices.Contains(c.Bounding, "CAP_SYS_ADMIN") || len(c.Inheritable)+len(c.Ambient) > 0 {
		t.Errorf("%+v", c)
	}
}
