package rootfs

import (
	"archive/tar"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/creel-project/creel/tests/bundle/trees"
	"github.com/creel-project/creel/tests/harness"
	"golang.org/x/sys/unix"
)

const (
	// cap_net_raw+ep, as setcap(8) writes it: revision 2, effective; permitted, inheritable, two words each.
	netRaw = "\x01\x00\x00\x02" + "\x00\x20\x00\x00" + "\x00\x00\x00\x00" + "\x00\x00\x00\x00" + "\x00\x00\x00\x00"
	// user::rw-, user:1000:r--, group::r--, mask::r--, other::---
	acl = "\x02\x00\x00\x00" + "\x01\x00\x06\x00\xff\xff\xff\xff" + "\x02\x00\x04\x00\xe8\x03\x00\x00" +
		"\x04\x00\x04\x00\xff\xff\xff\xff" + "\x10\x00\x04\x00\xff\xff\xff\xff" + "\x20\x00\x00\x00\xff\xff\xff\xff"
)

// everything has one of each kind, with what is easily lost.
func everything() []entry {
	node := func(name string, kind byte, major, minor int64) entry {
		return file(name, "").by(func(h *tar.Header) { h.Typeflag, h.Devmajor, h.Devminor = kind, major, minor })
	}
	return []entry{
		folder("./").mode(0o751).owner(3, 4),
		folder("closed").mode(0o500), file("closed/file", "in it"),
		folder("sticky").mode(0o1777), folder("group").mode(0o2775).owner(0, 50), folder("group/plain"), file("group/file", "x").owner(5, 6),
		folder("acl").xattr("system.posix_acl_default", acl), file("acl/file", "not for user 1000").mode(0o666),
		file("suid", "program").mode(0o4755), file("sgid", "program").mode(0o2755).owner(1, 8), file("none", "").mode(0),
		file("open", "").mode(0o666), file("capable", "program").mode(0o755).xattr("security.capability", netRaw),
		file("listed", "x").mode(0o640).xattr("system.posix_acl_access", acl), file("noted", "x").xattr("user.note", "a\x00b"),
		hard("also-suid", "suid"), hard("closed/also-suid", "/suid"), link("link", "../../etc/passwd").owner(9, 10), link("dangling", "nowhere"),
		node("fifo", tar.TypeFifo, 0, 0).mode(0o622), node("null", tar.TypeChar, 1, 3).mode(0o666), node("disk", tar.TypeBlock, 7, 200).mode(0o660).owner(0, 6),
		file("deep/er/file", "its parents are implied"), file(strings.Repeat("long/", 60)+"file", "x"), file("größe", "x"),
	}
}

func TestAllThatAnArchiveSaysIsThere(t *testing.T) {
	for _, tt := range []struct {
		name, capable, acl string
		flags              []string
		shift              int
	}{
		{"as it is", netRaw, acl, nil, 0},
		{"shifted", strings.Replace(netRaw, "\x00\x00\x02", "\x00\x00\x03", 1) + "\xa0\x86\x01\x00", strings.Replace(acl, "\xe8\x03\x00\x00", "\x88\x8a\x01\x00", 1),
			[]string{"--userns", "100000:65536"}, 100000},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := harness.New(t)
			root := h.Path("root")
			h.Ok(unpack(h, archive(h, everything()...), append(tt.flags, "-", root)...))
			got := trees.Describe(h, root)
			for name, want := range map[string]struct {
				mode     uint32
				uid, gid int
				more     string
			}{
				".":                {0o40751, 3, 4, ""},
				"closed":           {0o40500, 0, 0, ""},
				"closed/file":      {0o100644, 0, 0, " 5 bytes"},
				"sticky":           {0o41777, 0, 0, ""},
				"group":            {0o42775, 0, 50, ""},
				"group/plain":      {0o40755, 0, 0, ""},
				"group/file":       {0o100644, 5, 6, ""},
				"acl":              {0o40755, 0, 0, fmt.Sprintf(" system.posix_acl_default=%x", tt.acl)},
				"acl/file":         {0o100666, 0, 0, " 17 bytes"},
				"suid":             {0o104755, 0, 0, " of 3 7 bytes"},
				"also-suid":        {0o104755, 0, 0, " of 3 7 bytes"},
				"closed/also-suid": {0o104755, 0, 0, " of 3 7 bytes"},
				"sgid":             {0o102755, 1, 8, ""},
				"none":             {0o100000, 0, 0, " 0 bytes"},
				"open":             {0o100666, 0, 0, ""},
				"capable":          {0o100755, 0, 0, fmt.Sprintf(" security.capability=%x", tt.capable)},
				"listed":           {0o100640, 0, 0, fmt.Sprintf(" system.posix_acl_access=%x", tt.acl)},
				"noted":            {0o100644, 0, 0, " user.note=610062"},
				"link":             {0o120777, 9, 10, " -> ../../etc/passwd"},
				"dangling":         {0o120777, 0, 0, " -> nowhere"},
				"fifo":             {0o10622, 0, 0, ""},
				"null":             {0o20666, 0, 0, " 1:3"},
				"disk":             {0o60660, 0, 6, " 7:200"},
				"deep/er":          {0o40755, 0, 0, ""},
				"größe":            {0o100644, 0, 0, ""},
			} {
				begin := fmt.Sprintf("%o %d:%d", want.mode, want.uid+tt.shift, want.gid+tt.shift)
				if name != "." && name != "deep/er" { // the root's name came later, and nothing is said of what is implied
					begin += fmt.Sprintf(" %d.%09d", when.Unix(), when.Nanosecond())
				}
				if !strings.HasPrefix(got[name], begin) || !strings.Contains(got[name], want.more) {
					t.Errorf("%s: %q, want %q … %q", name, got[name], begin, want.more)
				}
				if !strings.Contains(want.more, "=") && strings.Contains(got[name], "=") {
					t.Errorf("%s has attributes that nobody gave it: %q", name, got[name])
				}
			}
		})
	}
}

