package main

import (
	"encoding/binary"
	"strings"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

func TestOnlyTheRuntimesThreadsAreAddedUp(t *testing.T) {
	got, err := sum(strings.NewReader("creel 1\nrunc:[2:INIT] 10\ncrun 100\ntrue 1000\n7 10000\nmemfd:sealed-91 100000\n" +
		"containerd-shim 5\nctr 5\n 5\nsh 5\n"))
	if err != nil || got != 111111 {
		t.Errorf("%d, %v", got, err)
	}
}

func TestALossIsAnError(t *testing.T) {
	if _, err := sum(strings.NewReader("creel 1\nlost 0\n")); err == nil {
		t.Error("no error")
	}
}

func TestAThreadsNameAndTimeAreWritten(t *testing.T) {
	var s unix.Taskstats
	s.Cpu_run_virtual_total = 12345
	for i, c := range []byte("a name") {
		*(*byte)(unsafe.Pointer(&s.Ac_comm[i])) = c
	}
	if got := line(unsafe.Slice((*byte)(unsafe.Pointer(&s)), unsafe.Sizeof(s))); got != "a_name 12345" {
		t.Errorf("%q", got)
	}
}

func TestAttributesOfAMessageThatIsCutOffAreThoseBeforeTheCut(t *testing.T) {
	b := binary.NativeEndian.AppendUint16(nil, 7)
	b = binary.NativeEndian.AppendUint16(b, 3|unix.NLA_F_NESTED)
	b = append(b, "abc\x00"...)
	cut := binary.NativeEndian.AppendUint16(b, 100)
	cut = binary.NativeEndian.AppendUint16(cut, 4)
	for _, message := range [][]byte{b, cut} {
		if got := attributes(message); len(got) != 1 || string(got[3]) != "abc" {
			t.Errorf("%v", got)
		}
	}
}

func TestFiguresAreMediansAndRatiosToTheFirst(t *testing.T) {
	r := result{atOnce: 2, Runtimes: []figures{
		{walls: []time.Duration{9e6, 1e6, 2e6}, cpu: 6e6},
		{walls: []time.Duration{4e6, 5e6, 3e6}, cpu: 12e6},
	}}
	r.sum(6)
	first, second := r.Runtimes[0], r.Runtimes[1]
	if first.WallMs != 2 || first.CPUMs != 1 || first.WallRatio != 1 || first.CPURatio != 1 {
		t.Errorf("%+v", first)
	}
	if second.WallMs != 4 || second.CPUMs != 2 || second.WallRatio != 0.5 || second.CPURatio != 0.5 {
		t.Errorf("%+v", second)
	}
}
