package network

import (
	"encoding/json"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/creel-project/creel/internal/bundle/userns"
	"github.com/creel-project/creel/spec"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// has compares a part of a config with JSON.
func has(t *testing.T, what string, part any, want string) {
	t.Helper()
	got, err := json.Marshal(part)
	if err != nil || string(got) != want {
		t.Errorf("%s: %s, %v; want %s", what, got, err, want)
	}
}

func namespaces(s *specs.Spec) (all []string) {
	for _, ns := range s.Linux.Namespaces {
		all = append(all, string(ns.Type))
	}
	return all
}

func TestHooksMakeTheNetworkOfAnImage(t *testing.T) {
	s := spec.Default(false)
	own := len(s.Mounts)
	c := Choice{Mode: Netns, Program: "/bin/creel-netns", Publish: []string{"8080:80", "[::1]:1-2:3-4/udp"}, DNS: []string{"192.0.2.1"}}
	c.Apply(s, userns.Range{})
	has(t, "files", Files(s), `["resolv.conf","hosts"]`)
	has(t, "hooks", s.Hooks, `{"createRuntime":[{"path":"/bin/creel-netns","args":["creel-netns","hook","--publish","8080:80","--publish","[::1]:1-2:3-4/udp","--subnet6","auto",`+
		`"--host-dns","--dns","192.0.2.1","--hostname","creel"]}],"poststop":[{"path":"/bin/creel-netns","args":["creel-netns","release"]}]}`)
	has(t, "mounts", s.Mounts[own:], `[{"destination":"/etc/resolv.conf","type":"bind","source":"resolv.conf","options":["rbind","rprivate"]},`+
		`{"destination":"/etc/hosts","type":"bind","source":"hosts","options":["rbind","rprivate"]}]`)
	has(t, "sysctls", s.Linux.Sysctl, `{"net.ipv4.ip_unprivileged_port_start":"0","net.ipv4.ping_group_range":"0 2147483647"}`)
	has(t, "namespaces", namespaces(s), `["pid","network","ipc","uts","mount","cgroup"]`)

	s = spec.Default(false)
	Choice{Mode: CNI, CNI: "lab", Program: "/bin/creel-netns"}.Apply(s, userns.Range{Root: 100000, Length: 10})
	has(t, "arguments", s.Hooks.CreateRuntime[0].Args, `["creel-netns","hook","--cni","lab","--host-dns","--hostname","creel"]`)
	has(t, "sysctls", s.Linux.Sysctl["net.ipv4.ping_group_range"], `"0 9"`)
}

func TestNobodyMakesANetworkUnlessThatIsWanted(t *testing.T) {
	for _, rootless := range []bool{false, true} {
		s := spec.Default(rootless)
		before, _ := json.Marshal(s)
		Choice{}.Apply(s, userns.Range{})
		after, _ := json.Marshal(s)
		if string(after) != string(before) {
			t.Errorf("without a choice it is changed:\n%s", after)
		}
		Choice{Mode: None}.Apply(s, userns.Range{})
		n := 0
		for _, ns := range namespaces(s) {
			if ns == "network" {
				n++
			}
		}
		if n != 1 || s.Hooks != nil {
			t.Errorf("none: rootless %t: %d network namespaces, hooks %v", rootless, n, s.Hooks)
		}
	}
}

func TestAUserNamespaceInTheHostsNetworkHasTheHostsSysfs(t *testing.T) {
	s := spec.Default(false)
	s.Linux.UIDMappings = userns.Range{Root: 100000, Length: 10}.Mappings()
	Choice{Mode: Host}.Apply(s, userns.Range{})
	has(t, "namespaces", namespaces(s), `["pid","ipc","uts","mount","cgroup"]`)
	has(t, "/sys", s.Mounts[5], `{"destination":"/sys","type":"none","source":"/sys","options":["rbind","nosuid","noexec","nodev","ro"]}`)
}

func TestFilesOfABundleAreMadeForEverybodyToReadAndKeepWhatTheyHave(t *testing.T) {
	dir := t.TempDir()
	s := &specs.Spec{Mounts: []specs.Mount{Mount(ResolvConf, ResolvConf), Mount("/etc/hosts", Hosts), Mount(Hosts, Hosts)}, Linux: &specs.Linux{}}
	defer syscall.Umask(syscall.Umask(0o077))
	for i := range 2 {
		if err := MakeFiles(dir, s); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"resolv.conf", "hosts"} {
			info, err := os.Stat(filepath.Join(dir, name))
			if err != nil || info.Mode() != 0o644 || info.Size() != int64(4*i) {
				t.Errorf("%s: %v, %v", name, info, err)
			}
			if err := os.WriteFile(filepath.Join(dir, name), []byte("kept"), 0); err != nil {
				t.Fatal(err)
			}
		}
	}
	dir = t.TempDir()
	if err := os.Symlink("elsewhere", filepath.Join(dir, Hosts)); err != nil {
		t.Fatal(err)
	}
	if err := MakeFiles(dir, s); err == nil {
		t.Error("it follows a link")
	}
}
