package compile

import (
	"fmt"
	"strings"

	"github.com/creel-project/creel/libcontainer/plan"
	"golang.org/x/sys/unix"
)

func (b *builder) masksAnything() bool {
	return b.ns.mnt != nsHost && b.Spec.Linux != nil && len(b.Spec.Linux.MaskedPaths) > 0
}

// masks appends read-only and masked paths. They come after the hooks, which
// may still have to write there, and before the change of root, while the
// host's null device can be seen. All masked directories share one tmpfs: one
// for each is a burden to the kernel (runc#5275).
func (b *builder) masks() {
	if b.ns.mnt == nsHost || b.Spec.Linux == nil {
		return
	}
	for i, p := range b.Spec.Linux.ReadonlyPaths {
		o := b.op(plan.Readonly, fmt.Sprintf("linux.readonlyPaths[%d]", i), "make "+p+" read-only")
		o.Src, o.Path, o.Flags = slotRoot, p, b.legacy()
	}
	if !b.masksAnything() {
		return
	}
	opts := append([]string{"source=tmpfs", "mode=755", "nr_blocks=1", "nr_inodes=1"}, b.mountContext("tmpfs")...)
	o := b.op(plan.FSMount, "linux.maskedPaths", "make the tmpfs of masked directories")
	o.Path, o.Text, o.N[1] = "tmpfs", list(opts), uint64(len(opts))
	o.Dst = slotMask
	o.N[0] = unix.MOUNT_ATTR_RDONLY | unix.MOUNT_ATTR_NOSUID | unix.MOUNT_ATTR_NODEV | unix.MOUNT_ATTR_NOEXEC
	for i, p := range b.Spec.Linux.MaskedPaths {
		o := b.op(plan.Mask, fmt.Sprintf("linux.maskedPaths[%d]", i), "mask "+p)
		o.Src, o.Dst, o.Aux, o.Path, o.Flags = slotRoot, slotMask, slotNull, p, b.legacy()
	}
}

// sysctls appends the writes below /proc/sys, in the order of their names so
// that equal configs make equal plans. init writes them in the namespaces that
// they belong to.
func (b *builder) sysctls() {
	if b.Spec.Linux == nil {
		return
	}
	for _, key := range sortedKeys(b.Spec.Linux.Sysctl) {
		value := b.Spec.Linux.Sysctl[key]
		o := b.op(plan.Write, "linux.sysctl["+key+"]", "write "+value)
		o.Src, o.Path, o.Text = slotProc, "sys/"+sysctlPath(key), []byte(value)
		o.N[3] = unix.PROC_SUPER_MAGIC
	}
}

// sysctlPath turns net.ipv4.ip_forward into a path. As sysctl(8) does, the
// first separator decides: after a slash, dots belong to names (eth0.1).
func sysctlPath(key string) string {
	i := strings.IndexAny(key, "./")
	if i < 0 || key[i] == '/' {
		return key
	}
	swap := func(r rune) rune {
		switch r {
		case '.':
			return '/'
		case '/':
			return '.'
		}
		return r
	}
	return strings.Map(swap, key)
}
