package netdev

import (
	"encoding/binary"
	"fmt"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// address is a permanent address of global scope.
type address struct {
	family, prefix uint8
	flags          uint32 // IFA_F_*
	attrs          []attribute
}

// kept are the flags of an address that somebody has chosen. The others say what
// became of it: whether it is the first of its network, or was found to be free.
const kept = unix.IFA_F_NODAD | unix.IFA_F_HOMEADDRESS | unix.IFA_F_MANAGETEMPADDR | unix.IFA_F_NOPREFIXROUTE | unix.IFA_F_MCAUTOJOIN

const ifaProto = 11 // IFA_PROTO, Linux 5.18: who made the address

// addresses lists the permanent addresses of global scope that a device has, in
// the order in which they must be made again. Label and index are left out: they
// belong to the old name and namespace.
func (s *socket) addresses(l link) (all []address, err error) {
	r := &request{unix.RTM_GETADDR, unix.NLM_F_DUMP, make([]byte, unix.SizeofIfAddrmsg)}
	err = s.do(r, func(m *syscall.NetlinkMessage) error {
		if m.Header.Type != unix.RTM_NEWADDR || len(m.Data) < unix.SizeofIfAddrmsg {
			return unix.EPROTO
		}
		scope, index := m.Data[3], int32(binary.NativeEndian.Uint32(m.Data[4:]))
		if index != l.index || scope != unix.RT_SCOPE_UNIVERSE {
			return nil
		}
		if a := readAddress(m.Data); a.flags&unix.IFA_F_PERMANENT != 0 {
			all = append(all, a)
		}
		return nil
	})
	return all, err
}

// readAddress reads struct ifaddrmsg and its attributes. The data is copied: the
// buffer is used again.
func readAddress(data []byte) address {
	a := address{family: data[0], prefix: data[1], flags: uint32(data[2])}
	for _, at := range attributes(data[unix.SizeofIfAddrmsg:]) {
		switch at.kind {
		case unix.IFA_FLAGS: // has room for more than the 8 bits in front
			if len(at.data) == 4 {
				a.flags = binary.NativeEndian.Uint32(at.data)
			}
		case unix.IFA_ADDRESS, unix.IFA_LOCAL, unix.IFA_BROADCAST, unix.IFA_CACHEINFO, unix.IFA_RT_PRIORITY, ifaProto:
			a.attrs = append(a.attrs, attribute{at.kind, append([]byte(nil), at.data...)})
		}
	}
	return a
}

func (s *socket) addAddress(l link, a *address) error {
	r := &request{unix.RTM_NEWADDR, unix.NLM_F_ACK | unix.NLM_F_CREATE | unix.NLM_F_EXCL, nil}
	r.body = append(r.body, a.family, a.prefix, 0, unix.RT_SCOPE_UNIVERSE)
	r.body = binary.NativeEndian.AppendUint32(r.body, uint32(l.index))
	for _, at := range a.attrs {
		r.attr(at.kind, at.data)
	}
	r.u32(unix.IFA_FLAGS, a.flags&kept)
	return s.do(r, nil)
}

// String writes the address as people do, but for the zeros of IPv6, all of which stay.
func (a *address) String() string {
	var ip []byte
	for _, at := range a.attrs {
		if at.kind == unix.IFA_LOCAL || at.kind == unix.IFA_ADDRESS && ip == nil {
			ip = at.data
		}
	}
	var text strings.Builder
	for i := 0; i+1 < len(ip); i += 2 {
		if a.family == unix.AF_INET {
			fmt.Fprintf(&text, ".%d.%d", ip[i], ip[i+1])
		} else {
			fmt.Fprintf(&text, ":%x", binary.BigEndian.Uint16(ip[i:]))
		}
	}
	return fmt.Sprintf("%s/%d", strings.TrimLeft(text.String(), ".:"), a.prefix)
}
