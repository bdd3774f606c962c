// Package idmap asks the kernel whether the mount of a directory can have its ids mapped (mount_setattr(2), Linux 5.12; each
// file system from a version of its own). Then its files need no change of owner for a user namespace.
package idmap

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"syscall"

	"github.com/creel-project/creel/internal/bundle/userns"
	"golang.org/x/sys/unix"
)

// Probe returns nil if mounts of the file system of dir can be id-mapped by the caller, and why not otherwise. It maps a
// mount that is attached nowhere, and drops it.
func Probe(dir string) error {
	ns, err := userNamespace(userns.Range{Root: 100000, Length: 65536})
	if err != nil {
		return fmt.Errorf("make a user namespace: %w", err)
	}
	defer ns.Close()
	tree, err := unix.OpenTree(unix.AT_FDCWD, dir, unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC)
	if err != nil {
		return &os.PathError{Op: "open_tree", Path: dir, Err: err}
	}
	defer unix.Close(tree)
	attr := unix.MountAttr{Attr_set: unix.MOUNT_ATTR_IDMAP, Userns_fd: uint64(ns.Fd())}
	if err := unix.MountSetattr(tree, "", unix.AT_EMPTY_PATH, &attr); err != nil {
		if err == unix.EINVAL {
			return fmt.Errorf("its file system cannot map ids on this kernel (%w)", err)
		}
		return fmt.Errorf("mount_setattr: %w", err)
	}
	return nil
}

// userNamespace makes one in a process that stops before its program begins, and ends it.
func userNamespace(r userns.Range) (*os.File, error) {
	// The child ends with the thread that made it.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	ids := []syscall.SysProcIDMap{{ContainerID: 0, HostID: int(r.Root), Size: int(r.Length)}}
	p, err := os.StartProcess("/proc/self/exe", []string{"creel-bundle"}, &os.ProcAttr{Env: []string{}, Sys: &syscall.SysProcAttr{
		Cloneflags: unix.CLONE_NEWUSER, UidMappings: ids, GidMappings: ids, Ptrace: true, Pdeathsig: unix.SIGKILL,
	}})
	if err != nil {
		return nil, err
	}
	ns, err := os.Open(fmt.Sprintf("/proc/%d/ns/user", p.Pid))
	err = errors.Join(err, p.Kill())
	if _, e := p.Wait(); err == nil && e != nil {
		err = e
	}
	if err != nil && ns != nil {
		ns.Close()
		ns = nil
	}
	return ns, err
}
