package main

import (
	"fmt"
	"slices"

	"github.com/creel-project/creel/libcontainer/plan"
)

// operations writes the seeds of single operations: one in which every call
// succeeds, one for each call that fails, and those of special scripts.
func (w *writer) operations() error {
	for _, c := range slices.Concat(cases, identities) {
		p := &plan.Plan{Ops: c.ops}
		name := "op-" + c.name
		if err := w.write(name+"-ok", asItIs, 5, c.ok, p); err != nil {
			return err
		}
		for at := range c.calls {
			errno := byte(perm)
			if at%2 == 1 {
				errno = inval
			}
			if err := w.write(fmt.Sprintf("%s-refused-%d", name, at), asItIs, 5, refused(at, errno), p); err != nil {
				return err
			}
		}
		for k, script := range c.scripts {
			if err := w.write(fmt.Sprintf("%s-%d", name, k), mended, 5, script, p); err != nil {
				return err
			}
		}
	}
	return nil
}

// opCase is an operation, or a few that belong together.
type opCase struct {
	name    string
	ops     []plan.Op
	ok      []byte   // the script of success, if it is not empty
	calls   int      // how many of its calls are worth refusing
	scripts [][]byte // others
}

// op is an operation on the slots 0 to 4, which hold what came with the plan.
func op(c plan.Code, change func(*plan.Op)) plan.Op {
	o := plan.NewOp(c, "seed", c.String())
	o.Src = 0
	if change != nil {
		change(&o)
	}
	return o
}

func path(s string) func(*plan.Op) { return func(o *plan.Op) { o.Path = s } }

func num(n ...uint64) func(*plan.Op) { return func(o *plan.Op) { copy(o.N[:], n) } }

func all(fs ...func(*plan.Op)) func(*plan.Op) {
	return func(o *plan.Op) {
		for _, f := range fs {
			f(o)
		}
	}
}

func slots(dst, src, aux plan.Slot) func(*plan.Op) {
	return func(o *plan.Op) { o.Dst, o.Src, o.Aux = dst, src, aux }
}

func text(s string) func(*plan.Op) { return func(o *plan.Op) { o.Text = []byte(s) } }

func flags(f plan.Flags) func(*plan.Op) { return func(o *plan.Op) { o.Flags = f } }

func program(argv, envp []string) func(*plan.Op) {
	return func(o *plan.Op) {
		for _, s := range argv {
			o.Argv = append(o.Argv, plan.Arg{Text: s})
		}
		for _, s := range envp {
			o.Envp = append(o.Envp, plan.Arg{Text: s})
		}
	}
}
