package compile

import (
	"encoding/binary"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// schedPolicy numbers the policies as sched(7) does.
func schedPolicy(p specs.LinuxSchedulerPolicy) uint32 {
	switch p {
	case specs.SchedFIFO:
		return 1
	case specs.SchedRR:
		return 2
	case specs.SchedBatch:
		return 3
	case specs.SchedISO:
		return 4
	case specs.SchedIdle:
		return 5
	case specs.SchedDeadline:
		return 6
	}
	return 0 // SCHED_OTHER
}

func schedFlag(f specs.LinuxSchedulerFlag) uint64 {
	switch f {
	case specs.SchedFlagResetOnFork:
		return 0x01
	case specs.SchedFlagReclaim:
		return 0x02
	case specs.SchedFlagDLOverrun:
		return 0x04
	case specs.SchedFlagKeepPolicy:
		return 0x08
	case specs.SchedFlagKeepParams:
		return 0x10
	case specs.SchedFlagUtilClampMin:
		return 0x20
	case specs.SchedFlagUtilClampMax:
		return 0x40
	}
	return 0
}

// schedAttr packs struct sched_attr (sched_setattr(2)) in its second version, of
// 56 bytes (Linux 5.3): with the flags SCHED_FLAG_UTIL_CLAMP_* the kernel wants
// the clamps at its end, for which the spec has no values.
func schedAttr(s *specs.Scheduler) []byte {
	var flags uint64
	for _, f := range s.Flags {
		flags |= schedFlag(f)
	}
	order := binary.NativeEndian
	a := order.AppendUint32(make([]byte, 0, 56), 56)
	a = order.AppendUint32(a, schedPolicy(s.Policy))
	a = order.AppendUint64(a, flags)
	a = order.AppendUint32(a, uint32(s.Nice))
	a = order.AppendUint32(a, uint32(s.Priority))
	a = order.AppendUint64(a, s.Runtime)
	a = order.AppendUint64(a, s.Deadline)
	a = order.AppendUint64(a, s.Period)
	return order.AppendUint64(a, 0) // sched_util_min, sched_util_max
}

// ioClass numbers the classes as ioprio_set(2) does.
func ioClass(c specs.IOPriorityClass) uint64 {
	switch c {
	case specs.IOPRIO_CLASS_RT:
		return 1
	case specs.IOPRIO_CLASS_BE:
		return 2
	case specs.IOPRIO_CLASS_IDLE:
		return 3
	}
	return 0
}
