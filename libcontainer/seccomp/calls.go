package seccomp

// Call is a system call that init makes, or may make, after it loaded the filter.
type Call struct {
	Name string
	Why  string // when init makes it, as the end of a sentence
}

// CallsAfterFilter are the calls that the container's init, or exec's, can make
// under the filter. Only execve must be allowed; the others carry the report of
// an execve that failed. None can have SCMP_ACT_NOTIFY: init would wait for an
// agent that cannot have been told of the listener, or has been told and serves
// a process that does not run yet.
var CallsAfterFilter = [...]Call{
	{"execve", "to become the process"},
	{"sendmsg", "to report why the process could not be executed"},
	{"sendto", "to report why the process could not be executed"},
	{"write", "to report why the process could not be executed"},
	{"close", "to give up what the process must not inherit"},
	{"exit", "to end after a failure"},
	{"exit_group", "to end after a failure"},
}

func callAfterFilter(name string) *Call {
	for i := range CallsAfterFilter {
		if CallsAfterFilter[i].Name == name {
			return &CallsAfterFilter[i]
		}
	}
	return nil
}
