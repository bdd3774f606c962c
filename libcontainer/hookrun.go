package libcontainer

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/creel-project/creel/hooks"
	"github.com/creel-project/creel/internal/procstat"
	"github.com/creel-project/creel/libcontainer/state"
	"github.com/creel-project/creel/spec"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// runHook runs hook i of a kind in our own namespaces and in the directory dir. Its
// errors name it.
func (c *Container) runHook(kind string, i int, h *specs.Hook, st []byte, dir string) error {
	if err := c.runRecorded(kind, h, st, dir); err != nil {
		err = fmt.Errorf("hooks.%s[%d]: %w", kind, i, err)
		c.rt.debug("hook failed: %v", err)
		return err
	}
	c.rt.debug("hooks.%s[%d]: %s succeeded", kind, i, h.Path)
	return nil
}

// runRecorded runs a hook. The record says so before it starts, and which process
// it is as soon as that is known: when this process is killed meanwhile, delete
// finds the hook.
func (c *Container) runRecorded(kind string, h *specs.Hook, st []byte, dir string) error {
	if c.rec.Hook == nil {
		self := os.Getpid()
		ticks, err := procstat.StartTime(self)
		if err != nil {
			return err
		}
		c.rec.Hook = &state.Hook{RunnerPid: self, RunnerStart: ticks}
		err = c.dir.Write(c.rec)
		switch {
		case err == nil || errors.Is(err, unix.ENOENT): // of a container that is deleted there is nothing left to record
		case kind == "prestart" || kind == "createRuntime":
			return err
		default: // a full disk keeps no hook of a container that exists from running
			c.rt.warn(err.Error())
		}
	}
	return hooks.Run(h, hooks.Input{State: st, Name: c.hookMark()}, c.hookFiles(), dir, func(pid int) {
		c.rec.Hook.Pid = pid
		c.rec.Hook.Start, _ = procstat.StartTime(pid)
		_ = c.dir.Write(c.rec) // without it the hook is found by its mark
	})
}

// hookFiles are those that the config's annotations name; a relative path is one
// below the bundle.
func (c *Container) hookFiles() hooks.Files {
	name := func(key string) string {
		path := c.rec.Annotations[key]
		if path == "" || filepath.IsAbs(path) {
			return path
		}
		return filepath.Join(c.rec.Bundle, path)
	}
	return hooks.Files{Stdout: name(spec.HooksStdout), Stderr: name(spec.HooksStderr)}
}

// hooksDone forgets the hook that ran last.
func (c *Container) hooksDone() {
	if c.rec.Hook == nil {
		return
	}
	c.rec.Hook = nil
	if err := c.dir.Write(c.rec); err != nil && !errors.Is(err, unix.ENOENT) {
		c.rt.warn(err.Error())
	}
}

// hookMark is the name of the file with the state that is a hook's stdin. No
// other container's hooks, and no earlier one's, have the same.
func (c *Container) hookMark() string {
	return "creel-state:" + c.rec.Created + ":" + strconv.Itoa(c.rec.CreatorPid)
}

// endHook ends the hook of a runtime that was killed while it ran one. Those
// that init runs end by themselves. A hook whose runtime lives is left to it.
func (c *Container) endHook() error {
	h := c.rec.Hook
	if h == nil {
		return nil
	}
	if p, err := procstat.Read(h.RunnerPid); err == nil && p.Lives(h.RunnerStart) {
		return nil
	}
	c.rec.Hook = nil
	if found, err := endGroup(h.Pid, h.Start); found || err != nil {
		return err
	}
	// it was killed between the start of a hook and the record of its pid
	for _, p := range marked(c.hookMark()) {
		if _, err := endGroup(p.Pid, p.Start); err != nil {
			return err
		}
	}
	return nil
}

// endGroup kills a process, which is known by its pid and the moment that it
// started at, with the process group that it leads, and waits for its end.
func endGroup(pid int, start uint64) (found bool, err error) {
	if pid <= 0 {
		return false, nil
	}
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return false, nil // gone
	}
	defer unix.Close(fd)
	p, err := procstat.Read(pid)
	if err != nil || !p.Lives(start) {
		return false, nil
	}
	if p.Field(5) == strconv.Itoa(pid) { // its process group
		_ = unix.Kill(-pid, unix.SIGKILL)
	}
	return true, killAndWait(fd, pid, func() {})
}

// marked lists the processes whose stdin is the memory file of this name, made
// by our own user.
func marked(name string) (found []state.Hook) {
	proc, err := os.Open("/proc")
	if err != nil {
		return nil
	}
	defer proc.Close()
	names, _ := proc.Readdirnames(-1)
	for _, n := range names {
		pid, err := strconv.Atoi(n)
		if err != nil {
			continue
		}
		start, err := procstat.StartTime(pid)
		if err != nil {
			continue
		}
		stdin := "/proc/" + n + "/fd/0"
		target, err := os.Readlink(stdin)
		if err != nil || !strings.HasPrefix(target, "/memfd:"+name+" ") {
			continue
		}
		var st unix.Stat_t
		if err := unix.Stat(stdin, &st); err == nil && int(st.Uid) == os.Geteuid() {
			found = append(found, state.Hook{Pid: pid, Start: start})
		}
	}
	return found
}
