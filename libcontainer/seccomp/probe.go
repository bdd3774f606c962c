package seccomp

import (
	"slices"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/seccomp/wire"
)

// newerActions are the actions that came after seccomp filters themselves
// (Linux 3.5), so that a kernel, or a sandbox that plays one, may lack them.
var newerActions = [...]struct {
	action uint32
	word   specs.LinuxSeccompAction
	since  string
}{
	{unix.SECCOMP_RET_KILL_PROCESS, specs.ActKillProcess, "4.14"},
	{unix.SECCOMP_RET_LOG, specs.ActLog, "4.14"},
	{unix.SECCOMP_RET_USER_NOTIF, specs.ActNotify, "5.0"},
}

// kernelActions says which of newerActions the kernel has, a bit each.
func kernelActions() uint8 {
	var have uint8
	for i := range newerActions {
		if actionAvailable(newerActions[i].action) {
			have |= 1 << i
		}
	}
	return have
}

// haveFlags says whether the kernel knows all of the SECCOMP_FILTER_FLAG_* in
// flags. Without a filter to read, it answers EFAULT after it has judged the flags.
func haveFlags(flags uint32) bool {
	return seccomp(unix.SECCOMP_SET_MODE_FILTER, flags, nil) == unix.EFAULT
}

// Enabled says whether filters can be used at all (CONFIG_SECCOMP_FILTER, and
// no outer filter that forbids seccomp(2)).
func Enabled() bool { return actionAvailable(unix.SECCOMP_RET_ALLOW) }

// Actions are the specification's words for the actions that Load understands.
func Actions() []string {
	return []string{
		string(specs.ActAllow), string(specs.ActErrno), string(specs.ActKill),
		string(specs.ActKillProcess), string(specs.ActKillThread), string(specs.ActLog),
		string(specs.ActNotify), string(specs.ActTrace), string(specs.ActTrap),
	}
}

// Operators are the specification's words for the comparisons that Load understands.
func Operators() []string { return slices.Sorted(slices.Values(wire.OpNames[:])) }

// Architectures are the specification's words for the architectures that Load
// understands. Those that differ in byte order from the machine, and those
// that are younger than the libseccomp in use, are refused.
func Architectures() []string { return slices.Sorted(slices.Values(wire.ArchNames[:])) }

// KnownFlags are the flags that Load understands.
func KnownFlags() []string {
	words := make([]string, 0, len(knownFlags))
	for _, k := range knownFlags {
		words = append(words, string(k.word))
	}
	return words
}

// SupportedFlags are those of KnownFlags that the running kernel has.
func SupportedFlags() []string {
	var words []string
	for _, k := range knownFlags {
		if haveFlags(k.bit | killableNeeds(k.bit)) {
			words = append(words, string(k.word))
		}
	}
	return words
}
