package compile

import (
	"fmt"
	"os"
	"path"
	"strconv"

	"github.com/creel-project/creel/libcontainer/plan"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// defaultDevices are the nodes that every container has (runtime-spec,
// config-linux.md, "Default Devices").
var defaultDevices = [...]specs.LinuxDevice{
	{Path: "/dev/null", Type: "c", Major: 1, Minor: 3},
	{Path: "/dev/zero", Type: "c", Major: 1, Minor: 5},
	{Path: "/dev/full", Type: "c", Major: 1, Minor: 7},
	{Path: "/dev/random", Type: "c", Major: 1, Minor: 8},
	{Path: "/dev/urandom", Type: "c", Major: 1, Minor: 9},
	{Path: "/dev/tty", Type: "c", Major: 5, Minor: 0},
}

// stdLinks are the links that every container has (config-linux.md, "Dev symbolic links").
var stdLinks = [...][2]string{
	{"/dev/fd", "/proc/self/fd"},
	{"/dev/stdin", "/proc/self/fd/0"},
	{"/dev/stdout", "/proc/self/fd/1"},
	{"/dev/stderr", "/proc/self/fd/2"},
}

// devices appends the nodes and links of /dev, unless the config brings a whole
// /dev of the host's.
func (b *builder) devices() {
	if b.ns.mnt == nsHost || b.bindsDev() {
		return
	}
	listed := b.listedDevices()
	for i := range defaultDevices {
		if !hasDevice(listed, defaultDevices[i].Path) {
			b.device(&defaultDevices[i], "linux.devices (default)", 0)
		}
	}
	for i := range listed {
		if path.Clean(listed[i].Path) != "/dev/ptmx" { // which is the container's own
			b.device(&listed[i], fmt.Sprintf("linux.devices[%d]", i), plan.Keep)
		}
	}
	for _, l := range stdLinks {
		o := b.op(plan.Symlink, "linux.devices (default)", "link "+l[0])
		o.Src, o.Path, o.Text = slotRoot, l[0], []byte(l[1])
	}
	o := b.op(plan.Symlink, "linux.devices (default)", "link /dev/ptmx")
	o.Src, o.Path, o.Text, o.Flags = slotRoot, "/dev/ptmx", []byte("pts/ptmx"), plan.Verify
}

func (b *builder) listedDevices() []specs.LinuxDevice {
	if b.Spec.Linux == nil {
		return nil
	}
	return b.Spec.Linux.Devices
}

func hasDevice(list []specs.LinuxDevice, p string) bool {
	for i := range list {
		if path.Clean(list[i].Path) == p {
			return true
		}
	}
	return false
}

// bindsDev says whether /dev is a bind mount: then its nodes are not ours.
func (b *builder) bindsDev() bool {
	for i := range b.list {
		if b.list[i].dest == "/dev" && b.list[i].isBind() && !b.list[i].Remount {
			return true
		}
	}
	return false
}

// device appends one node. keep says what becomes of another file in its place: it
// is an error for those that the config lists (runtime-spec, config-linux.md,
// "Devices"), while images carry empty files where the default ones are to be.
func (b *builder) device(d *specs.LinuxDevice, source string, keep plan.Flags) {
	if d.Type != "p" && !b.makesNodes() {
		b.hostNode(d, source, keep)
		return
	}
	mode, uid, gid := uint64(0o666), uint64(0), uint64(0)
	if d.FileMode != nil {
		mode = uint64(*d.FileMode & (os.ModePerm | 0o7000))
	}
	if d.UID != nil {
		uid = uint64(*d.UID)
	}
	if d.GID != nil {
		gid = uint64(*d.GID)
	}
	o := b.op(plan.Mknod, source, "make "+d.Path+deviceWords(d))
	o.Src, o.Path, o.Flags = slotRoot, d.Path, keep
	o.N = [4]uint64{mode | deviceType(d.Type), packNumbers(d), gid<<32 | uid, 0}
}

// makesNodes says whether mknod(2) makes device nodes: it is EPERM in every user
// namespace but the first, and without CAP_MKNOD.
func (b *builder) makesNodes() bool {
	return b.ns.user == nsHost && !b.Probes.Nested && b.Probes.Lacks&(1<<unix.CAP_MKNOD) == 0
}

// hostNode appends the mounting of the host's node, where none can be made: of the
// one that has the numbers of the config. It may have another name there, which
// udev knows.
func (b *builder) hostNode(d *specs.LinuxDevice, source string, keep plan.Flags) {
	o := b.op(plan.Node, source, d.Path+": open the host's node"+deviceWords(d))
	o.Path, o.Dst, o.N = d.Path, slotTree, [4]uint64{deviceType(d.Type), packNumbers(d)}
	if keep != 0 {
		dir := "/dev/char/"
		if d.Type == "b" {
			dir = "/dev/block/"
		}
		o.Text = []byte(dir + numbers(d))
	}
	o = b.op(plan.Target, source, d.Path+": open mount point")
	o.Path, o.Src, o.Dst, o.N[0], o.N[1] = d.Path, slotRoot, slotTarget, 1, 0o666
	o.Flags = plan.NotProc | keep
	if keep != 0 {
		o.Aux = slotTree
	}
	o = b.op(plan.Move, source, d.Path+": mount")
	o.Src, o.Dst = slotTree, slotTarget
}

func packNumbers(d *specs.LinuxDevice) uint64 {
	return uint64(uint32(d.Major))<<32 | uint64(uint32(d.Minor))
}

// deviceWords name a device in an error: " c 1:3".
func deviceWords(d *specs.LinuxDevice) string {
	switch d.Type {
	case "p":
		return ""
	case "b":
		return " b " + numbers(d)
	}
	return " c " + numbers(d)
}

func numbers(d *specs.LinuxDevice) string {
	return strconv.FormatInt(d.Major, 10) + ":" + strconv.FormatInt(d.Minor, 10)
}

func deviceType(t string) uint64 {
	switch t {
	case "b":
		return unix.S_IFBLK
	case "p":
		return unix.S_IFIFO
	}
	return unix.S_IFCHR // "c", "u"
}
