// Package livemount holds `creel mount` to what managers of volumes need: mounts that
// come to a container that runs, and go again.
package livemount

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

func TestMain(m *testing.M) { os.Exit(harness.Main(m)) }

func sh(h *harness.H, id, script string) string {
	h.Helper()
	return strings.TrimSuffix(h.Ok(h.Creel("exec", id, "sh", "-c", script)).Stdout, "\n")
}

func expect(t *testing.T, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

// volume is a directory of the host with a file in it.
func volume(h *harness.H) string {
	h.Helper()
	dir := h.Path("volume")
	h.Must(os.MkdirAll(dir+"/sub", 0o755))
	h.WriteFile(dir+"/file", "of the host", 0o644)
	return dir
}

// writable is a container whose root filesystem is its own.
func writable(h *harness.H, mutate ...harness.Mutate) *harness.Container {
	h.Helper()
	own := harness.Root(h.OwnRoot())
	return h.Started(h.Bundle(append([]harness.Mutate{harness.Sleep, own, func(s *specs.Spec) { s.Root.Readonly = false }}, mutate...)...))
}

func TestABindMountComesAndGoes(t *testing.T) {
	h := harness.New(t)
	c, dir := writable(h), volume(h)
	h.Ok(h.Creel("mount", "add", c.ID, "type=bind,source="+dir+",destination=/data/deep"))
	expect(t, sh(h, c.ID, "cat /data/deep/file; echo inside > /data/deep/new"), "of the host")
	text, err := os.ReadFile(dir + "/new")
	h.Must(err)
	expect(t, string(text), "inside\n")
	h.Ok(h.Creel("mount", "remove", c.ID, "/data/deep"))
	expect(t, sh(h, c.ID, "ls -A /data/deep; grep -c data /proc/self/mountinfo"+" || true"), "0")
	h.Fails(h.Creel("mount", "remove", c.ID, "/data/deep"), "no mount was added on /data/deep")
}

func TestAFileIsMountedOnAFile(t *testing.T) {
	h := harness.New(t)
	c, dir := writable(h), volume(h)
	h.Ok(h.Creel("mount", "add", c.ID, `{"source": "`+dir+`/file", "destination": "/etc/passwd", "type": "bind", "options": ["ro", "nosuid"]}`))
	expect(t, sh(h, c.ID, "cat /etc/passwd; (echo x > /etc/passwd) 2>/dev/null && echo written; true"), "of the host")
	h.WriteFile(h.Path("spec.json"), `{"source": "`+dir+`/file", "destination": "/new/file", "options": ["bind"]}`, 0o600)
	h.Ok(h.Creel("mount", "add", c.ID, h.Path("spec.json")))
	expect(t, sh(h, c.ID, "cat /new/file"), "of the host")
	h.Ok(h.Creel("mount", "remove", c.ID, "/etc/passwd"))
	h.Ok(h.Creel("mount", "remove", c.ID, "/new/file/"))
	expect(t, sh(h, c.ID, "head -n 1 /etc/passwd; cat /new/file"), "root:x:0:0:root:/root:/bin/sh")
}

func TestOptionsMeanWhatTheyMeanInAConfig(t *testing.T) {
	h := harness.New(t)
	c, dir := writable(h), volume(h)
	h.MountTmpfs(dir + "/sub")
	for i, o := range []struct{ words, want string }{
		{"bind,ro,nosuid,nodev,noexec", "1 ro,nosuid,nodev,noexec,relatime"},
		{"rbind,rro", "2 ro,relatime"},
		{"bind,noatime", "1 rw,noatime"},
	} {
		at := fmt.Sprintf("/m%d", i)
		h.Ok(h.Creel("mount", "add", c.ID, "src="+dir+",dst="+at+","+o.words))
		expect(t, sh(h, c.ID, "grep -c ' "+at+"' /proc/self/mountinfo; grep ' "+at+" ' /proc/self/mountinfo | cut -d ' ' -f 6"), strings.Replace(o.want, " ", "\n", 1))
	}
	h.Ok(h.Creel("mount", "add", c.ID, "type=tmpfs,dst=/t,size=1m,mode=700,ro"))
	expect(t, sh(h, c.ID, "grep ' /t ' /proc/self/mountinfo | sed 's/.* - //'; stat -c %a /t; touch /t/x 2>&1 || true"),
		"tmpfs none rw,size=1024k,mode=700\n700\ntouch: /t/x: Read-only file system")
}

func TestACreatedContainerGetsMountsToo(t *testing.T) {
	h := harness.New(t)
	dir := volume(h)
	c := h.Create(h.Bundle(harness.Script("cat /tmp/x/file"), harness.Root(h.OwnRoot()), func(s *specs.Spec) { s.Root.Readonly = false }))
	h.Ok(h.Creel("mount", "add", c.ID, "src="+dir+",dst=/tmp/x"))
	h.Ok(h.Creel("start", c.ID))
	c.Says("of the host")
}

// Whoever is root in a container with a user namespace has all capabilities there: the
// kernel locks the flags that the source has on the host.
func TestRootOfAUserNamespaceCannotChangeWhatTheHostForbids(t *testing.T) {
	h := harness.New(t)
	root, dir := h.OwnRoot(), volume(h)
	h.MountBind(dir, dir)
	h.Host("mount -o remount,bind,ro,nosuid " + dir)
	h.MountTmpfs(dir + "/sub")
	h.Host("mount -o remount,bind,ro " + dir + "/sub")
	h.Chown(root, 100000, 100000)
	c := h.Started(h.Bundle(harness.Sleep, harness.Root(root), harness.UserNS(100000, 65536),
		harness.Caps("CAP_SYS_ADMIN", "CAP_DAC_OVERRIDE"), func(s *specs.Spec) { s.Root.Readonly = false }))
	h.Ok(h.Creel("mount", "add", c.ID, "src="+dir+",dst=/data,rbind"))
	expect(t, sh(h, c.ID, `cat /data/file; echo
		for o in rw,nosuid ro,suid; do mount -o remount,bind,$o /data 2>/dev/null && echo got $o; done
		mount -o remount,bind,rw /data/sub 2>/dev/null && echo got rw of the submount
		umount /data/sub 2>/dev/null && echo got rid of the submount
		grep -c ' /data.* ro,' /proc/self/mountinfo`), "of the host\n2")
	h.Ok(h.Creel("mount", "add", c.ID, "type=tmpfs,dst=/t"))
	expect(t, sh(h, c.ID, "touch /t/mine; stat -c %u /t/mine"), "0")
}

func TestIdsAreMappedForTheMount(t *testing.T) {
	h := harness.New(t)
	c, dir := writable(h), volume(h)
	h.Must(os.Chown(dir+"/file", 3000, 3000))
	h.Ok(h.Creel("mount", "add", c.ID, `{"source": "`+dir+`", "destination": "/data", "type": "bind", "options": ["idmap"],
		"uidMappings": [{"containerID": 3000, "hostID": 7, "size": 1}], "gidMappings": [{"containerID": 3000, "hostID": 8, "size": 1}]}`))
	expect(t, sh(h, c.ID, "stat -c '%u %g' /data/file"), "7 8")
}

// A link in the root filesystem leads nowhere, not even inside.
func TestNoLinkLeadsToAMountPoint(t *testing.T) {
	h := harness.New(t)
	c, dir := writable(h), volume(h)
	outside := h.Path("outside")
	h.Must(os.Mkdir(outside, 0o755))
	sh(h, c.ID, "ln -s "+outside+" /out; ln -s /tmp /in; ln -s /etc/passwd /name; mkdir /d; ln -s ../../../../../../../.."+outside+" /d/up")
	for _, at := range []string{"/out", "/out/x", "/in", "/in/x", "/name", "/d/up/x", "/d/../out/x"} {
		h.Fails(h.Creel("mount", "add", c.ID, "src="+dir+",dst="+at), "symbolic links")
		h.Fails(h.Creel("mount", "add", c.ID, "type=tmpfs,dst="+at), "")
	}
	found, err := os.ReadDir(outside)
	if err != nil || len(found) > 0 {
		t.Errorf("THE HOST WAS CHANGED: %v, %v", found, err)
	}
	expect(t, sh(h, c.ID, "ls -A /tmp; grep -c volume /proc/self/mountinfo || true"), "0")
}

func TestManyAtOnceAreAllRemembered(t *testing.T) {
	h := harness.New(t)
	c, dir := writable(h), volume(h)
	var adds []*harness.Process
	for i := range 8 {
		adds = append(adds, h.Go(nil, "mount", "add", c.ID, fmt.Sprintf("src=%s,dst=/m%d", dir, i)))
	}
	for _, p := range adds {
		h.Ok(p.Result())
	}
	h.Fails(h.Creel("mount", "add", c.ID, "src="+dir+",dst=/m3"), "there is one already")
	for i := range 8 {
		h.Ok(h.Creel("mount", "remove", c.ID, fmt.Sprintf("/m%d", i)))
	}
	expect(t, sh(h, c.ID, "grep -c volume /proc/self/mountinfo || true"), "0")
}

func TestWhatCannotBeMountedChangesNothing(t *testing.T) {
	h := harness.New(t)
	c, dir := writable(h), volume(h)
	for spec, words := range map[string]string{
		"src=/no/such/source,dst=/x":                 "/no/such/source → /x: open source: no such file or directory",
		"src=" + dir + ",dst=/":                      "the root of a container that runs",
		"src=" + dir:                                 "destination",
		"type=nosuchfs,dst=/x":                       "no such device",
		"type=tmpfs,dst=/x,nosuchoption=1":           "nosuchoption",
		"type=cgroup,dst=/x":                         "cgroups are mounted when a container is created",
		"type=proc,dst=/proc/self":                   "/proc",
		"dst=/x,remount,ro":                          "a remount adds nothing",
		`{"destination": 5}`:                         "destination",
		`{`:                                          "",
		filepath.Join(dir, "nothing"):                "no such file or directory",
		"src=" + dir + ",dst=/etc/passwd":            "not a directory",
		"src=" + dir + "/file,dst=/etc":              "directory",
		"src=" + dir + ",dst=/proc/sys/kernel,rbind": "/proc",
	} {
		h.Fails(h.Creel("mount", "add", c.ID, spec), words)
	}
	h.Fails(h.Creel("mount", "add", "nobody", "type=tmpfs,dst=/x"), "container does not exist")
	h.Fails(h.Creel("mount", "change", c.ID, "/x"), "add or remove")
	h.Fails(h.Creel("mount", "remove", c.ID, "/proc"), "no mount was added on /proc")
	expect(t, sh(h, c.ID, "grep -c volume /proc/self/mountinfo || true"), "0")
	h.Ok(h.Creel("kill", c.ID, "KILL"))
	h.WaitFor(c.ID, "stopped")
	h.Fails(h.Creel("mount", "add", c.ID, "src="+dir+",dst=/x"), "cannot change the mounts of a container in the stopped state")
}
