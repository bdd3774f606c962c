package spec

import (
	"math"

	"github.com/creel-project/creel/internal/numlist"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// scheduling checks what decides when the process runs and does I/O.
func (c *checker) scheduling(p *specs.Process) {
	if p.Scheduler != nil {
		c.scheduler(p.Scheduler)
	}
	if io := p.IOPriority; io != nil {
		switch io.Class {
		case specs.IOPRIO_CLASS_RT, specs.IOPRIO_CLASS_BE, specs.IOPRIO_CLASS_IDLE:
		default:
			c.bad("process.ioPriority.class", "%q is not one of IOPRIO_CLASS_RT, IOPRIO_CLASS_BE, IOPRIO_CLASS_IDLE", io.Class)
		}
		if io.Priority < 0 || io.Priority > 7 {
			c.bad("process.ioPriority.priority", "%d is not from 0 (highest) to 7 (lowest)", io.Priority)
		}
	}
	if a := p.ExecCPUAffinity; a != nil {
		c.numbers("process.execCPUAffinity.initial", a.Initial, numlist.CPUs)
		c.numbers("process.execCPUAffinity.final", a.Final, numlist.CPUs)
	}
}

// scheduler checks what sched_setattr(2) would refuse, and what it would ignore.
func (c *checker) scheduler(s *specs.Scheduler) {
	const field = "process.scheduler."
	realtime, deadline := false, false
	switch s.Policy {
	case specs.SchedOther, specs.SchedBatch, specs.SchedIdle:
	case specs.SchedFIFO, specs.SchedRR:
		realtime = true
	case specs.SchedDeadline:
		deadline = true
	case specs.SchedISO:
		c.bad(field+"policy", "SCHED_ISO is reserved, and no Linux implements it")
	case "":
		c.bad(field+"policy", "it is missing; one is SCHED_OTHER")
	default:
		c.bad(field+"policy", "%q is not one of SCHED_OTHER, SCHED_FIFO, SCHED_RR, SCHED_BATCH, SCHED_IDLE, SCHED_DEADLINE", s.Policy)
	}
	if s.Nice < -20 || s.Nice > 19 {
		c.bad(field+"nice", "%d is not from -20 to 19", s.Nice)
	}
	switch {
	case realtime && (s.Priority < 1 || s.Priority > 99):
		c.bad(field+"priority", "%d is not from 1 to 99, as %s needs it", s.Priority, s.Policy)
	case !realtime && s.Priority != 0:
		c.bad(field+"priority", "%d means something to SCHED_FIFO and SCHED_RR only, not to %q", s.Priority, s.Policy)
	}
	switch {
	case deadline:
		c.deadline(s)
	case s.Runtime != 0 || s.Deadline != 0 || s.Period != 0:
		c.bad("process.scheduler", "runtime %d, deadline %d and period %d mean something to SCHED_DEADLINE only, not to %q",
			s.Runtime, s.Deadline, s.Period, s.Policy)
	}
	for i, f := range s.Flags {
		switch f {
		case specs.SchedFlagResetOnFork, specs.SchedFlagReclaim, specs.SchedFlagDLOverrun, specs.SchedFlagKeepPolicy,
			specs.SchedFlagKeepParams, specs.SchedFlagUtilClampMin, specs.SchedFlagUtilClampMax:
		default:
			c.bad(at(field+"flags", i), "%q is not a flag of sched_setattr(2)", f)
		}
	}
}

// deadline checks runtime <= deadline <= period, in nanoseconds (sched(7)); a period
// of 0 is the deadline.
func (c *checker) deadline(s *specs.Scheduler) {
	const field = "process.scheduler."
	const least = 1024 // the resolution of the kernel's bandwidth accounting
	period := s.Period
	if period == 0 {
		period = s.Deadline
	}
	if s.Runtime < least {
		c.bad(field+"runtime", "%d is less than the %d nanoseconds that SCHED_DEADLINE needs", s.Runtime, least)
	}
	if s.Runtime > s.Deadline {
		c.bad(field+"deadline", "%d is less than the runtime, %d", s.Deadline, s.Runtime)
	}
	if s.Deadline > period {
		c.bad(field+"period", "%d is less than the deadline, %d", s.Period, s.Deadline)
	}
	if period > math.MaxInt64 || s.Deadline > math.MaxInt64 {
		c.bad(field+"period", "%d nanoseconds are more than %d", max(period, s.Deadline), int64(math.MaxInt64))
	}
}
