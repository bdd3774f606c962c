// Package flow forgets connections that the kernel tracks (conntrack), since it sends their packets on as it did with
// the first, whatever the rules have become.
package flow

import (
	"errors"
	"net/netip"

	"github.com/creel-project/creel/hooks/netns/port"
	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// To forgets the connections that were translated to a container which is no more.
func To(a netip.Addr) error {
	return forget(a.Is6(), func(f *netlink.ConntrackFlow) bool {
		source, ok := netip.AddrFromSlice(f.Reverse.SrcIP)
		return ok && source.Unmap() == a
	})
}

// Datagrams forgets what sent datagrams to a port before it was published. A connection of TCP ends, but such a flow
// lives as long as it is fed.
func Datagrams(ports []port.Mapping) error {
	numbers := map[uint16]bool{}
	for _, m := range ports {
		if m.Proto == "udp" {
			for one := range m.Each() {
				numbers[one.HostPort] = true
			}
		}
	}
	if len(numbers) == 0 {
		return nil
	}
	match := func(f *netlink.ConntrackFlow) bool {
		return f.Forward.Protocol == unix.IPPROTO_UDP && numbers[f.Forward.DstPort]
	}
	if err := forget(false, match); err != nil {
		return err
	}
	return forget(true, match)
}

type filter func(*netlink.ConntrackFlow) bool

func (f filter) MatchConntrackFlow(flow *netlink.ConntrackFlow) bool { return f(flow) }

func forget(ipv6 bool, match filter) error {
	family := netlink.InetFamily(unix.AF_INET)
	if ipv6 {
		family = unix.AF_INET6
	}
	for {
		_, err := netlink.ConntrackDeleteFilters(netlink.ConntrackTable, family, match)
		if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.EOPNOTSUPP) {
			return nil // a kernel that lists no connections (without nf_conntrack_netlink)
		}
		if !errors.Is(err, netlink.ErrDumpInterrupted) {
			return err
		}
	}
}
