package podman

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/creel-project/creel/tests/engines"
	"github.com/creel-project/creel/tests/harness"
)

// volume makes a directory with a file of user 5's.
func volume(h *harness.H) string {
	dir := h.Path("volume")
	h.WriteFile(filepath.Join(dir, "file"), "content\n", 0o644)
	h.Chown(dir, 5, 5)
	return dir
}

func TestVolumesHaveTheirOptions(t *testing.T) {
	for _, v := range []struct {
		name, options, script, want string
		args                        []string
		after                       string // what `ls` says on the host
	}{
		{"read-write", "", "cat /v/file; echo x >/v/new && ls /v", "content\nfile\nnew", nil, "file\nnew"},
		{"ro", ":ro", "touch /v/new 2>&1; :", "touch: /v/new: Read-only file system", nil, "file"},
		{"nosuid,nodev,noexec", ":noexec,nosuid,nodev", "grep -o ' /v [^ ]*' /proc/self/mountinfo", " /v rw,nosuid,nodev,noexec,relatime", nil, "file"},
		{"U", ":U", "stat -c %u:%g /v /v/file", "1000:1000\n1000:1000", []string{"--user=1000:1000"}, "file"},
		{"O", ":O", "touch /v/new; rm /v/file; ls /v", "new", nil, "file"},
		{"idmap", ":idmap", "stat -c %u:%g /v/file; touch /v/new", "5:5", []string{"--uidmap=0:100000:2000", "--gidmap=0:100000:2000"}, "file\nnew"},
		{"rslave", ":rslave", "grep ' /v ' /proc/self/mountinfo | grep -c master:", "1", nil, "file"},
		{"rshared", ":rshared", "grep ' /v ' /proc/self/mountinfo | grep -c shared:", "1", nil, "file"},
	} {
		t.Run(v.name, func(t *testing.T) {
			if v.name == "idmap" {
				mapsMounts(t)
			}
			h := engines.New(t)
			dir := volume(h)
			args := append([]string{"run", "--rm", "--network=none", "--volume=" + dir + ":/v" + v.options}, v.args...)
			expect(h, podman(h, append(args, image, "sh", "-c", v.script)...), v.want)
			expect(h, h.Host("ls "+dir), v.after+"\n")
		})
	}
}

// mapsMounts skips a test with a runtime that cannot map the ids of mounts.
func mapsMounts(t *testing.T) {
	t.Helper()
	engines.Differs(t, "runc", "it passes over the option idmap, which is crun's and creel's")
}

func TestAnIDMappedVolumeKeepsTheHostsOwners(t *testing.T) {
	mapsMounts(t)
	h := engines.New(t)
	dir := volume(h)
	podman(h, "run", "--rm", "--network=none", "--uidmap=0:100000:2000", "--gidmap=0:100000:2000", "--user=7:8", "--volume="+dir+":/v:idmap", "--cap-add=dac_override", "--user=0",
		image, "sh", "-c", "touch /v/new; chown 7:8 /v/new")
	expect(h, h.Host("stat -c %u:%g "+dir+"/new"), "7:8\n")
}

func TestNamedVolumesOutliveContainers(t *testing.T) {
	h := engines.New(t)
	podman(h, "volume", "create", "kept")
	defer podman(h, "volume", "rm", "kept")
	podman(h, "run", "--rm", "--network=none", "--volume=kept:/v", image, "sh", "-c", "echo kept >/v/x")
	expect(h, podman(h, "run", "--rm", "--network=none", "--mount=type=volume,src=kept,dst=/v,ro", image, "cat", "/v/x"), "kept")
}

func TestAMountOfAnImageIsReadOnly(t *testing.T) {
	h := engines.New(t)
	got := podman(h, "run", "--rm", "--network=none", "--mount=type=image,src="+image+",dst=/i", image, "sh", "-c", "cmp /i/bin/busybox /bin/busybox && touch /i/x 2>&1; :")
	expect(h, got, "touch: /i/x: Read-only file system")
}

func TestVolumesOfAnotherContainerAreMounted(t *testing.T) {
	h := engines.New(t)
	background(h, "owner", "--volume="+volume(h)+":/v", image, "sleep", "1000")
	expect(h, podman(h, "run", "--rm", "--network=none", "--volumes-from=owner:ro", image, "sh", "-c", "cat /v/file; touch /v/x 2>&1; :"),
		"content\ntouch: /v/x: Read-only file system")
}

func TestAMissingSourceOfAVolumeIsAnError(t *testing.T) {
	h := engines.New(t)
	r := h.Program("podman", "run", "--rm", "--network=none", "--volume="+h.Path("absent")+":/v", image, "true")
	if _, err := os.Stat(h.Path("absent")); r.Status != 125 || err == nil {
		t.Error(r, err)
	}
}
