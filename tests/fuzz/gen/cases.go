package main

import (
	"bytes"
	"strings"

	"github.com/creel-project/creel/libcontainer/plan"
)

const none = plan.None

// walked is a script in which the path is missing and made, component by
// component: open, then for each a directory, no link, made, closed.
var walked = []byte{noent, agree, noent, agree, agree, agree, noent, agree, agree}

// linked walks over a link before that.
var linked = []byte{noent, agree, 3, agree, agree, noent, agree, agree, agree, noent, agree, agree}

// missing is a script in which the path is not there, and then what follows.
func missing(then ...byte) []byte { return append([]byte{noent}, then...) }

// Answers of readlink (calls_data.c): "..", "/", and 4095 bytes of names.
const (
	upLink   = 11
	rootLink = 1
	longLink = 0x9e
)

// links answers n times with a link to itself: the directory, the link, closed.
func links(n int) []byte { return bytes.Repeat([]byte{agree, 3, agree}, n) }

var (
	long = bytes.Repeat([]byte{agree, longLink, agree}, 4)
	// deep is a link to 21 directories, the last of which is such a link again
	deep = bytes.Repeat(append([]byte{agree, longLink, agree}, make([]byte, 3*21)...), 3)
	// lost is a name that is missing and yet there, for ever
	lost = bytes.Repeat([]byte{agree, noent, exist, agree}, 130)
)

// copyScripts let a directory hold something (calls_data.c, k_getdents64).
func copyScripts() (all [][]byte) {
	const one, three, longName, dots, torn, short = 1, 3, 32 + 1, 16 + 2, 64 + 3, 64 + 8
	const dir, file, device, link, fifo = 0, 1, 2, 3, 6
	from := func(list byte, then ...byte) []byte { return append([]byte{agree, agree, list}, then...) }
	whole := [][]byte{
		from(one, dir), from(one, dir, agree, agree, agree, 16), from(three, dir), from(dots, file), from(torn), from(short), from(one, fifo),
		from(one, file, agree, file, agree, 5, agree, agree), from(one, file, agree, dir),
		from(one, file, agree, file, agree, 5, 1, agree), from(one, device, perm), from(one, fifo, perm),
		from(one, link, 11, agree, agree), from(one, link, longLink+1),
	}
	for _, s := range [][]byte{from(one, dir), from(one, file, agree, file, agree, 5), from(one, link, 11)} {
		for at := 4; at < 24; at++ { // each later call fails
			if at >= len(s) {
				whole = append(whole, append(append(append([]byte{}, s...), make([]byte, at-len(s))...), ioerr))
			}
		}
	}
	var deep []byte // with names that no error has room for
	for range 4 {
		deep = append(deep, longName, dir, agree, agree, agree, agree, agree, agree, agree, agree)
	}
	return append(whole, from(deep[0], append(deep[1:], longName, ioerr)...), from(deep[0], deep[1:]...))
}

func targetOf(s string) plan.Op {
	return op(plan.Target, all(slots(6, 0, none), path(s), num(0, 0o755)))
}

var (
	sh    = []string{"sh", "-c", "true"}
	env   = []string{"PATH=/bin", "TERM=xterm"}
	limit = "\x00\x00\x00\x00\x00\x00\x00\x00"
	sched = "\x30" + string(make([]byte, 47))
)

