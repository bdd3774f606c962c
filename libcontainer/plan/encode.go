package plan

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// errSize: init refuses larger plans, so that every offset fits in 32 bits.
var errSize = errors.New("the plan has more than 64 MiB")

// encoder builds the pool behind the ops.
type encoder struct {
	buf      []byte
	empty    uint32 // offset of the empty string, the pool's first byte
	labelled *Op    // the last op whose label was written, at labelAt
	labelAt  uint32
	late     [len(lateRoom)]uint32
	lateAt   [len(lateRoom)]uint32
}

// order is the machine's own: init reads plain structs.
var order = binary.NativeEndian

// Encode writes the ops of p as the block of bytes that init maps. The layout
// is that of struct plan_header and struct op in initproc/csrc/init.h.
func (p *Plan) Encode() ([]byte, error) {
	n := len(p.Ops)
	e := encoder{buf: make([]byte, headerSize+n*opSize, headerSize+n*opSize*3)}
	e.empty = uint32(len(e.buf))
	e.buf = append(e.buf, 0)
	for i := range p.Ops {
		e.op(i, &p.Ops[i])
	}
	for i := range p.Ops {
		e.lateBuffer(i, &p.Ops[i])
	}
	e.buf = append(e.buf, 0)
	if len(e.buf) > maxBytes {
		return nil, fmt.Errorf("plan of %d ops, %d bytes: %w", n, len(e.buf), errSize)
	}
	order.PutUint32(e.buf[0:], magic)
	order.PutUint32(e.buf[4:], version)
	order.PutUint32(e.buf[8:], uint32(len(e.buf)))
	order.PutUint32(e.buf[12:], uint32(n))
	order.PutUint32(e.buf[16:], headerSize)
	return e.buf, nil
}

// op writes op i. The pool may move while it grows, so the record is written
// last, through its offset.
func (e *encoder) op(i int, o *Op) {
	num := o.N
	path, text := e.str(o.Path, 1), e.bytes(o)
	if o.Code == Exec || o.Code == Hook {
		num[0], num[1] = e.table(o.Argv), uint64(len(o.Argv))
		num[2], num[3] = e.table(o.Envp), uint64(len(o.Envp))
	}
	switch o.Code {
	case Seccomp, Scheduler, Groups, Find, MemPolicy, Affinity:
		path, text = text, path
	}
	label := e.label(o)
	rec := e.buf[headerSize+i*opSize:]
	order.PutUint16(rec[0:], uint16(o.Code))
	order.PutUint16(rec[2:], uint16(o.Flags))
	order.PutUint16(rec[4:], uint16(o.Dst))
	order.PutUint16(rec[6:], uint16(o.Src))
	order.PutUint16(rec[8:], uint16(o.Aux))
	order.PutUint32(rec[12:], label)
	order.PutUint32(rec[16:], path.off)
	order.PutUint32(rec[20:], path.len)
	order.PutUint32(rec[24:], text.off)
	order.PutUint32(rec[28:], text.len)
	for k, v := range num {
		order.PutUint64(rec[32+8*k:], v)
	}
}

type ref struct{ off, len uint32 }

func (e *encoder) align(to int) {
	for len(e.buf)%to != 0 {
		e.buf = append(e.buf, 0)
	}
}

func (e *encoder) str(s string, align int) ref {
	if s == "" {
		return ref{e.empty, 0}
	}
	e.align(align)
	r := ref{uint32(len(e.buf)), uint32(len(s))}
	e.buf = append(e.buf, s...)
	e.buf = append(e.buf, 0)
	return r
}

func (e *encoder) bytes(o *Op) ref {
	if len(o.Text) == 0 {
		return ref{e.empty, 0}
	}
	e.align(8)
	r := ref{uint32(len(e.buf)), uint32(len(o.Text))}
	e.buf = append(e.buf, o.Text...)
	e.buf = append(e.buf, 0)
	return r
}

// label writes the sentence of an op once for all neighbours that share it.
func (e *encoder) label(o *Op) uint32 {
	if l := e.labelled; l != nil && l.Source == o.Source && l.Doing == o.Doing {
		return e.labelAt
	}
	e.labelled, e.labelAt = o, uint32(len(e.buf))
	if o.Source != "" {
		e.buf = append(append(e.buf, o.Source...), ": "...)
	}
	e.buf = append(append(e.buf, o.Doing...), 0)
	return e.labelAt
}

// table writes the strings and then, aligned, their offsets and a final zero.
func (e *encoder) table(args []Arg) uint64 {
	offs := make([]uint32, len(args))
	for i, a := range args {
		if a.Late != NotLate {
			offs[i] = e.lateArg(a)
			continue
		}
		r := e.str(a.Text, 1)
		offs[i] = r.off
	}
	e.align(8)
	at := len(e.buf)
	for _, off := range offs {
		e.buf = order.AppendUint64(e.buf, uint64(off))
	}
	e.buf = order.AppendUint64(e.buf, 0)
	return uint64(at)
}

// lateArg keeps room behind the known beginning of a late string.
func (e *encoder) lateArg(a Arg) uint32 {
	if e.late[a.Late] == 0 {
		e.late[a.Late] = uint32(len(e.buf))
		e.buf = append(e.buf, a.Text...)
		e.lateAt[a.Late] = uint32(len(e.buf))
		e.buf = append(e.buf, make([]byte, lateRoom[a.Late])...)
	}
	return e.late[a.Late]
}

// lateBuffer points a Sync op at the room of the value that it brings.
func (e *encoder) lateBuffer(i int, o *Op) {
	if o.Late == NotLate || e.lateAt[o.Late] == 0 {
		return
	}
	rec := e.buf[headerSize+i*opSize:]
	order.PutUint32(rec[16:], e.lateAt[o.Late])
	order.PutUint32(rec[20:], lateRoom[o.Late]-1)
}
