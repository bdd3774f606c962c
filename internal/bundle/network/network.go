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

// Names are what a container is to know of names, and to be called.
type Names struct {
	resolv.Conf        // what it lacks is the host's, when the container starts
	Hostname    string // for a file hosts; without one there is none
}

// Hooks adds the hooks: one that makes the network before the root filesystem is entered, and one that takes it away at
// the end. names may be nil; with them the container mounts files of the bundle, whose names are returned: they must be
// there before the container is, and the hook fills them.
func (c Choice) Hooks(s *specs.Spec, mac string, names *Names) (files []string) {
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
	if names != nil {
		args = append(args, names.args()...)
		files = append(files, "resolv.conf")
		if names.Hostname != "" {
			files = append(files, "hosts")
		}
	}
	if s.Hooks == nil {
		s.Hooks = &specs.Hooks{}
	}
	s.Hooks.CreateRuntime = append(s.Hooks.CreateRuntime, specs.Hook{Path: c.Program, Args: args})
	s.Hooks.Poststop = append(s.Hooks.Poststop, specs.Hook{Path: c.Program, Args: []string{"creel-netns", "release"}})
	return files
}

// on6 says that a port is published on an address of IPv6, so that the container needs one as well.
func on6(publish string) bool {
	p, err := port.Parse(publish)
	return err == nil && p.Host.Is6() && !p.Any()
}

func (n *Names) args() (args []string) {
	args = append(args, "--host-dns")
	for _, list := range []struct {
		flag   string
		values []string
	}{{"--dns", n.Servers}, {"--dns-search", n.Search}, {"--dns-option", n.Options}} {
		for _, v := range list.values {
			args = append(args, list.flag, v)
		}
	}
	if n.Hostname != "" {
		args = append(args, "--hostname", n.Hostname)
	}
	return args
}

// MakeFiles makes those files of a bundle that are missing, empty ones that everybody may read.
func MakeFiles(bundle string, names []string) error {
	for _, name := range names {
		f, err := os.OpenFile(filepath.Join(bundle, name), os.O_WRONLY|os.O_CREATE|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0o644)
		if err != nil {
			return err
		}
		if err := errors.Join(f.Chmod(0o644), f.Close()); err != nil { // whatever the umask is
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
