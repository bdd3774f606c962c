package cgfs

import (
	"errors"
	"slices"
	"strings"
)

// Journal writes settings and remembers what was there before, so that a change of several of them can be taken back.
// A nil one writes and remembers nothing.
type Journal struct {
	old []setting
}

// setting is a file of a cgroup, and what brings it back to what it was.
type setting struct {
	dir        *Dir
	file, text string
}

// Write does what Dir.WriteLines does.
func (j *Journal) Write(d *Dir, file, text string) error {
	if j == nil {
		return d.WriteLines(file, text)
	}
	old := before(d, file, text)
	err := d.WriteLines(file, text)
	if err == nil || strings.Contains(text, "\n") { // of several lines some may have been written
		j.old = append(j.old, old...)
	}
	return err
}

// Note remembers a setting that changes with the one that is written next.
func (j *Journal) Note(d *Dir, file string) {
	if j != nil {
		j.old = append(j.old, before(d, file, "")...)
	}
}

// Undo writes everything back, the newest first: the kernel, which checks settings against each other, then meets no
// combination that it has not had. What it refuses all the same is tried again after the others.
func (j *Journal) Undo() error {
	left := slices.Clone(j.old)
	j.old = nil
	slices.Reverse(left)
	for len(left) > 0 {
		var refused []setting
		var failures error
		for _, s := range left {
			if err := s.dir.WriteLines(s.file, s.text); err != nil {
				refused = append(refused, s)
				failures = errors.Join(failures, err)
			}
		}
		if len(refused) == len(left) {
			return failures
		}
		left = refused
	}
	return nil
}

// before returns what takes a write of text to a file back: nothing, if the file cannot be read, for it is an order then
// and no setting, or if it holds processes.
func before(d *Dir, file, text string) (old []setting) {
	if file == "cgroup.procs" || file == "cgroup.threads" {
		return nil
	}
	now, err := d.Read(file)
	if err != nil {
		return nil
	}
	if file == "memory.oom_control" { // v1: it tells more than it takes
		return []setting{{d, file, Field(now, "oom_kill_disable")}}
	}
	if !keyed(file) {
		return []setting{{d, file, now}}
	}
	for line := range strings.Lines(text) {
		if was, ok := lineBefore(file, now, line); ok {
			old = append(old, setting{d, file, was})
		}
	}
	return old
}

// keyed says whether each line of a file begins with what it is about, such as a device, and a write changes some lines.
func keyed(file string) bool {
	switch file {
	case "io.max", "io.latency", "io.weight", "io.bfq.weight", "rdma.max", "misc.max", "dmem.min", "dmem.low", "dmem.max", "net_prio.ifpriomap":
		return true
	}
	return strings.HasPrefix(file, "blkio.") && strings.HasSuffix(file, "_device")
}

// lineBefore returns the line that a file has in the place of one that is written, or the one that clears its place.
func lineBefore(file, now, line string) (was string, ok bool) {
	key, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
	if rest == "" { // a weight without a device
		key = "default"
	}
	for old := range strings.Lines(now) {
		old = strings.TrimSpace(old)
		k, value, _ := strings.Cut(old, " ")
		switch {
		case k != key:
		case key == "default": // the BFQ scheduler does not take the word
			return value, true
		default:
			return old, true
		}
	}
	switch {
	case key == "default":
		return "", false
	case file == "io.max":
		return key + " rbps=max wbps=max riops=max wiops=max", true
	case file == "io.latency":
		return key + " target=0", true
	case strings.HasSuffix(file, "weight"):
		return key + " default", true
	case strings.HasPrefix(file, "blkio."):
		return key + " 0", true
	case file == "rdma.max":
		return key + " hca_handle=max hca_object=max", true
	}
	return "", false
}
