package devfilter

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"go/format"
	"os"
	"testing"

	"github.com/cilium/ebpf/asm"

	"github.com/creel-project/creel/libcontainer/cgroups/devfilter/templates"
	"github.com/creel-project/creel/libcontainer/cgroups/devrules"
)

func TestGeneratedTemplatesAreWhatTheAssemblerWrites(t *testing.T) {
	want, err := templates.Source()
	if err != nil {
		t.Fatal(err)
	}
	if want, err = format.Source(want); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("templates_generated.go")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("templates_generated.go is out of date: run go generate in this directory")
	}
}

func TestDefaultFilterDisassemblesToStraightCode(t *testing.T) {
	l, err := devrules.Container(nil)
	if err != nil {
		t.Fatal(err)
	}
	ins := disassemble(t, encode(l))
	if len(ins) != 44 {
		t.Errorf("the default filter has %d instructions, 44 are enough", len(ins))
	}
	for i, in := range ins {
		if op := in.OpCode; op.Class().IsJump() && op.JumpOp() != asm.Exit {
			t.Errorf("instruction %d is a jump: %v", i, in)
		}
	}
	if last := ins[len(ins)-1]; last.OpCode.JumpOp() != asm.Exit {
		t.Errorf("the last instruction is %v, not exit", last)
	}
}

// An allow-list of one rule, written out by hand with the assembler.
func TestFilterOfOneRuleIsWhatTheAssemblerBuilds(t *testing.T) {
	var l devrules.List
	l.Add(devrules.Rule{Allow: true, Types: devrules.Char, Major: 10, Minor: devrules.Any, Access: devrules.Read})
	var want asm.Instructions
	want = append(want, templates.Pieces()[0].Code...)
	want = append(want,
		asm.Mov.Imm32(asm.R5, 0),
		asm.Mov.Reg32(asm.R0, asm.R3),
		asm.And.Imm32(asm.R0, 0x3fff0000),
		asm.Xor.Imm32(asm.R0, 0x200a0000),
		asm.Sub.Imm(asm.R0, 1),
		asm.RSh.Imm(asm.R0, 61),
		asm.And.Imm(asm.R0, 2),
		asm.Or.Reg(asm.R5, asm.R0),
		asm.Mov.Reg(asm.R0, asm.R5),
		asm.Xor.Imm(asm.R0, 7),
		asm.And.Reg(asm.R0, asm.R2),
		asm.Sub.Imm(asm.R0, 1),
		asm.RSh.Imm(asm.R0, 63),
		asm.Return(),
	)
	got := disassemble(t, encode(l))
	if g, w := listing(got), listing(want); g != w {
		t.Errorf("got\n%s\nwant\n%s", g, w)
	}
}

func TestBigEndianRegistersAreSwapped(t *testing.T) {
	for _, piece := range templates.Pieces() {
		var little, big bytes.Buffer
		if err := piece.Code.Marshal(&little, binary.LittleEndian); err != nil {
			t.Fatal(err)
		}
		if err := piece.Code.Marshal(&big, binary.BigEndian); err != nil {
			t.Fatal(err)
		}
		for i := 1; i < little.Len(); i += asm.InstructionSize {
			if got, want := swapNibbles(little.Bytes()[i]), big.Bytes()[i]; got != want {
				t.Errorf("%s, byte %d: registers %#02x, want %#02x", piece.Name, i, got, want)
			}
		}
	}
}

func disassemble(t *testing.T, code []insn) asm.Instructions {
	t.Helper()
	var (
		raw   bytes.Buffer
		order binary.ByteOrder = binary.LittleEndian
	)
	if bigEndian() {
		order = binary.BigEndian
	}
	if err := binary.Write(&raw, order, wire(code)); err != nil {
		t.Fatal(err)
	}
	ins, err := asm.AppendInstructions(nil, &raw, order, "linux")
	if err != nil {
		t.Fatal(err)
	}
	return ins
}

// wire copies the instructions into a struct that encoding/binary can write.
func wire(code []insn) any {
	type exported struct {
		Op, Regs uint8
		Off      int16
		Imm      int32
	}
	out := make([]exported, len(code))
	for i, in := range code {
		out[i] = exported{in.op, in.regs, in.off, in.imm}
	}
	return out
}

func listing(ins asm.Instructions) string { return fmt.Sprintf("%v", ins) }
