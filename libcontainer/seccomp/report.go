package seccomp

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// Refusal is a system call that a filter does not simply allow.
type Refusal struct {
	Call   string
	Action uint32 // SECCOMP_RET_* with its data: the strictest that the call can get
	Always bool   // false: only with some arguments
}

func (r Refusal) String() string {
	s := fmt.Sprintf("%s gets %s", r.Call, Word(r.Action))
	if !r.Always {
		s += " with some arguments"
	}
	return s
}

// reporting are the calls that init needs under the filter: it executes the
// process, or reports by a message why not, and ends.
var reporting = [...]struct {
	name string
	nr   uint32
}{
	{"execve", unix.SYS_EXECVE},
	{"sendmsg", unix.SYS_SENDMSG},
	{"exit_group", unix.SYS_EXIT_GROUP},
}

// CheckReporting inspects a filter and returns which of the calls init needs
// after loading it are refused on the native architecture: without execve
// nothing can start, without the others a failing execve cannot be reported.
// When init ended without a word, the answer says why that may be.
func CheckReporting(prog []byte) ([]Refusal, error) {
	if err := verify(prog); err != nil {
		return nil, fmt.Errorf("seccomp filter: %w", err)
	}
	if auditArch() == 0 {
		return nil, errors.New("seccomp filter: unknown architecture")
	}
	var refused []Refusal
	for _, call := range reporting {
		r := Refusal{Call: call.name, Action: unix.SECCOMP_RET_ALLOW, Always: true}
		for _, act := range outcomes(prog, call.nr) {
			if lets(act) {
				r.Always = false
			} else if lets(r.Action) || stricter(act, r.Action) {
				r.Action = act
			}
		}
		if !lets(r.Action) {
			refused = append(refused, r)
		}
	}
	return refused, nil
}

// letsExecute refuses a filter under which no process can begin. It is asked once
// for each profile: what is in the cache has passed. SCMP_ACT_TRACE is up
// to the tracer, and SCMP_ACT_NOTIFY to the agent.
func letsExecute(prog []byte) error {
	refused, err := CheckReporting(prog)
	if err != nil {
		return fmt.Errorf("linux.seccomp: %w", err)
	}
	for _, r := range refused {
		if r.Call == "execve" && r.Always && !asks(r.Action) {
			return fmt.Errorf("linux.seccomp: no process can be executed under the filter: %s", r)
		}
	}
	return nil
}

// asks says whether another process decides on the call.
func asks(act uint32) bool {
	act &= unix.SECCOMP_RET_ACTION_FULL
	return act == unix.SECCOMP_RET_TRACE || act == unix.SECCOMP_RET_USER_NOTIF
}

// lets says whether an action carries the call out.
func lets(act uint32) bool {
	act &= unix.SECCOMP_RET_ACTION_FULL
	return act == unix.SECCOMP_RET_ALLOW || act == unix.SECCOMP_RET_LOG
}

// stricter compares as the kernel does among several filters: as signed numbers.
func stricter(a, b uint32) bool {
	return int32(a&unix.SECCOMP_RET_ACTION_FULL) < int32(b&unix.SECCOMP_RET_ACTION_FULL)
}
