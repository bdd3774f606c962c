package netdev

import (
	"errors"
	"slices"
	"syscall"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

func TestFixedNamesComeBeforeTemplates(t *testing.T) {
	got := order(map[string]specs.LinuxNetDevice{"a": {Name: "eth%d"}, "c": {}, "b": {Name: "eth0"}, "d": {Name: "%d"}})
	if want := []string{"b", "c", "a", "d"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestATornAttributeEndsTheList(t *testing.T) {
	r := &request{}
	r.text(unix.IFLA_IFNAME, "eth0")
	r.u32(unix.IFLA_MTU, 1400)
	for n := range len(r.body) + 1 {
		all := attributes(r.body[:n])
		if want := n / 9; n < 12 && len(all) != want || n >= 12 && n < 20 && len(all) != 1 || n == 20 && len(all) != 2 {
			t.Errorf("%d of %d bytes: %d attributes", n, len(r.body), len(all))
		}
	}
	if all := attributes([]byte{3, 0, 1, 0, 9}); all != nil {
		t.Errorf("an attribute shorter than its header: %v", all)
	}
}

func TestAnErrorBeginsWithTheKernelsWords(t *testing.T) {
	m := &syscall.NetlinkMessage{Data: []byte{0xea, 0xff, 0xff, 0xff}} // -22
	if err := failure(m); !errors.Is(err, unix.EINVAL) || err.Error() != "invalid argument" {
		t.Error(err)
	}
	r := &request{body: append(m.Data, make([]byte, unix.SizeofNlMsghdr)...)}
	r.text(unix.NLMSGERR_ATTR_MSG, "Not possible.")
	m.Header.Flags, m.Data = unix.NLM_F_ACK_TLVS|unix.NLM_F_CAPPED, r.body
	if err := failure(m); !errors.Is(err, unix.EINVAL) || err.Error() != "Not possible: invalid argument" {
		t.Error(err)
	}
	if err := failure(&syscall.NetlinkMessage{Data: make([]byte, 20)}); err != nil {
		t.Errorf("an acknowledgement is %v", err)
	}
}

func TestAddressesAreWrittenForPeople(t *testing.T) {
	four := address{family: unix.AF_INET, prefix: 24, attrs: []attribute{{unix.IFA_ADDRESS, []byte{10, 0, 0, 9}}, {unix.IFA_LOCAL, []byte{10, 0, 0, 1}}}}
	six := address{family: unix.AF_INET6, prefix: 64, attrs: []attribute{{unix.IFA_ADDRESS, []byte{0xfd, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2}}}}
	if four.String() != "10.0.0.1/24" || six.String() != "fd00:4:0:0:0:0:0:2/64" {
		t.Errorf("%s, %s", four.String(), six.String())
	}
}
