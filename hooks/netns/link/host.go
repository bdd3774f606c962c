package link

import (
	"net/netip"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// Routes lists the subnets that the host has routes to, those of its own interfaces among them.
func Routes() (subnets []netip.Prefix, err error) {
	list, err := netlink.RouteListFiltered(netlink.FAMILY_V4, &netlink.Route{Table: unix.RT_TABLE_UNSPEC}, netlink.RT_FILTER_TABLE)
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
	list, err := netlink.RouteList(nil, netlink.FAMILY_V4)
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
