package mapping

import (
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"strings"
	"testing"

	"github.com/creel-project/creel/internal/bundle/capset"
	"github.com/creel-project/creel/internal/bundle/docker/inspect"
	"github.com/creel-project/creel/internal/bundle/docker/report"
	"github.com/creel-project/creel/internal/bundle/user"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// fake is a machine with one disk, two sound devices, and one other container.
type fake struct{ missing bool }

func (fake) Devices(name string) ([]Device, error) {
	switch name {
	case "/dev/snd":
		return []Device{{name + "/seq", "c", 116, 1, 0o660, 0, 29}, {name + "/timer", "c", 116, 33, 0o660, 0, 29}}, nil
	case "/dev/fuse", "/dev/link":
		return []Device{{name, "c", 10, 229, 0o666, 0, 0}}, nil
	case "/dev":
		return []Device{
			{"/dev/console", "c", 5, 1, 0o600, 0, 0}, {"/dev/pts/0", "c", 136, 0, 0o600, 0, 0}, {"/dev/sda", "b", 8, 0, 0o660, 0, 6},
		}, nil
	case "/dev/empty":
		return nil, nil
	}
	return nil, errors.New("no such file or directory")
}

func (fake) BlockDevice(name string) (int64, int64, error) {
	if name != "/dev/sda" {
		return 0, 0, errors.New("it is not a block device")
	}
	return 8, 0, nil
}

func (f fake) Exists(string) bool { return !f.missing }

func (f fake) NameServers(path string) []string {
	switch {
	case f.missing:
		return nil
	case path == "/docker":
		return []string{"127.0.0.11"}
	case path == "/systemd":
		return []string{"127.0.0.53"}
	}
	return []string{"127.0.0.53", "192.0.2.53"}
}

func (fake) Below(dir, sub string) (string, error) {
	if strings.Contains(sub, "..") {
		return "", errors.New("invalid cross-device link")
	}
	return path.Join(dir, sub), nil
}

func (fake) IDMaps(path string, tree bool) error {
	if path == "/fuse" || tree && path == "/mounts" {
		return errors.New("its file system cannot")
	}
	return nil
}

func (fake) LockedOptions(string) []string { return []string{"nodev", "ro"} }

func (fake) Process(container string) (int, error) {
	if container != "other" {
		return 0, errors.New("the container does not run")
	}
	return 4711, nil
}

func (f fake) OwnUserNamespace(int) (bool, error) { return f.missing, nil }

func (f fake) SharedMemory(int) (string, error) {
	if f.missing {
		return "", errors.New("it is mounted in the container only")
	}
	return "/var/lib/docker/containers/other/mounts/shm", nil
}

func (fake) InjectCDI(s *specs.Spec, devices []string) error {
	for _, d := range devices {
		if !strings.HasPrefix(d, "nvidia.com/gpu=") {
			return fmt.Errorf("unresolvable CDI devices %s", d)
		}
		s.Process.Env = append(s.Process.Env, "CDI="+d)
		s.Hooks = &specs.Hooks{CreateContainer: []specs.Hook{{Path: "/usr/bin/nvidia"}}}
	}
	return nil
}

// options are those of a machine of today.
func options() Options {
	return Options{
		Root: "rootfs", Lookup: fake{},
		Accounts: &user.Files{
			Passwd: []byte("root:x:0:0:root:/root:/bin/sh\nwww:x:1000:1001::/srv:/bin/sh\n"),
			Group:  []byte("root:x:0:\nwww:x:1001:\nmore:x:2000:www\nadm:x:4:root,www\n"),
		},
		Facts: Facts{
			Capabilities: append([]string{"CAP_SYS_ADMIN", "CAP_SYS_TIME"}, capset.Default()...), CgroupV2: true,
			TimeNamespaces: true, RecursiveReadonly: true, AppArmor: true, SELinux: true,
			Throttles: []string{"/sys/devices/system/cpu/cpu0/thermal_throttle"}, Init: "/usr/bin/tini-static",
		},
	}
}

// base is the least that describes a container.
const base = `{"Id":"abc","Name":"/web","Path":"httpd","Args":["-f"],"Platform":"linux",
	"Config":{"Hostname":"web"},"HostConfig":{"NetworkMode":"bridge","ShmSize":67108864}}`

// A row is one rule of the mapping: what a description has beyond base, and what the config then has.
type row struct {
	name  string
	patch string // merged into base (RFC 7396)
	at    string // a pointer into the config
	want  string // JSON, "" for nothing
	with  func(*Options)
}

func (r row) make(t testing.TB) (*inspect.Document, *specs.Spec, *report.Notes, error) {
	t.Helper()
	var doc, patch any
	if err := errors.Join(json.Unmarshal([]byte(base), &doc), json.Unmarshal([]byte(r.patch), &patch)); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(merge(doc, patch))
	if err != nil {
		t.Fatal(err)
	}
	d, err := inspect.Decode(text)
	if err != nil {
		t.Fatal(err)
	}
	o := options()
	if r.with != nil {
		r.with(&o)
	}
	s, notes, err := Map(d, o)
	return d, s, notes, err
}

func merge(into, patch any) any {
	p, ok := patch.(map[string]any)
	if !ok {
		return patch
	}
	m, ok := into.(map[string]any)
	if !ok {
		m = map[string]any{}
	}
	for k, v := range p {
		m[k] = merge(m[k], v)
	}
	return m
}

// rows maps each row and compares what stands where the row says.
func rows(t *testing.T, all []row) {
	t.Helper()
	for _, r := range all {
		t.Run(r.name, func(t *testing.T) {
			_, s, _, err := r.make(t)
			if err != nil {
				t.Fatal(err)
			}
			if got := find(t, s, r.at); got != compact(t, r.want) {
				t.Errorf("%s is\n%s, want\n%s", r.at, got, r.want)
			}
		})
	}
}

// find is the JSON at a pointer, "" if there is nothing. A member ?key=value finds an element of a list.
func find(t testing.TB, s *specs.Spec, pointer string) string {
	t.Helper()
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		t.Fatal(err)
	}
	pointer, member, search := strings.Cut(pointer, "?")
	for part := range strings.SplitSeq(strings.Trim(pointer, "/"), "/") {
		object, _ := value.(map[string]any)
		if value = object[part]; value == nil {
			return ""
		}
	}
	if search {
		key, want, _ := strings.Cut(member, "=")
		list, _ := value.([]any)
		value = nil
		for _, e := range list {
			if e.(map[string]any)[key] == want {
				value = e
			}
		}
		if value == nil {
			return ""
		}
	}
	text, err = json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func compact(t testing.TB, text string) string {
	t.Helper()
	if text == "" {
		return ""
	}
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
