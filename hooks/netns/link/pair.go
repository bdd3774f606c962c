package link

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"runtime"

	"github.com/creel-project/creel/hooks/netns/sysctl"
	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"
)

// A Pair is a container's interface, and its other end at a bridge (veth(4)).
type Pair struct {
	Bridge            int // its index
	Outside, Inside   string
	MTU               int
	MAC               net.HardwareAddr
	Address, Address6 netip.Prefix // with the length of the subnet; Address6 may be missing
	Gateway, Gateway6 netip.Addr
	// Hairpin lets what the container sends come back to it, as its own published ports do where bridged packets are
	// filtered (br_netfilter).
	Hairpin bool
}

// Make makes the pair, one end of it in the container's network namespace, and gives that end its addresses and routes.
// What is half made goes with Delete of the outer end.
func (p *Pair) Make(ns *os.File) error {
	outer := netlink.NewLinkAttrs()
	outer.Name, outer.MTU, outer.MasterIndex, outer.Flags = p.Outside, p.MTU, p.Bridge, net.FlagUp
	err := netlink.LinkAdd(&netlink.Veth{LinkAttrs: outer, PeerName: p.Inside, PeerHardwareAddr: p.MAC, PeerNamespace: netlink.NsFd(ns.Fd())})
	if errors.Is(err, unix.EEXIST) {
		return fmt.Errorf("the container has an interface %s: make it: %w", p.Inside, err)
	}
	if err != nil {
		return fmt.Errorf("make the interfaces %s and %s: %w", p.Outside, p.Inside, err)
	}
	if p.Hairpin {
		l, err := netlink.LinkByName(p.Outside)
		if err == nil {
			err = netlink.LinkSetHairpin(l, true)
		}
		if err != nil {
			return fmt.Errorf("set %s to hairpin mode: %w", p.Outside, err)
		}
	}
	if p.Address6.IsValid() {
		if err := within(ns, func() error { return sysctl.Interface(p.Inside) }); err != nil {
			return err
		}
	}
	h, err := netlink.NewHandleAt(netns.NsHandle(ns.Fd()), unix.NETLINK_ROUTE)
	if err != nil {
		return fmt.Errorf("enter the container's network namespace: %w", err)
	}
	defer h.Close()
	return p.configure(h)
}

// configure sets what is inside.
func (p *Pair) configure(h *netlink.Handle) error {
	lo, err := h.LinkByName("lo")
	if err == nil {
		err = h.LinkSetUp(lo)
	}
	if err != nil {
		return fmt.Errorf("bring up lo: %w", err)
	}
	l, err := h.LinkByName(p.Inside)
	if err != nil {
		return err
	}
	for _, a := range []netip.Prefix{p.Address, p.Address6} {
		if !a.IsValid() {
			continue
		}
		if err := h.AddrAdd(l, address(a)); err != nil {
			return fmt.Errorf("%s: add the address %s: %w", p.Inside, a, err)
		}
	}
	if err := h.LinkSetUp(l); err != nil {
		return fmt.Errorf("bring up %s: %w", p.Inside, err)
	}
	for _, gw := range []netip.Addr{p.Gateway, p.Gateway6} {
		if !gw.IsValid() {
			continue
		}
		err := h.RouteAdd(&netlink.Route{LinkIndex: l.Attrs().Index, Gw: gw.AsSlice()})
		if errors.Is(err, unix.EEXIST) {
			return fmt.Errorf("the container has a default route: add one via %s: %w", gw, err)
		}
		if err != nil {
			return fmt.Errorf("%s: add a default route via %s: %w", p.Inside, gw, err)
		}
	}
	return nil
}

// within calls f on a thread in a network namespace, which ends afterwards: /proc/sys/net is that of whoever opens it.
func within(ns *os.File, f func() error) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocked: Go ends the thread with the goroutine
		err := unix.Setns(int(ns.Fd()), unix.CLONE_NEWNET)
		if err == nil {
			err = f()
		}
		done <- err
	}()
	return <-done
}
