package harness

import (
	"os"
	"strings"
)

// Ext4 makes a file system in a file with a loop device over it, which lasts as long
// as the test. It holds one file, "file", with the content "on a device". flags are
// losetup's.
func (h *H) Ext4(flags ...string) (image, device string) {
	h.Helper()
	dir := h.Path("ext4")
	h.Must(os.Mkdir(dir, 0o755))
	h.WriteFile(dir+"/file", "on a device", 0o644)
	image = h.Path("ext4.image")
	h.Host("truncate -s 4M " + image + " && mkfs.ext4 -q -d " + dir + " " + image)
	device = strings.TrimSpace(h.Host("losetup --show " + strings.Join(flags, " ") + " -f " + image))
	h.Cleanup(func() { h.Host("losetup -d " + device) })
	return image, device
}
