package ruleset

import (
	"github.com/google/nftables/binaryutil"
	"github.com/google/nftables/expr"
	"golang.org/x/sys/unix"
)

// Registers: 1 is the first of four with 16 bytes, whose first four bytes are also number 8 of those with 4 bytes
// (enum nft_registers of linux/netfilter/nf_tables.h).
const (
	reg  = 1
	reg4 = 8
)

const (
	iif = expr.MetaKeyIIFNAME
	oif = expr.MetaKeyOIFNAME
)

// Bits of a connection (ct state and ct status of nft(8)).
const (
	established = 2
	related     = 4
	translated  = 0x20 // IPS_DST_NAT
)

// name matches packets whose interface is in a set.
func name(which expr.MetaKey, set string) []expr.Any { return inSet(which, set, false) }

func notName(which expr.MetaKey, set string) []expr.Any { return inSet(which, set, true) }

func inSet(which expr.MetaKey, set string, invert bool) []expr.Any {
	return []expr.Any{
		&expr.Meta{Key: which, Register: reg},
		&expr.Lookup{SourceRegister: reg, SetName: set, Invert: invert},
	}
}

// pair matches what stays on one bridge (it is seen here where bridged packets are filtered too, br_netfilter).
func pair() []expr.Any {
	return []expr.Any{
		&expr.Meta{Key: iif, Register: reg},
		&expr.Meta{Key: oif, Register: reg4 + unix.IFNAMSIZ/4},
		&expr.Lookup{SourceRegister: reg, SetName: "pairs"},
	}
}

// family matches packets of IPv4, or of IPv6.
func family(f byte) []expr.Any {
	return []expr.Any{&expr.Meta{Key: expr.MetaKeyNFPROTO, Register: reg}, equal([]byte{f})}
}

func equal(data []byte) expr.Any { return &expr.Cmp{Op: expr.CmpOpEq, Register: reg, Data: data} }

// A field is a part of the network header.
type field struct{ offset, offset6 uint32 }

var saddr, daddr = field{12, 8}, field{16, 24}

func (f field) load(family byte) *expr.Payload {
	if family == unix.NFPROTO_IPV6 {
		return &expr.Payload{DestRegister: reg, Base: expr.PayloadBaseNetworkHeader, Offset: f.offset6, Len: 16}
	}
	return &expr.Payload{DestRegister: reg, Base: expr.PayloadBaseNetworkHeader, Offset: f.offset, Len: 4}
}

// ours matches packets from the subnets.
func ours(f byte) []expr.Any {
	set := "subnets4"
	if f == unix.NFPROTO_IPV6 {
		set = "subnets6"
	}
	return append(family(f), saddr.load(f), &expr.Lookup{SourceRegister: reg, SetName: set})
}

// loopback4 matches 127.0.0.0/8.
func loopback4(f field) []expr.Any {
	load := f.load(unix.NFPROTO_IPV4)
	load.Len = 1
	return append(family(unix.NFPROTO_IPV4), load, equal([]byte{127}))
}

// loopback6 matches ::1.
func loopback6(f field) []expr.Any {
	one := make([]byte, 16)
	one[15] = 1
	return append(family(unix.NFPROTO_IPV6), f.load(unix.NFPROTO_IPV6), equal(one))
}

// local matches packets to an address of the host.
func local() []expr.Any {
	return []expr.Any{
		&expr.Fib{Register: reg, FlagDADDR: true, ResultADDRTYPE: true},
		equal(binaryutil.NativeEndian.PutUint32(unix.RTN_LOCAL)),
	}
}

// bits matches connections that have one of them.
func bits(key expr.CtKey, mask uint32) []expr.Any {
	none := make([]byte, 4)
	return []expr.Any{
		&expr.Ct{Key: key, Register: reg},
		&expr.Bitwise{SourceRegister: reg, DestRegister: reg, Len: 4, Mask: binaryutil.NativeEndian.PutUint32(mask), Xor: none},
		&expr.Cmp{Op: expr.CmpOpNeq, Register: reg, Data: none},
	}
}

// translate looks the packet's protocol and port up in a map, with its destination in front where that belongs
// to the key, and sends it to the address and port that it finds there.
func translate(set string, f byte, withHost bool) []expr.Any {
	list, key := family(f), uint32(reg4)
	if withHost {
		load := daddr.load(f)
		list, key = append(list, load), key+load.Len/4
	}
	size := uint32(1)
	if f == unix.NFPROTO_IPV6 {
		size = 4
	}
	return append(list,
		&expr.Meta{Key: expr.MetaKeyL4PROTO, Register: key},
		&expr.Payload{DestRegister: key + 1, Base: expr.PayloadBaseTransportHeader, Offset: 2, Len: 2},
		&expr.Lookup{SourceRegister: reg, DestRegister: reg4, IsDestRegSet: true, SetName: set},
		&expr.NAT{Type: expr.NATTypeDestNAT, Family: uint32(f), RegAddrMin: reg4, RegProtoMin: reg4 + size, Specified: true},
	)
}

func verdict(kind expr.VerdictKind) []expr.Any { return []expr.Any{&expr.Verdict{Kind: kind}} }

func jump(chain string) []expr.Any {
	return []expr.Any{&expr.Verdict{Kind: expr.VerdictJump, Chain: chain}}
}
