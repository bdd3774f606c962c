package docker

import (
	"os"
	"path/filepath"
	"testing"
)

func TestFilesAreCopiedInAndOut(t *testing.T) {
	d := begin(t)
	c := d.start("--tmpfs /mem -v /vol", "sleep 1000")
	dir := d.TempDir()
	in, out := filepath.Join(dir, "in"), filepath.Join(dir, "out")
	d.WriteFile(in, "copied\n", 0o640)
	for _, place := range []string{"/tmp", "/vol"} {
		d.ok("cp", in, c+":"+place+"/f")
		if got := d.ok("exec", c, "sh", "-c", "cat "+place+"/f; stat -c %a "+place+"/f"); got != "copied\n640" {
			t.Errorf("in %s is %q", place, got)
		}
		d.ok("cp", c+":"+place+"/f", out)
		if text, err := os.ReadFile(out); err != nil || string(text) != "copied\n" {
			t.Errorf("out of %s came %q: %v", place, text, err)
		}
	}
	wantMatch(t, d.do("", "diff", c), `(?m)^A /tmp/f$`)
}

func TestCommitKeepsWhatAContainerWrote(t *testing.T) {
	d := begin(t)
	c := d.start("", "echo kept >/kept; sleep 1000")
	d.Eventually("the file is there", func() bool { return d.do("", "exec", c, "cat", "/kept").Stdout == "kept\n" })
	d.ok("commit", "--change", "ENV A=1", c, "committed")
	d.Cleanup(func() { d.ok("rmi", "--force", "committed") })
	if got := d.ok("run", "--rm", "committed", "sh", "-c", "cat /kept; echo $A"); got != "kept\n1" {
		t.Errorf("the new image has %q", got)
	}
}

func TestBuild(t *testing.T) {
	for _, kit := range []string{"0", "1"} {
		name := map[string]string{"0": "classic", "1": "BuildKit"}[kit]
		t.Run(name, func(t *testing.T) {
			d := begin(t)
			d.env = append(d.env, "DOCKER_BUILDKIT="+kit, "BUILDKIT_PROGRESS=plain")
			d.removeParent("/buildkit")
			dir := d.TempDir()
			d.WriteFile(dir+"/busybox", d.Host("cat $(command -v busybox)"), 0o755)
			d.WriteFile(dir+"/scratch", "FROM scratch\nCOPY busybox /bin/sh\nRUN echo made >/made\nCMD [\"sh\", \"-c\", \"read x </made; echo $x\"]\n", 0o644)
			d.WriteFile(dir+"/more", "FROM from-scratch AS first\nRUN echo first >/first\n"+
				"FROM "+image+"\nARG WHAT\nENV V=$WHAT\nWORKDIR /work\nCOPY --from=first /first .\nRUN id -u >uid && hostname && ip addr && chown 1000 .\n"+
				"USER user\nRUN id -u >uid2\nENTRYPOINT [\"sh\", \"-c\", \"cat first uid uid2; echo $V; pwd\"]\n", 0o644)
			d.WriteFile(dir+"/fails", "FROM "+image+"\nRUN exit 77\n", 0o644)
			d.Cleanup(func() {
				d.ok("rmi", "--force", "from-scratch", "from-more")
				d.ok("builder", "prune", "--all", "--force")
			})
			d.ok("build", "-t", "from-scratch", "-f", dir+"/scratch", dir)
			if got := d.ok("run", "--rm", "from-scratch"); got != "made" {
				t.Errorf("the image from scratch says %q", got)
			}
			d.ok("build", "-t", "from-more", "--build-arg", "WHAT=arg", "-f", dir+"/more", dir)
			if got := d.ok("run", "--rm", "from-more"); got != "first\n0\n1000\narg\n/work" {
				t.Errorf("the image of two stages says %q", got)
			}
			r := d.do("", "build", "-f", dir+"/fails", dir)
			d.fails(r, "77", 1, 77)
		})
	}
}
