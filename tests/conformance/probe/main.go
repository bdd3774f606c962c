// Probe is the program in the conformance suite's containers: it prints, as JSON,
// what it finds itself in. With an argument "wait" it then waits for SIGTERM.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/creel-project/creel/tests/conformance/seen"
	"golang.org/x/sys/unix"
)

func main() {
	end := make(chan os.Signal, 1)
	signal.Notify(end, syscall.SIGTERM)
	if err := json.NewEncoder(os.Stdout).Encode(look()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if slices.Contains(os.Args, "wait") {
		<-end
	}
}

func look() (r seen.Report) {
	r.Args, r.Env = os.Args, os.Environ()
	r.Cwd, _ = syscall.Getwd()
	r.UID, r.GID = os.Getuid(), os.Getgid()
	r.Groups, _ = os.Getgroups()
	r.Umask = syscall.Umask(0)
	r.Hostname, _ = os.Hostname()
	r.Domainname = text("/proc/sys/kernel/domainname")
	r.Status = map[string]string{}
	for line := range strings.Lines(text("/proc/self/status")) {
		name, value, _ := strings.Cut(line, ":")
		r.Status[name] = strings.TrimSpace(value)
	}
	r.OOMScoreAdj = text("/proc/self/oom_score_adj")
	r.UIDMap, r.GIDMap = text("/proc/self/uid_map"), text("/proc/self/gid_map")
	r.Namespaces = map[string]string{}
	for _, name := range []string{"cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"} {
		r.Namespaces[name], _ = os.Readlink("/proc/self/ns/" + name)
	}
	r.Mounts = mounts(text("/proc/self/mountinfo"))
	var u unix.Utsname
	if unix.Uname(&u) == nil {
		r.Machine = unix.ByteSliceToString(u.Machine[:])
	}
	attr, err := unix.SchedGetAttr(0, 0)
	if err == nil {
		r.Policy, r.Nice, r.Priority = int(attr.Policy), int(attr.Nice), int(attr.Priority)
	}
	const ioprioWhoProcess = 1
	prio, _, _ := syscall.RawSyscall(unix.SYS_IOPRIO_GET, ioprioWhoProcess, 0, 0)
	r.IOPrio = int(prio)
	_, err = unix.IoctlGetTermios(0, unix.TCGETS)
	r.Terminal = err == nil
	if size, err := unix.IoctlGetWinsize(0, unix.TIOCGWINSZ); err == nil {
		r.Rows, r.Columns = int(size.Row), int(size.Col)
	}
	r.Rlimits = map[string][2]uint64{}
	for name, number := range seen.Rlimits {
		var l unix.Rlimit
		if unix.Getrlimit(number, &l) == nil {
			r.Rlimits[name] = [2]uint64{l.Cur, l.Max}
		}
	}
	return r
}

func text(path string) string {
	b, _ := os.ReadFile(path)
	return strings.TrimSuffix(string(b), "\n")
}

// mounts reads mountinfo (proc_pid_mountinfo(5)).
func mounts(info string) (all []seen.Mount) {
	for line := range strings.Lines(info) {
		left, right, _ := strings.Cut(line, " - ")
		l, r := strings.Fields(left), strings.Fields(right)
		if len(l) < 6 || len(r) < 3 {
			continue
		}
		all = append(all, seen.Mount{
			Point: l[4], Options: strings.Split(l[5], ","), Propagation: l[6:],
			Type: r[0], Super: strings.Split(r[2], ","),
		})
	}
	return all
}
