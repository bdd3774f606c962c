package leakcheck

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// A process is one entry of /proc.
type process struct {
	pid, parent int
	name, state string
	namespaces  []string // its mount, pid and network namespaces
}

// readProcesses lists all processes by pid and start time, and the namespaces that they are in.
func readProcesses() (map[string]process, map[string]bool, error) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil, nil, err
	}
	found, namespaces := map[string]process{}, map[string]bool{}
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		p, started, err := readProcess(pid)
		if err != nil {
			continue // it ended while we looked
		}
		found[fmt.Sprint(pid, " ", started)] = p
		for _, ns := range p.namespaces {
			namespaces[ns] = true
		}
	}
	return found, namespaces, nil
}

// readProcess reads /proc/PID/stat (proc_pid_stat(5)). The name may hold anything,
// so the fields are counted from its closing parenthesis.
func readProcess(pid int) (p process, started string, err error) {
	dir := fmt.Sprintf("/proc/%d/", pid)
	stat, err := os.ReadFile(dir + "stat")
	if err != nil {
		return p, "", err
	}
	open, end := strings.IndexByte(string(stat), '('), strings.LastIndexByte(string(stat), ')')
	if open < 0 || end < open {
		return p, "", fmt.Errorf("%sstat: cannot read %q", dir, stat)
	}
	fields := strings.Fields(string(stat[end+1:]))
	if len(fields) < 20 {
		return p, "", fmt.Errorf("%sstat: cannot read %q", dir, stat)
	}
	p = process{pid: pid, name: string(stat[open+1 : end]), state: fields[0]}
	p.parent, err = strconv.Atoi(fields[1])
	for _, kind := range []string{"mnt", "pid", "net"} {
		if ns, err := os.Readlink(dir + "ns/" + kind); err == nil {
			p.namespaces = append(p.namespaces, ns)
		}
	}
	return p, fields[19], err
}

// newProcesses names the processes that appeared and are, or may be, the test's:
// its descendants, those named after creel, and those in a namespace that did not
// exist before.
func (s *Snapshot) newProcesses(after *Snapshot) (leaks []string) {
	parents := map[int]int{}
	for _, p := range after.processes {
		parents[p.pid] = p.parent
	}
	for _, key := range sortedKeys(after.processes) {
		p := after.processes[key]
		if _, ok := s.processes[key]; ok || kept[p.pid] {
			continue
		}
		var why []string
		if descends(p.pid, parents) {
			why = append(why, "a child of the test")
		}
		if ownWorld() {
			why = append(why, "in the tests' own pid namespace")
		}
		if strings.HasPrefix(p.name, "creel") && p.state != "Z" {
			why = append(why, "named after creel")
		}
		for _, ns := range p.namespaces {
			if !s.namespaces[ns] {
				why = append(why, "in the new namespace "+ns)
			}
		}
		if len(why) > 0 {
			leaks = append(leaks, fmt.Sprintf("process %d (%s, state %s), %s", p.pid, p.name, p.state, strings.Join(why, ", ")))
		}
	}
	return leaks
}

var kept = map[int]bool{}

// Keep says that a process is to live on when the test has ended: one of a daemon that all
// tests use and that this one started again.
func Keep(pid int) { kept[pid] = true }

// ownWorld says that nobody else's processes are here (package harness), so that those
// which an engine puts in the background are seen as well.
func ownWorld() bool { return os.Getenv("CREEL_TEST_PRIVATE") != "" && os.Getppid() == 1 }

// descends says whether a process is below this one.
func descends(pid int, parents map[int]int) bool {
	for range 1000 {
		pid = parents[pid]
		if pid <= 1 {
			return false
		}
		if pid == os.Getpid() {
			return true
		}
	}
	return false
}
