package initproc_test

import (
	"encoding/binary"
	"testing"

	"github.com/creel-project/creel/libcontainer/initproc"
	"github.com/creel-project/creel/libcontainer/plan"
	"golang.org/x/sys/unix"
)

// Offsets in a plan (libcontainer/initproc/csrc/init.h): the header, then ops.
const (
	headerSize = 24
	opSize     = 64
)

func put16(at int, v uint16) func([]byte) []byte {
	return func(b []byte) []byte { binary.NativeEndian.PutUint16(b[at:], v); return b }
}

func put32(at int, v uint32) func([]byte) []byte {
	return func(b []byte) []byte { binary.NativeEndian.PutUint32(b[at:], v); return b }
}

func put64(at int, v uint64) func([]byte) []byte {
	return func(b []byte) []byte { binary.NativeEndian.PutUint64(b[at:], v); return b }
}

// refusals are ways to spoil a plan whose first op is of kind code.
var refusals = []struct {
	name  string
	code  plan.Code
	spoil func([]byte) []byte
}{
	{"another magic number", plan.Title, put32(0, 1)},
	{"another version", plan.Title, put32(4, 2)},
	{"another size", plan.Title, put32(8, 100)},
	{"no ops", plan.Title, put32(12, 0)},
	{"more ops than fit", plan.Title, put32(12, 1000)},
	{"more ops than 32 bits hold bytes of", plan.Title, put32(12, 1<<26+1)},
	{"ops inside the header", plan.Title, put32(16, 8)},
	{"ops that are not aligned", plan.Title, put32(16, headerSize+4)},
	{"ops behind the end", plan.Title, put32(16, 1<<20)},
	{"a last byte that is not zero", plan.Title, func(b []byte) []byte { b[len(b)-1] = 1; return b }},
	{"a header alone", plan.Title, func(b []byte) []byte { return put32(8, headerSize)(b[:headerSize]) }},
	{"an unknown op", plan.Title, put16(headerSize, 1000)},
	{"a slot too high", plan.Title, put16(headerSize+4, plan.MaxSlots)},
	{"a slot too low", plan.Title, put16(headerSize+6, 0xfffe)},
	{"a label behind the end", plan.Title, put32(headerSize+12, 1<<20)},
	{"a string among the ops", plan.Title, func(b []byte) []byte { // it is empty, and ends
		return put32(headerSize+16, headerSize+10)(put32(headerSize+20, 0)(b))
	}},
	{"a string behind the end", plan.Title, put32(headerSize+16, 1<<20)},
	{"a string that is too long", plan.Title, put32(headerSize+20, 1<<20)},
	{"a string without its end", plan.Title, put32(headerSize+20, 2)},
	{"a string whose end wraps around", plan.Title, put32(headerSize+20, ^uint32(0))},
	{"a clone that goes back", plan.Clone, put64(headerSize+40, 0)},
	{"a clone that goes behind the end", plan.Clone, put64(headerSize+40, 2)},
	{"more fds than a message has", plan.Sync, put64(headerSize+40, plan.MaxFDs+1)},
	{"fds for no slot", plan.Sync, put64(headerSize+40, 1)},
	{"fds for more slots than there are", plan.Accept, func(b []byte) []byte {
		return put16(headerSize+4, plan.MaxSlots-1)(put64(headerSize+40, 2)(b))
	}},
	{"another number of options", plan.FSMount, put64(headerSize+40, 7)},
	{"a mount by mount(2) without source and options", plan.FSMount, put16(headerSize+2, uint16(plan.Legacy))},
	{"another number of groups", plan.Groups, put64(headerSize+32, 7)},
	{"a filter that is not aligned", plan.Seccomp, put32(headerSize+20, 3)},
	{"scheduling attributes that are too short", plan.Scheduler, put32(headerSize+20, 0)},
	{"an argument behind the end", plan.Exec, func(b []byte) []byte {
		return put64(int(binary.NativeEndian.Uint64(b[headerSize+32:])), 1<<20)(b)
	}},
	{"arguments without an end", plan.Exec, put64(headerSize+40, 0)},
	{"more arguments than there are", plan.Exec, put64(headerSize+40, 1<<40)},
	{"arguments that are not aligned", plan.Exec, func(b []byte) []byte {
		return put64(headerSize+32, binary.NativeEndian.Uint64(b[headerSize+32:])+4)(b)
	}},
	{"arguments among the ops", plan.Exec, put64(headerSize+32, headerSize)},
	{"a hook without its time-out", plan.Hook, put32(headerSize+28, 0)},
}

// TestInitRefusesASpoiltPlan before it performs the first op of it.
func TestInitRefusesASpoiltPlan(t *testing.T) {
	for _, c := range refusals {
		t.Run(c.name, func(t *testing.T) {
			refuses(t, boot(t), c.code, c.spoil)
		})
	}
}

// refuses gives s a plan that begins with an op of kind code and is spoilt.
func refuses(t *testing.T, s *session, code plan.Code, spoil func([]byte) []byte) {
	t.Helper()
	first := op(code, func(o *plan.Op) {
		o.Path = "path"
		switch code {
		case plan.Hook:
			*o = hook(1000, "exit 1")
		case plan.Exec:
			o.Path, o.Argv = "/bin/false", []plan.Arg{{Text: "false"}}
		case plan.Clone:
			o.N[1] = 1
		}
	})
	p := plan.Plan{Ops: []plan.Op{first, op(plan.Exit, nil)}}
	block, err := p.Encode()
	must(t, err)
	must(t, s.ch.SendPlan(spoil(block)))
	m, err := s.ch.Recv()
	if err != nil || m.Kind != initproc.KindError || m.Op != ^uint32(0) || unix.Errno(m.Value) != unix.EPROTO {
		t.Errorf("init answers %+v, %v; want EPROTO, about no op", m, err)
	}
}

func TestInitEndsWhenNobodyIsThereToGiveItAPlan(t *testing.T) {
	s := boot(t)
	must(t, unix.Shutdown(s.ch.FD(), unix.SHUT_RDWR))
	if err := s.cmd.Wait(); err == nil || s.cmd.ProcessState.ExitCode() != 1 {
		t.Errorf("init ended with %v, want status 1", err)
	}
}
