package link

import (
	"errors"
	"net/netip"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// Routes lists the subnets that the host has routes to, those of its own interfaces among them.
func Routes() (subnets []netip.Prefix, err error) {
	all := &netlink.Route{Table: unix.RT_TABLE_UNSPEC}
	list, err := whole(func() ([]netlink.Route, error) {
		return netlink.RouteListFiltered(netlink.FAMILY_V4, all, netlink.RT_FILTER_TABLE)
	})
	if err != nil {
		return nil, err
	}
	for _, r := range list {
		if r.Dst == nil || r.Table == unix.RT_TABLE_LOCAL {
			continue
		}
		if ip, ok := netip.AddrFromSlice(r.Dst.IP); ok {
			bits, _ := r.Dst.Mask.Size()
			subnets = append(subnets, netip.PrefixFrom(ip.Unmap(), bits))
		}
	}
	return subnets, nil
}

// MTU is that of the interface with the default route: larger packets would not get further. Without one it is 1500.
func MTU() int {
	const ethernet = 1500
	list, err := whole(func() ([]netlink.Route, error) { return netlink.RouteList(nil, netlink.FAMILY_V4) })
	if err != nil {
		return ethernet
	}
	for _, r := range list {
		if r.Dst != nil && !r.Dst.IP.IsUnspecified() {
			continue
		}
		if l, err := netlink.LinkByIndex(r.LinkIndex); err == nil && l.Attrs().MTU > 0 {
			return min(l.Attrs().MTU, ethernet)
		}
	}
	return ethernet
}

// whole lists again what somebody changed while it was listed (NLM_F_DUMP_INTR in netlink(7)). On a host where that
// goes on, it is content with what it has.
func whole[T any](list func() ([]T, error)) (found []T, err error) {
	for range 20 {
		if found, err = list(); !errors.Is(err, netlink.ErrDumpInterrupted) {
			return found, err
		}
	}
	return found, nil
}
