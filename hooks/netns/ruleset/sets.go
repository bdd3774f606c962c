package ruleset

import (
	"encoding/binary"
	"net/netip"

	"github.com/creel-project/creel/hooks/netns/port"
	"github.com/google/nftables"
	"golang.org/x/sys/unix"
)

// Types of keys and values. Each part of a concatenation fills up a multiple of four bytes.
func concat(types ...nftables.SetDatatype) nftables.SetDatatype {
	return nftables.MustConcatSetType(types...)
}

// fill makes the sets and maps.
func (w *content) fill(bridges []Bridge, others []string) {
	var all, isolated, pairs, foreign, subnets4, subnets6 []nftables.SetElement
	var p ports
	for _, br := range bridges {
		name := ifname(br.Name)
		all = append(all, nftables.SetElement{Key: name})
		pairs = append(pairs, nftables.SetElement{Key: append(ifname(br.Name), name...)})
		if br.Isolated {
			isolated = append(isolated, nftables.SetElement{Key: name})
		}
		subnets4 = append(subnets4, interval(br.Subnet)...)
		if br.Subnet6.IsValid() {
			subnets6 = append(subnets6, interval(br.Subnet6)...)
		}
		for _, c := range br.Published {
			p.add(c)
		}
	}
	for _, name := range others {
		foreign = append(foreign, nftables.SetElement{Key: ifname(name)})
	}
	w.set(&nftables.Set{Name: "bridges", KeyType: nftables.TypeIFName}, all)
	w.set(&nftables.Set{Name: "pairs", KeyType: concat(nftables.TypeIFName, nftables.TypeIFName)}, pairs)
	w.set(&nftables.Set{Name: "isolated", KeyType: nftables.TypeIFName}, isolated)
	w.set(&nftables.Set{Name: "foreign", KeyType: nftables.TypeIFName}, foreign)
	w.set(&nftables.Set{Name: "subnets4", KeyType: nftables.TypeIPAddr, Interval: true}, subnets4)
	w.set(&nftables.Set{Name: "subnets6", KeyType: nftables.TypeIP6Addr, Interval: true}, subnets6)
	w.portMaps(&p)
}

func (w *content) portMaps(p *ports) {
	proto, service := nftables.TypeInetProto, nftables.TypeInetService
	for _, m := range []struct {
		name     string
		key, val nftables.SetDatatype
		elements []nftables.SetElement
	}{
		{"ports4", concat(nftables.TypeIPAddr, proto, service), concat(nftables.TypeIPAddr, service), p.at4},
		{"ports6", concat(nftables.TypeIP6Addr, proto, service), concat(nftables.TypeIP6Addr, service), p.at6},
		{"any4", concat(proto, service), concat(nftables.TypeIPAddr, service), p.any4},
		{"any6", concat(proto, service), concat(nftables.TypeIP6Addr, service), p.any6},
	} {
		w.set(&nftables.Set{Name: m.name, IsMap: true, KeyType: m.key, DataType: m.val}, m.elements)
	}
}

// ports are the elements of the maps: those for certain addresses of the host, and those for any.
type ports struct{ at4, at6, any4, any6 []nftables.SetElement }

func (p *ports) add(c Published) {
	for _, list := range c.Ports {
		for m := range list.Each() {
			key := append(word(protocol(m)), service(m.HostPort)...)
			if m.Is4() {
				put(&p.at4, &p.any4, m, key, c.Address)
			}
			if m.Is6() && c.Address6.IsValid() {
				put(&p.at6, &p.any6, m, key, c.Address6)
			}
		}
	}
}

func put(at, any *[]nftables.SetElement, m port.Mapping, key []byte, to netip.Addr) {
	e := nftables.SetElement{Key: key, Val: append(to.AsSlice(), service(m.Port)...)}
	if m.Any() {
		*any = append(*any, e)
		return
	}
	e.Key = append(m.Host.AsSlice(), key...)
	*at = append(*at, e)
}

func protocol(m port.Mapping) byte {
	switch m.Proto {
	case "udp":
		return unix.IPPROTO_UDP
	case "sctp":
		return unix.IPPROTO_SCTP
	}
	return unix.IPPROTO_TCP
}

func word(b byte) []byte { return []byte{b, 0, 0, 0} }

func service(port uint16) []byte { return append(binary.BigEndian.AppendUint16(nil, port), 0, 0) }

// ifname is the key for an interface: its name with zeros behind it.
func ifname(name string) []byte {
	b := make([]byte, unix.IFNAMSIZ)
	copy(b, name)
	return b
}

// interval is the two elements for a subnet: where it begins, and where what is behind it does.
func interval(p netip.Prefix) []nftables.SetElement {
	first := p.Masked().Addr().AsSlice()
	end := p.Masked().Addr().AsSlice()
	for i := p.Bits() - 1; i >= 0; i-- { // one more in the prefix
		end[i/8] ^= 0x80 >> (i % 8)
		if end[i/8]&(0x80>>(i%8)) != 0 {
			break
		}
	}
	return []nftables.SetElement{{Key: first}, {Key: end, IntervalEnd: true}}
}
