package docker

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFilesystemFlags(t *testing.T) {
	d := begin(t)
	dir := d.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte("here\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	d.ok("volume", "create", "kept")
	d.Cleanup(func() { d.ok("volume", "rm", "kept") })
	d.runs(t, []run{
		{"read-only root", "--read-only", "touch /x", "Read-only file system"},
		{"read-only root with a writable tmpfs", "--read-only --tmpfs /t", "touch /t/x && echo written", "^written$"},
		{"tmpfs", "--tmpfs /t:size=1m,mode=1750,noexec", "stat -c %a /t; grep ' /t ' /proc/mounts", "^1750\n.*noexec.*size=1024k"},
		{"volume of a directory", "-v " + dir + ":/v", "cat /v/file; echo more >/v/new", "^here$"},
		{"and what it wrote", "-v " + dir + ":/v:ro", "cat /v/new; touch /v/x", "^more\n.*Read-only"},
		{"volume of a file", "-v " + file + ":/f:ro", "cat /f; (: >/f) 2>&1", "^here\n.*Read-only"},
		{"named volume", "-v kept:/v", "echo named >/v/n", "^$"},
		{"a named volume stays", "--mount type=volume,src=kept,dst=/v,readonly", "cat /v/n; touch /v/x", "^named\n.*Read-only"},
		{"anonymous volume", "-v /v", "touch /v/x; grep -c ' /v ' /proc/mounts", "^1$"},
		{"what the image has there is copied", "-v /etc", "head -n 1 /etc/passwd", "^root:"},
		{"bind mount", "--mount type=bind,src=" + dir + ",dst=/v,readonly", "cat /v/file; touch /v/x", "^here\n.*Read-only"},
		{"tmpfs mount", "--mount type=tmpfs,dst=/t,tmpfs-size=2m,tmpfs-mode=700", "stat -c %a /t; grep ' /t ' /proc/mounts", "^700\n.*size=2048k"},
		{"private by default", "-v " + dir + ":/v", "grep ' /v ' /proc/self/mountinfo", "^[^:]*:[^:]*$"},
		{"slave", "-v " + dir + ":/v:rslave", "grep ' /v ' /proc/self/mountinfo", "master:"},
		{"shared", "-v " + dir + ":/v:rshared", "grep ' /v ' /proc/self/mountinfo", "shared:"},
		{"shared bind mount", "--mount type=bind,src=" + dir + ",dst=/v,bind-propagation=rshared", "grep ' /v ' /proc/self/mountinfo", "shared:"},
	})
}

// mounted says whether something is mounted at path in the tests' mount namespace.
func mounted(t *testing.T, path string) bool {
	t.Helper()
	text, err := os.ReadFile("/proc/self/mounts")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Contains(string(text), " "+path+" ")
}

func TestMountsOfASharedVolumePassBothWays(t *testing.T) {
	d := begin(t)
	dir := d.TempDir()
	for _, d := range []string{"in", "out"} {
		if err := os.Mkdir(filepath.Join(dir, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	d.Ok(d.Program("mount", "--bind", dir, dir))
	d.Cleanup(func() { d.Ok(d.Program("umount", "-R", dir)) })
	d.Ok(d.Program("mount", "--make-rshared", dir))
	c := d.start("--cap-add SYS_ADMIN -v "+dir+":/v:rshared", "sleep 1000")
	d.Ok(d.Program("mount", "-t", "tmpfs", "in", filepath.Join(dir, "in")))
	if out := d.ok("exec", c, "sh", "-c", "grep -c ' /v/in ' /proc/mounts"); out != "1" {
		t.Errorf("the container has %s mounts at /v/in", out)
	}
	d.ok("exec", c, "mount", "-t", "tmpfs", "out", "/v/out")
	if !mounted(t, filepath.Join(dir, "out")) {
		t.Error("what the container mounted did not come out of it")
	}
}

func TestMountsOfASlaveVolumeOnlyGoIn(t *testing.T) {
	d := begin(t)
	dir := d.TempDir()
	d.Ok(d.Program("mount", "-t", "tmpfs", "base", dir))
	d.Cleanup(func() { d.Ok(d.Program("umount", "-R", dir)) })
	d.Ok(d.Program("mount", "--make-rshared", dir))
	d.Ok(d.Program("mkdir", dir+"/in", dir+"/out"))
	c := d.start("--cap-add SYS_ADMIN -v "+dir+":/v:rslave", "sleep 1000")
	d.Ok(d.Program("mount", "-t", "tmpfs", "in", dir+"/in"))
	if out := d.ok("exec", c, "sh", "-c", "grep -c ' /v/in ' /proc/mounts"); out != "1" {
		t.Errorf("the container has %s mounts at /v/in", out)
	}
	d.ok("exec", c, "mount", "-t", "tmpfs", "out", "/v/out")
	if mounted(t, dir+"/out") {
		t.Error("a slave's mount came out of the container")
	}
}

func TestVolumesOfAnotherContainer(t *testing.T) {
	d := begin(t)
	c := d.start("-v /v", "echo shared >/v/f; sleep 1000")
	d.Eventually("the file is there", func() bool { return d.do("", "exec", c, "test", "-s", "/v/f").Status == 0 })
	if out := d.ok("run", "--rm", "--volumes-from", c, image, "cat", "/v/f"); out != "shared" {
		t.Errorf("the volume holds %q", out)
	}
}
