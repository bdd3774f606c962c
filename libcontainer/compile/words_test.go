package compile

import (
	"encoding/binary"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// TestCapabilitiesAreNumberedAsInTheKernel looks at some of the list, its end
// among them.
func TestCapabilitiesAreNumberedAsInTheKernel(t *testing.T) {
	for name, n := range map[string]int{
		"CAP_CHOWN": unix.CAP_CHOWN, "CAP_SETPCAP": unix.CAP_SETPCAP, "CAP_NET_BIND_SERVICE": unix.CAP_NET_BIND_SERVICE,
		"CAP_SYS_ADMIN": unix.CAP_SYS_ADMIN, "CAP_MKNOD": unix.CAP_MKNOD, "CAP_SYSLOG": unix.CAP_SYSLOG,
		"CAP_CHECKPOINT_RESTORE": unix.CAP_CHECKPOINT_RESTORE,
	} {
		if got := mask([]string{name}); got != 1<<n {
			t.Errorf("%s: mask %#x, want bit %d", name, got, n)
		}
	}
	if len(capNames) != unix.CAP_LAST_CAP+1 {
		t.Errorf("%d names for %d capabilities", len(capNames), unix.CAP_LAST_CAP+1)
	}
}

// TestSchedulerIsPackedAsTheKernelReadsIt checks struct sched_attr field by
// field (sched_setattr(2)).
func TestSchedulerIsPackedAsTheKernelReadsIt(t *testing.T) {
	a := schedAttr(&specs.Scheduler{
		Policy: specs.SchedDeadline, Nice: -3, Priority: 7,
		Flags:   []specs.LinuxSchedulerFlag{specs.SchedFlagResetOnFork, specs.SchedFlagUtilClampMax},
		Runtime: 11, Deadline: 22, Period: 33,
	})
	u32 := func(at int) uint32 { return binary.NativeEndian.Uint32(a[at:]) }
	u64 := func(at int) uint64 { return binary.NativeEndian.Uint64(a[at:]) }
	if len(a) != unix.SizeofSchedAttr || u32(0) != unix.SizeofSchedAttr {
		t.Fatalf("%d bytes, size %d, want %d", len(a), u32(0), unix.SizeofSchedAttr)
	}
	if u32(4) != unix.SCHED_DEADLINE || u64(8) != unix.SCHED_FLAG_RESET_ON_FORK|unix.SCHED_FLAG_UTIL_CLAMP_MAX {
		t.Errorf("policy %d, flags %#x", u32(4), u64(8))
	}
	if int32(u32(16)) != -3 || u32(20) != 7 || u64(24) != 11 || u64(32) != 22 || u64(40) != 33 || u64(48) != 0 {
		t.Errorf("nice, priority, runtime, deadline, period, clamps in % x", a[16:])
	}
}

// TestMemoryPoliciesAreNumberedAsInTheKernel: linux/mempolicy.h; package unix has some of it.
func TestMemoryPoliciesAreNumberedAsInTheKernel(t *testing.T) {
	for i, want := range []int{unix.MPOL_DEFAULT, unix.MPOL_PREFERRED, unix.MPOL_BIND, unix.MPOL_INTERLEAVE, unix.MPOL_LOCAL, unix.MPOL_PREFERRED_MANY, unix.MPOL_WEIGHTED_INTERLEAVE} {
		if got := policyMode(specs.MemoryPolicyModeType(MemoryPolicyModes()[i])); got != uint64(want) {
			t.Errorf("%s is %d, want %d", MemoryPolicyModes()[i], got, want)
		}
	}
	for i, want := range []uint64{unix.MPOL_F_NUMA_BALANCING, unix.MPOL_F_RELATIVE_NODES, unix.MPOL_F_STATIC_NODES} {
		if got := policyFlag(specs.MemoryPolicyFlagType(MemoryPolicyFlags()[i])); got != want {
			t.Errorf("%s is %#x, want %#x", MemoryPolicyFlags()[i], got, want)
		}
	}
}

// TestSysctlsAreFoundAsSysctl8FindsThem: the first separator decides which of
// the two belongs to names.
func TestSysctlsAreFoundAsSysctl8FindsThem(t *testing.T) {
	for key, want := range map[string]string{
		"net.ipv4.ip_forward":             "net/ipv4/ip_forward",
		"net/ipv4/ip_forward":             "net/ipv4/ip_forward",
		"net.ipv4.conf.eth0/1.forwarding": "net/ipv4/conf/eth0.1/forwarding",
		"net/ipv4/conf/eth0.1/forwarding": "net/ipv4/conf/eth0.1/forwarding",
	} {
		if got := sysctlPath(key); got != want {
			t.Errorf("%s: %s, want %s", key, got, want)
		}
	}
}
