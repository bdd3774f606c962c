package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// sweep removes every container of this or an earlier, interrupted benchmark: it
// kills what is in cgroups with our prefix and removes them. It needs no runtime's help,
// and so works after one that failed.
func sweep() {
	// The tmpfs of a dead benchmark went with its mount namespace; its mount point is empty.
	stale, _ := filepath.Glob(filepath.Join(os.TempDir(), prefix+"*"))
	for _, dir := range stale {
		os.Remove(dir)
	}
	for _, dir := range ourCgroups() {
		for range 100 {
			procs, err := os.ReadFile(filepath.Join(dir, "cgroup.procs"))
			if err != nil {
				break
			}
			for pid := range strings.FieldsSeq(string(procs)) {
				if n, err := strconv.Atoi(pid); err == nil {
					syscall.Kill(n, syscall.SIGKILL)
				}
			}
			if syscall.Rmdir(dir) == nil {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
}

// ourCgroups finds cgroups with our prefix in every hierarchy, children first.
// Runtimes put them at the top, or one level below.
func ourCgroups() (found []string) {
	top := "/sys/fs/cgroup"
	filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return nil
		}
		if strings.Contains(path, "/"+prefix) {
			found = append([]string{path}, found...)
		}
		return nil
	})
	return found
}
