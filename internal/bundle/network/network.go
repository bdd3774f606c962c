// Package network gives the config of a bundle its network: a namespace, and hooks of creel-netns that furnish it, or the
// host's; and the files of /etc by which names are resolved there.
package network

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"

	"github.com/creel-project/creel/hooks/netns/port"
	"github.com/creel-project/creel/hooks/netns/resolv"
	"github.com/creel-project/creel/internal/bundle/userns"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// Who makes a container's network.
const (
	Netns = "netns" // creel-netns does: a bridge
	CNI   = "cni"   // creel-netns has plugins of CNI do it
	None  = "none"  // nobody: there is a namespace without an interface
	Host  = "host"  // the host has one, which the container shares
)

// A Choice says who makes a container's network.
type Choice struct {
	// Mode is one of the above, or "" for what the image or the description says.
	Mode string
	// CNI is the name of the CNI network.
	CNI string
	// Program is the absolute path of creel-netns.
	Program string
	// Publish are ports, as creel-netns(8) reads them.
	Publish []string
	// DNS are addresses of name servers in the place of others.
	DNS []string
}

// Hooked says whether hooks make it.
func (c Choice) Hooked() bool { return c.Mode == Netns || c.Mode == CNI }

// Names are the files that the hook is to write in the bundle, for the container to mount. They must be there before it is.
type Names struct {
	// Resolver is resolv.conf; what it lacks is the host's when the container starts. nil is none.
	Resolver *resolv.Conf
	// Hostnames are those of the container, for hosts; without them there is none.
	Hostnames []string
	// Hosts are others, as NAME:ADDRESS.
	Hosts []string
}

// Files of a bundle, and of /etc.
const (
	ResolvConf = "resolv.conf"
	Hosts      = "hosts"
)

// Has says whether the hook writes a file.
func (n Names) Has(file string) bool {
	return file == ResolvConf && n.Resolver != nil || file == Hosts && len(n.Hostnames) > 0
}

// Hooks adds the hooks: one that makes the network before the root filesystem is entered, and one that takes it away at
// the end.
func (c Choice) Hooks(s *specs.Spec, mac string, names Names) {
	args := []string{"creel-netns", "hook"}
	if c.Mode == CNI {
		args = append(args, "--cni", c.CNI)
	}
	if mac != "" {
		args = append(args, "--mac", mac)
	}
	for _, p := range c.Publish {
		args = append(args, "--publish", p)
	}
	if c.Mode == Netns && slices.ContainsFunc(c.Publish, on6) {
		args = append(args, "--subnet6", "auto")
	}
	args = append(args, names.args()...)
	if s.Hooks == nil {
		s.Hooks = &specs.Hooks{}
	}
	s.Hooks.CreateRuntime = append(s.Hooks.CreateRuntime, specs.Hook{Path: c.Program, Args: args})
	s.Hooks.Poststop = append(s.Hooks.Poststop, specs.Hook{Path: c.Program, Args: []string{"creel-netns", "release"}})
}

// on6 says that a port is published on an address of IPv6, so that the container needs one as well.
func on6(publish string) bool {
	p, err := port.Parse(publish)
	return err == nil && p.Host.Is6() && !p.Any()
}

func (n Names) args() (args []string) {
	add := func(flag string, values []string) {
		for _, v := range values {
			args = append(args, flag, v)
		}
	}
	if r := n.Resolver; r != nil {
		args = append(args, "--host-dns")
		add("--dns", r.Servers)
		add("--dns-search", r.Search)
		add("--dns-option", r.Options)
	}
	if n.Has(Hosts) {
		add("--hostname", n.Hostnames)
		add("--add-host", n.Hosts)
	}
	return args
}

// Files lists those of its bundle that a config mounts for the hook to write.
func Files(s *specs.Spec) (names []string) {
	for _, m := range s.Mounts {
		if m.Source == ResolvConf || m.Source == Hosts {
			names = append(names, m.Source)
		}
	}
	return names
}

// MakeFiles makes those files of a bundle that are missing: empty ones that everybody may read, and the container's root
// may write.
func MakeFiles(bundle string, s *specs.Spec) error {
	for _, name := range Files(s) {
		f, err := os.OpenFile(filepath.Join(bundle, name), os.O_WRONLY|os.O_CREATE|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0o644)
		if err != nil {
			return err
		}
		err = f.Chmod(0o644) // whatever the umask is
		if len(s.Linux.UIDMappings) > 0 && len(s.Linux.GIDMappings) > 0 && s.Linux.UIDMappings[0].ContainerID+s.Linux.GIDMappings[0].ContainerID == 0 {
			err = errors.Join(err, f.Chown(int(s.Linux.UIDMappings[0].HostID), int(s.Linux.GIDMappings[0].HostID)))
		}
		if err = errors.Join(err, f.Close()); err != nil {
			return err
		}
	}
	return nil
}

// Mount is that of a file of the bundle, or of the host, in /etc.
func Mount(source, name string, options ...string) specs.Mount {
	return specs.Mount{Destination: "/etc/" + name, Type: "bind", Source: source, Options: append([]string{"rbind", "rprivate"}, options...)}
}

// Sysctls are those that engines give to a network of the container's own: any user may take low ports there, and ping.
func Sysctls(ids userns.Range) map[string]string {
	last := uint32(math.MaxInt32)
	if !ids.Empty() { // a group that is not mapped cannot be in the range
		last = min(last, ids.Length-1)
	}
	return map[string]string{
		"net.ipv4.ip_unprivileged_port_start": "0",
		"net.ipv4.ping_group_range":           fmt.Sprint("0 ", last),
	}
}
