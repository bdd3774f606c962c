package cgroups

import (
	"errors"
	"os/exec"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/cgroups/cgtest"
)

func BenchmarkDefaultContainer(b *testing.B) {
	id, res := cgtest.Name(), defaults()
	cgtest.RemoveAfter(b, filepath.Join("/sys/fs/cgroup", id))
	for b.Loop() {
		g, err := New(Options{ID: id})
		if err != nil {
			b.Fatal(err)
		}
		if err := errors.Join(g.Create(), g.ApplyEarly(res), g.ApplyDevices(res.Devices), g.Apply(res)); err != nil {
			b.Fatal(err)
		}
		if _, ok := g.SpawnFD(); !ok {
			b.Fatal("no fd")
		}
		if err := errors.Join(g.Destroy(), g.Close()); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRunTrueInACgroup(b *testing.B) {
	id, res := cgtest.Name(), defaults()
	cgtest.RemoveAfter(b, filepath.Join("/sys/fs/cgroup", id))
	for b.Loop() {
		g, err := New(Options{ID: id})
		if err != nil {
			b.Fatal(err)
		}
		if err := errors.Join(g.Create(), g.ApplyEarly(res), g.ApplyDevices(res.Devices)); err != nil {
			b.Fatal(err)
		}
		fd, _ := g.SpawnFD()
		cmd := exec.Command("/bin/true")
		cmd.SysProcAttr = &unix.SysProcAttr{UseCgroupFD: true, CgroupFD: fd}
		if err := errors.Join(cmd.Run(), g.Destroy(), g.Close()); err != nil {
			b.Fatal(err)
		}
	}
}
