package netdev

import (
	"bytes"
	"encoding/binary"
	"syscall"

	"golang.org/x/sys/unix"
)

// link is a network device as one network namespace knows it.
type link struct {
	index int32
	name  string
	up    bool
}

// linkRequest begins with struct ifinfomsg: an index, or 0, and the flags in mask.
func linkRequest(kind, flags uint16, index int32, set, mask uint32) *request {
	order := binary.NativeEndian
	b := []byte{unix.AF_UNSPEC, 0, 0, 0}
	b = order.AppendUint32(b, uint32(index))
	b = order.AppendUint32(b, set)
	return &request{kind, flags, order.AppendUint32(b, mask)}
}

// find looks for a device by its name; the error is ENODEV when there is none.
func (s *socket) find(name string) (l link, err error) {
	r := linkRequest(unix.RTM_GETLINK, 0, 0, 0, 0)
	r.text(unix.IFLA_IFNAME, name)
	err = s.do(r, func(m *syscall.NetlinkMessage) error {
		if m.Header.Type != unix.RTM_NEWLINK || len(m.Data) < unix.SizeofIfInfomsg {
			return unix.EPROTO
		}
		l.index = int32(binary.NativeEndian.Uint32(m.Data[4:]))
		l.up = binary.NativeEndian.Uint32(m.Data[8:])&unix.IFF_UP != 0
		for _, a := range attributes(m.Data[unix.SizeofIfInfomsg:]) {
			if a.kind == unix.IFLA_IFNAME {
				l.name = string(bytes.TrimRight(a.data, "\x00"))
			}
		}
		return nil
	})
	return l, err
}

// send moves a device into the network namespace ns, under this name, in one step.
func (s *socket) send(l link, ns int, name string) error {
	r := linkRequest(unix.RTM_NEWLINK, unix.NLM_F_ACK, l.index, 0, 0)
	r.u32(unix.IFLA_NET_NS_FD, uint32(ns))
	r.text(unix.IFLA_IFNAME, name)
	return s.do(r, nil)
}

// rename gives a device that is down another name; %d in it becomes the first free number.
func (s *socket) rename(l link, name string) error {
	r := linkRequest(unix.RTM_NEWLINK, unix.NLM_F_ACK, l.index, 0, 0)
	r.text(unix.IFLA_IFNAME, name)
	return s.do(r, nil)
}

func (s *socket) bringUp(l link) error {
	return s.do(linkRequest(unix.RTM_NEWLINK, unix.NLM_F_ACK, l.index, unix.IFF_UP, unix.IFF_UP), nil)
}
