package seccomp

// Call is a system call that init makes, or may make, after it loaded the filter.
type Call struct {
	Name string
	Why  string // when init makes it, as the end of a sentence
}

// CallsAfterFilter are the calls that the container's init, or exec's, can make
// under the filter. Only execve must be allowed; the others carry the report of
// an execve that failed. None can have SCMP_ACT_NOTIFY: the agent would be asked
// about a process that does not run yet, and could keep its start from being told.
var CallsAfterFilter = [...]Call{
	{"execve", "to become the process"},
	{"sendmsg", "to report why the process could not be executed"},
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