func TestAnIdThatIsNotMappedIsAnError(t *testing.T) {
	owned := strings.Replace(acl, "\xe8\x03\x00\x00", "\x00\x00\x01\x00", 1)
	capable := strings.Replace(netRaw, "\x00\x00\x02", "\x00\x00\x03", 1) + "\x00\x00\x01\x00"
	for name, e := range map[string]entry{
		"uid 65536": file("bad", "").owner(65536, 0), "gid 65536": folder("bad").owner(0, 65536),
		"attribute system.posix_acl_access: an ACL entry: uid 65536":                   file("bad", "").xattr("system.posix_acl_access", owned),
		"attribute security.capability: root of the file capabilities: uid 65536: the": file("bad", "").xattr("security.capability", capable),
	} {
		h := harness.New(t)
		h.Fails(unpack(h, archive(h, file("good", ""), e), "--userns", "100000:65536", "-", h.Path("root")), `entry "bad`+strings.Repeat("/", len(e.Name)-3), name)
		nothingLeft(h, h.Path("root"))
	}
}

func TestHolesStayHoles(t *testing.T) {
	h := harness.New(t)
	dir := h.Path("from")
	h.Must(os.Mkdir(dir, 0o755))
	h.Host("truncate -s 64M " + dir + "/holes && printf begin | dd of=" + dir + "/holes conv=notrunc && printf end | dd of=" + dir + "/holes bs=1 seek=33554432 conv=notrunc")
	want := trees.Describe(h, dir)["holes"]
	for _, format := range []string{"gnu", "pax --sparse-version=0.0", "pax --sparse-version=0.1", "pax --sparse-version=1.0"} {
		root := h.Path("root-" + strings.NewReplacer(" ", "", "=", "", "-", "").Replace(format))
		h.Host("tar -C " + dir + " -S --format=" + format + " -cf " + root + ".tar holes")
		h.Ok(h.Program(program(), "rootfs", root+".tar", root))
		if got := trees.Describe(h, root)["holes"]; got[:20] != want[:20] || got[len(got)-64:] != want[len(want)-64:] {
			t.Errorf("%s: %q, want %q", format, got, want)
		}
		var st unix.Stat_t
		h.Must(unix.Stat(filepath.Join(root, "holes"), &st))
		if st.Size != 64<<20 || st.Blocks*512 > 1<<20 {
			t.Errorf("%s: %d bytes, of which %d are stored", format, st.Size, st.Blocks*512)
		}
	}
}

func TestAnOrdinaryUserOwnsAllAndIsToldWhatIsNot(t *testing.T) {
	h := harness.New(t)
	home := h.Path("home")
	h.Must(os.Mkdir(home, 0o755))
	h.Must(os.Chown(home, 1000, 1000))
	root := filepath.Join(home, "root")
	as := func(c *exec.Cmd) {
		c.Stdin = bytes.NewReader(archive(h, everything()...))
		c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 1000, Gid: 1000}}
	}
	res := h.Ok(h.GoProgram(as, program(), "rootfs", "-", root).Result())
	for _, want := range []string{`"null": device node 1:3`, `"disk": device node 7:200`, `"capable": attribute security.capability`, `"group/file": owner 5:6`} {
		if !strings.Contains(res.Stdout, want) {
			t.Errorf("the report does not say %s:\n%s", want, res.Stdout)
		}
	}
	got := trees.Describe(h, root)
	for name, want := range map[string]string{".": "40751 1000:1000", "closed": "40500 1000:1000 1700000000.123456789", "closed/also-suid": "104755 1000:1000",
		"none": "100000 1000:1000", "fifo": "10622 1000:1000", "null": "", "disk": "", "link": "120777 1000:1000", "sticky": "41777 1000:1000"} {
		if !strings.HasPrefix(got[name], want) || want == "" && got[name] != "" {
			t.Errorf("%s: %q, want %q", name, got[name], want)
		}
	}
	h.Fails(h.GoProgram(as, program(), "rootfs", "--userns", "100000:10", "-", filepath.Join(home, "other")).Result(), "an ordinary user may not give files away")
	h.Fails(h.GoProgram(as, program(), "rootfs", "--idmap", "-", filepath.Join(home, "other")).Result(), "only root may map the ids of a mount")
	locked := func(c *exec.Cmd) {
		as(c)
		c.Stdin = bytes.NewReader(archive(h, folder("a").mode(0), file("a/b", "x"), file("../x", "")))
	}
	h.Fails(h.GoProgram(locked, program(), "rootfs", "-", filepath.Join(home, "other")).Result(), "a name with ..")
	nothingLeft(h, filepath.Join(home, "other"))
}

func TestADirectoryKeepsItsTimeWhenItIsFilled(t *testing.T) {
	h := harness.New(t)
	root := h.Path("root")
	h.Ok(unpack(h, archive(h, folder("a"), file("b", ""), file("a/x", ""), folder("c/d"), folder("c"), file("a/y", ""), hard("c/d/z", "b")), "-", root))
	for _, name := range []string{"a", "c", "c/d"} {
		st, err := os.Stat(filepath.Join(root, name))
		h.Must(err)
		if !st.ModTime().Equal(when) {
			t.Errorf("%s is of %v, want %v", name, st.ModTime(), when)
		}
	}
}