var cases = []opCase{
	{name: "sync", ops: []plan.Op{op(plan.Sync, all(slots(3, 0, none), num(0, 2)))}, calls: 2,
		scripts: [][]byte{{agree, 1, 33}, {agree, 2, 9}, {agree, 4, 7}, {agree, 0x9e}, {agree, 0x9d}, {agree, 8}, {intr, agree, intr}}},
	{name: "close", ops: []plan.Op{op(plan.Close, nil), op(plan.Title, path("x"))}},
	{name: "setns", ops: []plan.Op{op(plan.Setns, num(0x20000))}, calls: 1},
	{name: "unshare", ops: []plan.Op{op(plan.Unshare, num(0x20000))}, calls: 1},
	{name: "pair", ops: []plan.Op{op(plan.Pair, slots(5, none, 6))}, calls: 1},
	{name: "clone", ops: []plan.Op{op(plan.Clone, all(slots(5, none, none), num(0x20000000, 2))), op(plan.Exit, nil), op(plan.Setsid, nil)},
		calls: 1, scripts: [][]byte{{1}, {agree, badf}, {agree, agree}}},
	{name: "clone-unkept", ops: []plan.Op{op(plan.Clone, num(0, 1)), op(plan.Exit, nil)}},
	{name: "exit", ops: []plan.Op{op(plan.Exit, num(3))}},
	{name: "peer_send", ops: []plan.Op{op(plan.PeerSend, slots(none, 1, 2))}, calls: 1},
	{name: "peer_recv", ops: []plan.Op{op(plan.PeerRecv, slots(1, none, 2))}, calls: 1,
		scripts: [][]byte{{1, 0}, {1, 3}, {0x9e}, {0xb0}}},
	{name: "open", ops: []plan.Op{op(plan.Open, all(slots(6, none, none), path("/x"), num(0x200000, 0, 0, 0x9fa0), flags(plan.Regular|plan.NullDevice)))},
		ok: []byte{agree, agree, 1}, calls: 3, scripts: [][]byte{{agree, agree, 1}, {agree, agree, 2}, {agree, 1, agree}}},
	{name: "open-optional", ops: []plan.Op{op(plan.Open, all(slots(6, none, none), path("/x"), flags(plan.Optional|plan.Regular)))}, calls: 2,
		scripts: [][]byte{{noent}, {notdir}, {loop}, {acces}, {agree, 1}, {agree, ioerr}}},
	{name: "target", ops: []plan.Op{op(plan.Target, all(slots(6, 0, 1), path("/a/b"), num(2, 0o755), flags(plan.NotProc)))}, calls: 3,
		scripts: [][]byte{append([]byte{agree}, walked...), append([]byte{1}, walked...), append([]byte{agree}, linked...), {agree, agree, 4}}},
	{name: "target-dots", ops: []plan.Op{targetOf("/a/../b/./../../c//d/")}, ok: missing()},
	{name: "target-link-up", ops: []plan.Op{targetOf("/a/b/c")}, ok: missing(agree, upLink, agree, agree, rootLink, agree)},
	{name: "target-circle", ops: []plan.Op{targetOf("/a/b")}, ok: []byte{noent}, scripts: [][]byte{missing(links(50)...)}},
	{name: "target-long-name", ops: []plan.Op{targetOf("/a/" + strings.Repeat("n", 256))}, scripts: [][]byte{missing()}},
	{name: "target-long-path", ops: []plan.Op{targetOf(strings.Repeat("/n", 2100))}, scripts: [][]byte{{noent}}},
	{name: "target-long-links", ops: []plan.Op{targetOf("/a/b")}, scripts: [][]byte{missing(long...), missing(agree, 0x9f), missing(agree, 0x9d)}},
	{name: "target-deep", ops: []plan.Op{targetOf("/a/b/c")}, scripts: [][]byte{missing(deep...)}},
	{name: "target-race", ops: []plan.Op{targetOf("/a")}, scripts: [][]byte{missing(lost...), missing(agree, notdir), missing(agree, noent, perm)}},
	{name: "target-no-links", ops: []plan.Op{op(plan.Target, all(slots(6, 0, none), path("/proc"), num(0, 0o755), flags(plan.NoLinks)))}, calls: 1,
		scripts: [][]byte{append([]byte{noent}, walked...), append([]byte{noent, noent, agree, exist, agree}, walked...)}},
	{name: "mknod", ops: []plan.Op{op(plan.Mknod, all(path("/dev/null"), num(0o20666, 1<<32|3)))}, calls: 4,
		scripts: [][]byte{{agree, agree, exist, agree, 2}, {agree, agree, exist, agree, 1}, {agree, 1}, append(walked, agree, exist)}},
	{name: "mknod-big", ops: []plan.Op{op(plan.Mknod, all(path("/dev/big"), num(0o20666, 4097<<32|3)))}},
	{name: "mknod-dots", ops: []plan.Op{op(plan.Mknod, all(path("/dev/.."), num(0o20666, 1<<32|3)))}},
	{name: "mknod-keep", ops: []plan.Op{op(plan.Mknod, all(path("/dev/null"), num(0o20666, 1<<32|3), flags(plan.Keep)))},
		scripts: [][]byte{{agree, agree, exist, agree, 2}, {agree, agree, exist, agree, 1}, {agree, agree, exist, noent}}},
	{name: "node", ops: []plan.Op{op(plan.Node, all(slots(6, none, none), path("/dev/null"), text("/dev/char/1:3"), num(0o20000, 1<<32|3)))},
		ok: []byte{agree, 2}, calls: 2, scripts: [][]byte{{agree, agree, agree, agree, 2}, {agree, 98, agree, noent}, {noent, agree, 2}, {agree, 7, agree, noent}}},
	{name: "node-alone", ops: []plan.Op{op(plan.Node, all(slots(6, none, none), path("/dev/null"), num(0o20000, 1<<32|3)))}, scripts: [][]byte{{agree, 98}}},
	{name: "target-keep", ops: []plan.Op{op(plan.Target, all(slots(6, 0, 1), path("/a"), num(1, 0o666), flags(plan.Keep)))}, ok: []byte{agree, 2, 2}, calls: 3,
		scripts: [][]byte{{agree, 2, 98}, {agree, 2, 1}, {agree, 2, agree}, {agree, 2, 3}, {agree, 2, 6}}},
	{name: "symlink", ops: []plan.Op{op(plan.Symlink, all(path("/dev/ptmx"), text("pts/ptmx"), flags(plan.Verify)))}, calls: 3,
		scripts: [][]byte{{agree, agree, exist}, {agree, agree, exist, agree, exist}, {agree, agree, exist, busy}}},
	{name: "write", ops: []plan.Op{op(plan.Write, all(path("sys/kernel/hostname"), text("web"), num(0, 0, 0, 0x9fa0)))}, calls: 3,
		scripts: [][]byte{{agree, 1}, {agree, agree, 1}}},
	{name: "fsmount-long-key", ops: []plan.Op{op(plan.FSMount, all(slots(6, none, none), path("tmpfs"), text(strings.Repeat("k", 256)+"=v\x00"), num(0, 1)))}},
	{name: "fsmount-two", ops: []plan.Op{op(plan.FSMount, all(slots(none, none, none), path("tmpfs"))), op(plan.Setsid, nil)}},
	{name: "fsmount", ops: []plan.Op{op(plan.FSMount, all(slots(6, none, 1), path("tmpfs"), text("source=tmpfs\x00ro\x00"), num(1, 2)))}, calls: 6,
		scripts: [][]byte{{agree, inval, 0x82}, {agree, inval, 0x83, 0x84}, {agree, inval, 13}}},
	{name: "fsmount-label", ops: []plan.Op{op(plan.FSMount, all(slots(6, 0, none), path("mqueue"), text("source=mqueue\x00system_u:object_r:container_file_t:s0\x00"), num(1, 2, 0, 1)))}, calls: 7},
	{name: "fsmount-label-alone", ops: []plan.Op{op(plan.FSMount, all(slots(none, 0, none), path("mqueue"), text("label\x00"), num(0, 1, 0, 1)))}},
	{name: "fsmount-legacy", ops: []plan.Op{op(plan.FSMount, all(slots(6, 0, 1), path("overlay"), text("overlay\x00lowerdir=/a:/b\x00"), num(0x21, 2, 0x10), flags(plan.Legacy)))}, calls: 12},
	{name: "fsmount-legacy-short", ops: []plan.Op{op(plan.FSMount, all(slots(6, 0, none), path("overlay"), text("\x00\x00"), num(0, 2), flags(plan.Legacy)))}},
	{name: "fsmount-legacy-page", ops: []plan.Op{op(plan.FSMount, all(slots(6, 0, none), path("overlay"), text("x\x00"+strings.Repeat("k", 4096)+"\x00"), num(0, 2), flags(plan.Legacy)))}},
	{name: "copy_up", ops: []plan.Op{op(plan.CopyUp, slots(1, 0, none))}, calls: 3, scripts: copyScripts()},
	{name: "tree", ops: []plan.Op{op(plan.Tree, all(slots(6, none, none), path("/src"), num(1)))}, calls: 1},
	{name: "setattr", ops: []plan.Op{op(plan.SetAttr, all(slots(none, 0, 1), num(1, 0x70, 1<<18), flags(plan.Recursive)))}, calls: 1},
	{name: "setattr-legacy", ops: []plan.Op{op(plan.SetAttr, all(num(0x11, 0x70, 1<<18), flags(plan.Legacy|plan.Recursive)))}, calls: 3},
	{name: "setattr-legacy-atimes", ops: []plan.Op{op(plan.SetAttr, all(num(0x20, 0x80), flags(plan.Legacy))), op(plan.SetAttr, all(num(0x90, 0x20), flags(plan.Legacy)))}, calls: 1},
	{name: "setattr-empty", ops: []plan.Op{op(plan.SetAttr, all(slots(none, 40, none), flags(plan.Legacy)))}},
	{name: "move", ops: []plan.Op{op(plan.Move, slots(1, 0, none)), op(plan.Move, path("/root"))}, calls: 2},
	{name: "parent_private", ops: []plan.Op{op(plan.ParentPrivate, path("/srv/web"))}, calls: 3,
		scripts: [][]byte{{agree, 8, agree, agree, agree}, {agree, agree, nosys}, {agree, 8, noent}}},
	{name: "parent_private-legacy", ops: []plan.Op{op(plan.ParentPrivate, all(path("/srv/web"), flags(plan.Legacy)))}, calls: 3},
	{name: "mask", ops: []plan.Op{op(plan.Mask, all(slots(2, 0, 1), path("/proc/acpi"))), op(plan.Mask, all(slots(2, 0, 1), path("/proc/scsi")))}, calls: 3,
		scripts: [][]byte{{noent}, {agree, 1}, {agree, 1, agree, busy}, {agree, agree, agree, agree, agree, agree, agree}}},
	{name: "readonly", ops: []plan.Op{op(plan.Readonly, path("/proc/sys"))}, calls: 4, scripts: [][]byte{{notdir}}},
	{name: "readonly-legacy", ops: []plan.Op{op(plan.Readonly, all(path("/proc/sys"), flags(plan.Legacy)))}, calls: 5},
	{name: "detach", ops: []plan.Op{op(plan.Detach, func(o *plan.Op) { o.Src, o.Path, o.Text = 0, "/mnt", []byte("data\x00") })}, calls: 4},
	{name: "pivot", ops: []plan.Op{op(plan.Pivot, nil)}, calls: 7},
	{name: "chroot", ops: []plan.Op{op(plan.Chroot, all(num(1, 2), text("/sys\x00/proc\x00")))}, calls: 11},
}
