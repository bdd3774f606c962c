package netns

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/creel-project/creel/hooks/netns/cni"
	"github.com/creel-project/creel/hooks/netns/flow"
	"github.com/creel-project/creel/hooks/netns/link"
	"github.com/creel-project/creel/hooks/netns/proc"
	"github.com/creel-project/creel/hooks/netns/record"
	"github.com/creel-project/creel/hooks/netns/resolv"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// Attach gives a container its interface. If any step does not work, nothing is left of those before it.
func Attach(o *Options, c *specs.State) error {
	if err := o.check(); err != nil {
		return err
	}
	p, err := proc.Find(c.Pid)
	if err != nil {
		return fmt.Errorf("the container's process: %w", err)
	}
	ns, err := p.Netns()
	if err != nil {
		return fmt.Errorf("the container's network namespace: %w", err)
	}
	defer ns.Close()
	e := &record.Endpoint{ID: c.ID, Bundle: c.Bundle, Process: p, Netns: inode(ns), Iface: o.Iface, Ports: o.Ports, Created: time.Now().UTC()}
	made := false
	var of cni.Result
	if o.CNI != "" {
		of, err = o.plug(e)
	} else {
		made, of.Gateways, err = o.connect(e, ns)
		of.Addresses = []netip.Addr{e.Address, e.Address6}
	}
	if err != nil {
		return err
	}
	if err := o.names(c.Bundle, of); err != nil {
		return errors.Join(o.undo(e, made), err)
	}
	return nil
}

// names writes the files by which the container resolves names, when it is known what addresses it has.
func (o *Options) names(bundle string, of cni.Result) error {
	conf := o.DNS
	if o.HostDNS {
		ipv6 := slices.ContainsFunc(of.Addresses, netip.Addr.Is6)
		conf = conf.Or(of.DNS).Or(resolv.Host(ipv6))
	}
	text := conf.Text()
	if o.HostDNS && len(conf.Servers) == 0 {
		text += "# the host has no name server that a container reaches\n"
	}
	if text != "" {
		if err := resolv.Write(bundle, o.ResolvConf, text); err != nil {
			return fmt.Errorf("--dns: %w", err)
		}
	}
	if len(o.Names)+len(o.AddHosts) > 0 {
		if err := resolv.Write(bundle, o.Hosts, of.Hosts(o.Names, o.AddHosts)); err != nil {
			return fmt.Errorf("--hostname: %w", err)
		}
	}
	return nil
}

// check looks at what can be seen to be wrong by itself.
func (o *Options) check() error {
	if err := link.CheckName(o.Iface); err != nil {
		return fmt.Errorf("--iface: %w", err)
	}
	for i, m := range o.Ports {
		for _, other := range o.Ports[:i] {
			if m.Conflicts(other) {
				return fmt.Errorf("--publish: %s and %s are one port of the host", other, m)
			}
		}
	}
	if err := resolv.CheckNames(o.Names); err != nil {
		return err
	}
	return o.DNS.Check()
}

// inode is how the kernel tells namespaces apart (namespaces(7)).
func inode(f *os.File) uint64 {
	var st unix.Stat_t
	if unix.Fstat(int(f.Fd()), &st) != nil {
		return 0
	}
	return st.Ino
}

// connect gives the container an interface at a bridge, and says whether it made that, and its addresses.
func (o *Options) connect(e *record.Endpoint, ns *os.File) (made bool, bridge []netip.Addr, err error) {
	pair, made, err := o.enlist(e)
	if err != nil {
		return false, nil, err
	}
	bridge = []netip.Addr{pair.Gateway, pair.Gateway6}
	if o.NoRoute {
		pair.Gateway, pair.Gateway6 = netip.Addr{}, netip.Addr{}
	}
	if err := errors.Join(pair.Make(ns), flow.Datagrams(o.Ports)); err != nil {
		return false, nil, errors.Join(o.undo(e, made), err)
	}
	return made, bridge, nil
}

// enlist records what the container gets, and prepares the host's side.
func (o *Options) enlist(e *record.Endpoint) (pair *link.Pair, made bool, err error) {
	h, err := lock(o.StateDir)
	if err != nil {
		return nil, false, err
	}
	defer h.Close()
	if err := h.sweep(false); err != nil {
		return nil, false, err
	}
	n, made, err := o.admit(h, e)
	if err != nil {
		return nil, false, err
	}
	h.Endpoints = append(h.Endpoints, e)
	index := 0
	if err = h.Save(); err == nil {
		index, err = h.ensure(n, o.OwnFirewall)
	}
	if err != nil {
		return nil, false, errors.Join(h.undo(e, made), err)
	}
	mac, _ := net.ParseMAC(e.MAC)
	pair = &link.Pair{Bridge: index, Outside: e.Veth, Inside: e.Iface, MTU: n.MTU, MAC: mac, Hairpin: len(e.Ports) > 0,
		Address: netip.PrefixFrom(e.Address, n.Address.Bits()), Gateway: n.Address.Addr()}
	if o.MTU != 0 {
		pair.MTU = o.MTU
	}
	if e.Address6.IsValid() {
		pair.Address6, pair.Gateway6 = netip.PrefixFrom(e.Address6, n.Address6.Bits()), n.Address6.Addr()
	}
	return pair, made, nil
}

// plug has the plugins of CNI do it.
func (o *Options) plug(e *record.Endpoint) (of cni.Result, err error) {
	for _, m := range o.Ports {
		if m.Loopback6() {
			return of, fmt.Errorf("--publish: %s: plugins of CNI cannot publish a port on ::1 (use 127.0.0.1)", m)
		}
	}
	e.CNI = &record.CNI{Network: o.CNI, ConfDir: o.ConfDir, BinDirs: o.BinDirs, Cache: filepath.Join(o.StateDir, "cni"), Capabilities: cni.Capabilities(o.Ports, o.StaticIP, o.MAC)}
	list, err := cni.Load(e.CNI)
	if err != nil {
		return of, fmt.Errorf("--cni: %w", err)
	}
	h, err := lock(o.StateDir)
	if err != nil {
		return of, err
	}
	if err = h.sweep(true); err == nil {
		err = unique(h, e)
	}
	if err == nil {
		h.Endpoints = append(h.Endpoints, e)
		err = h.Save()
	}
	h.Close() // plugins may take their time
	if err != nil {
		return of, err
	}
	if of, err = cni.Add(e, list); err != nil {
		return of, errors.Join(o.undo(e, false), fmt.Errorf("--cni: %s: %w", o.CNI, err))
	}
	return of, nil
}
