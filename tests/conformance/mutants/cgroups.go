package mutants

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// owned gives the container's cgroup to a user once it is there.
func owned(uid int) func(c *Call) int {
	return instead("create", func(c *Call) int {
		st := c.Go()
		_ = filepath.WalkDir(c.cgroup(), func(path string, _ fs.DirEntry, err error) error {
			if err == nil {
				_ = os.Chown(path, uid, uid)
			}
			return nil
		})
		return st
	})
}

var cgroups = []Mutant{
	{Name: "puts the cgroup somewhere", Config: func(config object) {
		linux := at(config, "linux")
		if path, ok := linux["cgroupsPath"].(string); ok {
			linux["cgroupsPath"] = fmt.Sprintf("%s-%d", path, time.Now().UnixNano())
		}
	}, Fails: []string{"TestAbsoluteCgroupsPath", "TestCgroupsPathIsTheSameEveryTime", "TestEnvironmentExistsOnceCreated"}},
	{Name: "gives cgroups of v1 away", Call: owned(100007), Fails: []string{"TestCgroupOwner/v1"}},
	{Name: "gives every cgroup away", Call: owned(100007), V2: true, Fails: []string{
		"TestCgroupOwner/no-namespace", "TestCgroupOwner/no-mount", "TestCgroupOwner/readonly-mount", "TestCgroupOwner/writable",
	}},
	{Name: "gives no cgroup away", Call: owned(0), V2: true, Fails: []string{"TestCgroupOwner/writable", "TestCgroupOwner/writable-without-user-namespace"}},
	{Name: "knows nothing of unified", Config: without("linux.resources.unified"), V2: true,
		Fails: []string{"TestUnified/controller", "TestUnified/any-file", "TestUnified/missing"}},
	{Name: "drops what it cannot convert", Config: without("linux.resources.memory"), V2: true, Fails: []string{"TestLimitsThatCannotBeConverted"}},
}
