package lifecycle

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// copySource fills a directory with one of each kind of file.
func copySource(h *harness.H, dir string) {
	h.Helper()
	h.WriteFile(filepath.Join(dir, "file"), "content", 0o640)
	h.Must(os.Chown(filepath.Join(dir, "file"), 12, 34))
	h.WriteFile(filepath.Join(dir, "sub/deep/program"), "#!/bin/sh\necho ran\n", 0o755)
	h.Must(os.Chmod(filepath.Join(dir, "sub/deep/program"), 0o755|os.ModeSetuid))
	h.Must(os.Chmod(filepath.Join(dir, "sub"), 0o750|os.ModeSticky))
	h.Must(os.Chown(filepath.Join(dir, "sub"), 56, 78))
	h.Must(os.Symlink("/nowhere/at/all", filepath.Join(dir, "link")))
	h.Must(os.Lchown(filepath.Join(dir, "link"), 90, 91))
	h.Must(syscall.Mkfifo(filepath.Join(dir, "fifo"), 0o604))
	h.Must(os.Chmod(filepath.Join(dir, "fifo"), 0o604))
	h.WriteFile(filepath.Join(dir, "large"), strings.Repeat("0123456789abcdef", 100_000), 0o600)
	h.WriteFile(filepath.Join(dir, ".hidden"), "", 0o400)
}

func TestTmpcopyupFillsATmpfsWithWhatItCovers(t *testing.T) {
	for _, userns := range []bool{false, true} {
		t.Run(fmt.Sprintf("userns %v", userns), func(t *testing.T) {
			h := harness.New(t)
			root := h.OwnRoot()
			copySource(h, filepath.Join(root, "data"))
			m := harness.Root(root)
			if userns {
				inner := m
				m = func(s *specs.Spec) { inner(s); harness.UserNS(0, 65536)(s) }
			}
			got := h.Sh(`cd /data; stat -c '%n %F %a %u:%g' .hidden * sub/deep sub/deep/program; cat file; echo; readlink link; sub/deep/program
				md5sum < large; echo more > new; rm file; stat -f -c %T .`, m, harness.Caps("CAP_DAC_OVERRIDE"),
				harness.Mount(specs.Mount{Destination: "/data", Type: "tmpfs", Source: "tmpfs", Options: []string{"tmpcopyup", "size=8m", "mode=711"}}))
			want := h.Sh(`cd /data; stat -c '%n %F %a %u:%g' .hidden * sub/deep sub/deep/program; cat file; echo; readlink link; sub/deep/program
				md5sum < large`, harness.Root(root), harness.Caps("CAP_DAC_OVERRIDE")) + "\ntmpfs"
			expect(t, got, want)
			has(t, want, "file regular file 640 12:34", "fifo fifo 604 0:0", "link symbolic link 777 90:91", "sub directory 1750 56:78", "sub/deep/program regular file 4755 0:0", "ran\n")
			if _, err := os.Stat(filepath.Join(root, "data/file")); err != nil {
				t.Error(err)
			}
			if _, err := os.Stat(filepath.Join(root, "data/new")); err == nil {
				t.Error("the source was written to")
			}
		})
	}
}

func TestAReadOnlyTmpfsIsFilledBeforeItIsClosed(t *testing.T) {
	h := harness.New(t)
	root := h.OwnRoot()
	h.WriteFile(filepath.Join(root, "data/file"), "content\n", 0o644)
	got := h.Sh("cat /data/file; touch /data/x 2>&1 || true", harness.Root(root),
		harness.Mount(specs.Mount{Destination: "/data", Type: "tmpfs", Source: "tmpfs", Options: []string{"tmpcopyup", "ro"}}))
	expect(t, got, "content\ntouch: /data/x: Read-only file system")
}

func TestTmpcopyupOfAMissingDirectoryIsAnEmptyTmpfs(t *testing.T) {
	h := harness.New(t)
	got := h.Sh("ls -A /not/there | wc -l", harness.Root(h.OwnRoot()),
		harness.Mount(specs.Mount{Destination: "/not/there", Type: "tmpfs", Source: "tmpfs", Options: []string{"tmpcopyup"}}))
	expect(t, got, "0")
}

func TestTmpcopyupThatDoesNotFitNamesTheMount(t *testing.T) {
	h := harness.New(t)
	root := h.OwnRoot()
	h.WriteFile(filepath.Join(root, "data/large"), strings.Repeat("x", 1<<20), 0o644)
	b := h.Bundle(harness.Root(root), harness.Mount(specs.Mount{Destination: "/data", Type: "tmpfs", Source: "tmpfs", Options: []string{"tmpcopyup", "size=64k"}}))
	h.Fails(h.Run(b), "mounts[7]", "/data", "large", "no space left on device")
}
