// Package entry is where the kernel starts creel: before Go does.
//
// A command of creel lasts some milliseconds, and a third of that is the start of
// Go's runtime, which prepares for programs that run for days. The entry point,
// which the linker's flag -E names, tells it to do less, in ways that are open to
// any caller of any Go program:
//
//   - It makes the timer slack 2 ms (PR_SET_TIMERSLACK in prctl(2)). The runtime
//     has a thread that looks every 20 µs whether another one is stuck, and a new
//     thread takes its slack from the one that starts it.
//   - It adds GOMAXPROCS=2 to the environment, behind what is there. The runtime
//     makes room for as many processors as the machine has: with 64 of them
//     `state` takes 1.28 times as long.
//   - It lets no file be opened (RLIMIT_NOFILE) until Go's packages initialize.
//     The runtime would read the whole mount table to find the CPU limit of its
//     cgroup, which counts for nothing with GOMAXPROCS set. On a host with 300
//     mounts `state` takes 0.85 of the time.
//
// Nothing that creel starts may notice; package spawn sees to that. Without the
// flag everything works, slower.
//
// The package imports nothing: so it is initialized before package syscall, which
// notes the limit of open files for the processes that it starts.
package entry

//lint:file-ignore U1000 The linker's flag names start, which is assembly and uses the rest.

// Limit is struct rlimit64 of prlimit(2).
type Limit struct{ Soft, Hard uint64 }

// Slackened is creel's own timer slack, in nanoseconds.
const Slackened = 2_000_000

var (
	slack   uintptr // of the caller, in nanoseconds; 0 if nothing was changed
	files   Limit   // of the caller
	nofiles Limit   // until init
	limited bool    // nofiles is in force
)

// start is the entry point.
func start()

// allowFiles puts files in force again.
func allowFiles()

func init() {
	if limited {
		allowFiles()
	}
}

// Slack returns the timer slack that creel was started with, in nanoseconds, or 0 if it
// still has that.
func Slack() uintptr { return slack }

// Files returns the limit of open files that creel was started with, or nil if it is
// not known: in another program, which did not start here.
func Files() *Limit {
	if !limited {
		return nil
	}
	return &files
}
