package plan

import (
	"bytes"
	"encoding/binary"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestOperationsAreNumberedAsInInit compares the two lists of operations.
func TestOperationsAreNumberedAsInInit(t *testing.T) {
	data, err := os.ReadFile("../initproc/csrc/ops.h")
	if err != nil {
		t.Fatal(err)
	}
	got := regexp.MustCompile(`(?m)^OP\((\w+), (\w+)\)`).FindAllStringSubmatch(string(data), -1)
	if len(got) != int(codeCount) {
		t.Fatalf("init knows %d operations, this package %d", len(got), codeCount)
	}
	for i, m := range got {
		if want := Code(i).String(); strings.ToLower(m[1]) != want || m[2] != "op_"+want {
			t.Errorf("operation %d: init calls it %s, this package %s", i, m[1], want)
		}
	}
}

// TestFlagsAreNumberedAsInInit compares the bits of op.flags.
func TestFlagsAreNumberedAsInInit(t *testing.T) {
	data, err := os.ReadFile("../initproc/csrc/init.h")
	if err != nil {
		t.Fatal(err)
	}
	got := regexp.MustCompile(`F_(\w+) = 1 << (\d+)`).FindAllStringSubmatch(string(data), -1)
	want := []string{"OPTIONAL", "RECURSIVE", "LEGACY", "NOT_PROC", "NO_LINKS", "REGULAR", "NULLDEV", "EACCES_OK", "VERIFY", "MKDIR", "KEEP", "NO_FOLLOW"}
	if len(got) != len(want) || len(flagNames) != len(want) {
		t.Fatalf("init has %d flags, this package %d", len(got), len(flagNames))
	}
	for i, m := range got {
		if m[1] != want[i] || m[2] != strconv.Itoa(i) {
			t.Errorf("flag %d: init has %s = 1 << %s, want %s", i, m[1], m[2], want[i])
		}
	}
}

// str reads the string that an op record refers to at offset at.
func str(t *testing.T, buf []byte, at int) string {
	t.Helper()
	off, n := binary.NativeEndian.Uint32(buf[at:]), binary.NativeEndian.Uint32(buf[at+4:])
	if int(off+n) >= len(buf) || buf[off+n] != 0 {
		t.Fatalf("string at %d, %d bytes: not terminated inside %d bytes", off, n, len(buf))
	}
	return string(buf[off : off+n])
}

func TestEncodeWritesTheLayoutThatInitReads(t *testing.T) {
	var p Plan
	o := NewOp(FSMount, "mounts[2]", "mount tmpfs")
	o.Path, o.Text, o.N, o.Dst, o.Flags = "tmpfs", []byte("size=1k\x00ro\x00"), [4]uint64{7, 2, 3, 4}, 33, Optional|Legacy
	p.Add(o)
	buf, err := p.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if buf[len(buf)-1] != 0 {
		t.Error("the last byte is not zero")
	}
	u16 := func(at int) uint16 { return binary.NativeEndian.Uint16(buf[at:]) }
	u32 := func(at int) uint32 { return binary.NativeEndian.Uint32(buf[at:]) }
	if u32(0) != magic || u32(4) != version || u32(8) != uint32(len(buf)) || u32(12) != 1 || u32(16) != headerSize {
		t.Errorf("header % x", buf[:headerSize])
	}
	r := headerSize
	if u16(r) != uint16(FSMount) || u16(r+2) != uint16(Optional|Legacy) || int16(u16(r+4)) != 33 || int16(u16(r+6)) != -1 {
		t.Errorf("op % x", buf[r:r+opSize])
	}
	if s := str(t, buf, r+16); s != "tmpfs" {
		t.Errorf("first string %q", s)
	}
	if s := str(t, buf, r+24); s != "size=1k\x00ro\x00" {
		t.Errorf("second string %q", s)
	}
	for k := range 4 {
		if got := binary.NativeEndian.Uint64(buf[r+32+8*k:]); got != o.N[k] {
			t.Errorf("n[%d] = %d, want %d", k, got, o.N[k])
		}
	}
	label := buf[u32(r+12):]
	if !bytes.HasPrefix(label, []byte("mounts[2]: mount tmpfs\x00")) {
		t.Errorf("label %.40q", label)
	}
}

func TestEncodeLeavesRoomForALateValueBehindItsName(t *testing.T) {
	var p Plan
	s := NewOp(Sync, "", "wait")
	s.Sync, s.Late = SyncCreated, LateHome
	p.Add(s)
	x := NewOp(Exec, "", "exec")
	x.Argv = []Arg{{Text: "sh"}}
	x.Envp = []Arg{{Text: "A=1"}, {Text: "HOME=", Late: LateHome}}
	p.Add(x)
	buf, err := p.Encode()
	if err != nil {
		t.Fatal(err)
	}
	r := headerSize + opSize
	envp := binary.NativeEndian.Uint64(buf[r+32+16:])
	home := binary.NativeEndian.Uint64(buf[envp+8:])
	if end := binary.NativeEndian.Uint64(buf[envp+16:]); end != 0 {
		t.Errorf("the table of two ends with %d, not 0", end)
	}
	if got := string(buf[home : home+6]); got != "HOME=\x00" {
		t.Errorf("late string %q", got)
	}
	at, room := binary.NativeEndian.Uint32(buf[headerSize+16:]), binary.NativeEndian.Uint32(buf[headerSize+20:])
	if uint64(at) != home+5 || room != 4095 {
		t.Errorf("the answer goes to %d, %d bytes; the value begins at %d", at, room, home+5)
	}
}

func TestEncodeRefusesAPlanThatInitWouldRefuse(t *testing.T) {
	var p Plan
	o := NewOp(Write, "", "")
	o.Text = make([]byte, maxBytes)
	p.Add(o)
	if _, err := p.Encode(); err == nil {
		t.Error("a plan of more than 64 MiB was encoded")
	}
}
