package seccomp

import (
	"errors"
	"fmt"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// FlagTsync applies a filter to all threads. The specification once had it and
// engines still send it; for init, which has one thread, it changes nothing.
const FlagTsync specs.LinuxSeccompFlag = "SECCOMP_FILTER_FLAG_TSYNC"

// knownFlags are the flags that a profile can have, with their bit and the
// kernel that brought them (seccomp(2)).
var knownFlags = [...]struct {
	word  specs.LinuxSeccompFlag
	bit   uint32
	since string
}{
	{FlagTsync, unix.SECCOMP_FILTER_FLAG_TSYNC, "3.17"},
	{specs.LinuxSeccompFlagLog, unix.SECCOMP_FILTER_FLAG_LOG, "4.14"},
	{specs.LinuxSeccompFlagSpecAllow, unix.SECCOMP_FILTER_FLAG_SPEC_ALLOW, "4.17"},
	{specs.LinuxSeccompFlagWaitKillableRecv, unix.SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, "5.19"},
}

// filterFlags returns the bits for seccomp(2). Without a list the mitigation of
// Speculative Store Bypass, which can halve the speed of a process, is left
// off where the kernel knows how; an empty list means no flag at all.
func filterFlags(words []specs.LinuxSeccompFlag, notify bool) (uint32, error) {
	var flags uint32
	var wrong []error
	for i, w := range words {
		bit := flagBit(w)
		if bit == 0 {
			wrong = append(wrong, fmt.Errorf("linux.seccomp.flags[%d]: %q: unknown flag", i, w))
		}
		flags |= bit
	}
	if wrong != nil {
		return 0, errors.Join(wrong...)
	}
	if words == nil && haveFlags(unix.SECCOMP_FILTER_FLAG_SPEC_ALLOW) {
		flags = unix.SECCOMP_FILTER_FLAG_SPEC_ALLOW
	}
	if notify {
		flags |= unix.SECCOMP_FILTER_FLAG_NEW_LISTENER
		if flags&unix.SECCOMP_FILTER_FLAG_TSYNC != 0 {
			// Otherwise the kernel could not tell a listener from a thread id.
			flags |= unix.SECCOMP_FILTER_FLAG_TSYNC_ESRCH
		}
	}
	if len(words) > 0 && !haveFlags(flags|killableNeeds(flags)) {
		return 0, missingFlag(words)
	}
	if !notify {
		// About the wait for a listener's answer: there is none.
		flags &^= unix.SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
	}
	return flags, nil
}

func flagBit(word specs.LinuxSeccompFlag) uint32 {
	for i := range knownFlags {
		if knownFlags[i].word == word {
			return knownFlags[i].bit
		}
	}
	return 0
}

// killableNeeds are the flags without which the kernel refuses
// WAIT_KILLABLE_RECV, and those that these need in turn.
func killableNeeds(flags uint32) uint32 {
	if flags&unix.SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV == 0 {
		return 0
	}
	return unix.SECCOMP_FILTER_FLAG_NEW_LISTENER | unix.SECCOMP_FILTER_FLAG_TSYNC_ESRCH
}

func missingFlag(words []specs.LinuxSeccompFlag) error {
	for i, w := range words {
		for _, k := range knownFlags {
			if k.word == w && !haveFlags(k.bit|killableNeeds(k.bit)) {
				return fmt.Errorf("linux.seccomp.flags[%d]: %s: %w", i, w, &unsupported{"Linux " + k.since})
			}
		}
	}
	return fmt.Errorf("linux.seccomp.flags: %v: %w", words, &unsupported{"a newer Linux"})
}

// unsupported is the cause of errors about what the kernel lacks.
type unsupported struct{ needs string }

func (e *unsupported) Error() string { return "not available here, needs " + e.needs }

// Is makes errors.Is(err, unix.EOPNOTSUPP) true.
func (e *unsupported) Is(target error) bool { return target == unix.EOPNOTSUPP }
