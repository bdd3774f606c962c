package main

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/creel-project/creel/libcontainer/plan"
)

// boots writes the seeds in which the kernel refuses what init does before it
// has a plan, and those of plans that it must refuse.
func (w *writer) boots() error {
	p := &plan.Plan{Ops: []plan.Op{op(plan.Title, path("x")), op(plan.Exit, nil)}}
	for at := range 8 {
		if err := w.write(fmt.Sprintf("boot-refused-%d", at), boot, 1, refused(at, inval), p); err != nil {
			return err
		}
	}
	for i, script := range [][]byte{{0x9e}, {4, 2}, {1, 0}, {1, 39}} {
		if err := w.write(fmt.Sprintf("boot-%d", i), boot, 1, append(make([]byte, 5), script...), p); err != nil {
			return err
		}
	}
	program := &plan.Plan{Ops: []plan.Op{op(plan.Exec, all(path("/bin/sh"), program(sh, env)))}}
	for i, script := range [][]byte{ // kernels and filters that do not close what the caller left open
		{agree, inval}, {agree, perm, agree, perm}, {agree, perm, agree, perm, noent}, {agree, perm, agree, perm, agree, ioerr},
	} {
		if err := w.write(fmt.Sprintf("boot-open-%d", i), boot, 1, script, program); err != nil {
			return err
		}
	}
	for i, spoil := range []func(o *plan.Op){
		func(o *plan.Op) { o.Src = plan.MaxSlots },
		func(o *plan.Op) { o.Code = 999 },
		func(o *plan.Op) { o.Code, o.N[1] = plan.Sync, 33 },
		func(o *plan.Op) { o.Code, o.N[1] = plan.FSMount, 9 },
		func(o *plan.Op) { o.Code, o.N[1] = plan.Clone, 9 },
		func(o *plan.Op) { o.Code, o.N[0] = plan.Groups, 9 },
		func(o *plan.Op) { o.Code, o.Text = plan.MemPolicy, make([]byte, 12) },
		func(o *plan.Op) { o.Code, o.Text = plan.Affinity, make([]byte, 1032) },
	} {
		spoilt := &plan.Plan{Ops: []plan.Op{op(plan.Title, spoil)}}
		if err := w.write(fmt.Sprintf("refused-plan-%d", i), asItIs, 0, nil, spoilt); err != nil {
			return err
		}
	}
	return w.shreds()
}

// shreds are no plans at all: too short, or of another magic number.
func (w *writer) shreds() error {
	for name, data := range map[string][]byte{"short": {1, 2, 3}, "zeros": make([]byte, 200), "nothing": nil} {
		if err := w.block("refused-"+name, asItIs, 0, nil, data); err != nil {
			return err
		}
	}
	return w.spoilt()
}

// spoilt writes plans whose strings and tables end behind the plan.
func (w *writer) spoilt() error {
	p := &plan.Plan{Ops: []plan.Op{op(plan.Exec, all(path("/bin/sh"), program(sh, env)))}}
	code, err := p.Encode()
	if err != nil {
		return err
	}
	code = append(code, make([]byte, 16-len(code)%8)...)
	order := binary.NativeEndian
	order.PutUint32(code[8:], uint32(len(code)))
	const op = 24 // offset of the first op
	for name, spoil := range map[string]func([]byte){
		"string": func(b []byte) { order.PutUint32(b[op+20:], uint32(len(b))-1) },
		"end":    func(b []byte) { order.PutUint32(b[op+16:], uint32(len(b))-1) },
		"label":  func(b []byte) { order.PutUint32(b[op+12:], uint32(len(b))) },
		"table":  func(b []byte) { order.PutUint64(b[op+32:], uint64(len(b))-8); order.PutUint64(b[op+40:], 1) },
		"entry":  func(b []byte) { order.PutUint64(b[order.Uint64(b[op+32:]):], uint64(len(b))) },
		"ops":    func(b []byte) { order.PutUint32(b[12:], 1<<20) },
	} {
		spoilt := bytes.Clone(code)
		spoil(spoilt)
		if err := w.block("refused-"+name, asItIs, 0, []byte{perm}, spoilt); err != nil {
			return err
		}
	}
	return w.full()
}

// full writes a late value that fills its room, at the very end of the plan.
func (w *writer) full() error {
	const room = 8
	p := &plan.Plan{Ops: []plan.Op{op(plan.Sync, nil)}}
	code, err := p.Encode()
	if err != nil {
		return err
	}
	code = append(code, make([]byte, room+1)...)
	order := binary.NativeEndian
	order.PutUint32(code[8:], uint32(len(code)))
	order.PutUint32(code[24+16:], uint32(len(code)-room-1))
	order.PutUint32(code[24+20:], room)
	return w.block("late-full", asItIs, 0, []byte{agree, 2, 2}, code) // 2 << 2 bytes
}
