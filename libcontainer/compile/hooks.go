package compile

import (
	"encoding/binary"
	"fmt"

	"github.com/creel-project/creel/libcontainer/plan"
	"github.com/creel-project/creel/spec"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

func (b *builder) hooks() *specs.Hooks {
	if b.Spec.Hooks == nil {
		return &specs.Hooks{}
	}
	return b.Spec.Hooks
}

// createHooks appends the hooks that run when all namespaces and mounts are
// there and the root has not changed yet: prestart and createRuntime on the
// host's side, createContainer on init's.
func (b *builder) createHooks() {
	h := b.hooks()
	if len(h.CreateContainer)+len(h.StartContainer) > 0 && !b.hookStdout() {
		b.openHookOut()
	}
	if len(h.Prestart)+len(h.CreateRuntime)+len(h.CreateContainer) == 0 {
		return
	}
	o := b.op(plan.Sync, "hooks", "wait for the hooks of the runtime's namespaces")
	o.Sync = plan.SyncHooks
	if len(h.CreateContainer) == 0 {
		return
	}
	b.takeHookFDs(o)
	b.hookOps("hooks.createContainer", h.CreateContainer, nil)
	b.close(slotHookIn, slotHookErr)
	if len(h.StartContainer) == 0 || b.hookStdout() {
		b.close(slotHookOut)
	}
}

// hookStdout says whether the stdout of hooks is a file that the host opens.
func (b *builder) hookStdout() bool { return b.Spec.Annotations[spec.HooksStdout] != "" }

// outputWords say where the output of hooks goes, as a shell would be told.
func (b *builder) outputWords() (words string) {
	if f := b.Spec.Annotations[spec.HooksStdout]; f != "" {
		words = " >> " + f
	}
	if f := b.Spec.Annotations[spec.HooksStderr]; f != "" {
		words += " 2>> " + f
	}
	return words
}

// takeHookFDs makes the answer to o fill the slots of the hooks' streams.
func (b *builder) takeHookFDs(o *plan.Op) {
	o.Dst, o.N[1] = slotHookIn, 2
	if b.hookStdout() {
		o.N[1] = 3
	}
}

// openHookOut opens the null device that hooks have as their stdout, while the
// host's /dev can still be seen.
func (b *builder) openHookOut() {
	o := b.op(plan.Open, "hooks", "open the host's /dev/null")
	o.Path, o.Dst, o.Flags, o.N[0] = "/dev/null", slotHookOut, plan.NullDevice, unix.O_RDWR
}

// hookOps appends hooks that init runs. A hook without an environment gets env.
func (b *builder) hookOps(source string, hooks []specs.Hook, env []plan.Arg) {
	for i := range hooks {
		h := &hooks[i]
		o := b.op(plan.Hook, fmt.Sprintf("%s[%d]", source, i), "run "+h.Path)
		o.Path, o.Src, o.Dst, o.Aux = h.Path, slotHookIn, slotHookOut, slotHookErr
		o.Argv, o.Envp = args(h.Args), args(h.Env)
		if len(h.Args) == 0 {
			o.Argv = args([]string{h.Path})
		}
		if len(h.Env) == 0 {
			o.Envp = env
		}
		var ms uint64
		if h.Timeout != nil {
			ms = uint64(*h.Timeout) * 1000
		}
		o.Text = binary.NativeEndian.AppendUint64(nil, ms)
	}
}

func args(ss []string) []plan.Arg {
	out := make([]plan.Arg, len(ss))
	for i, s := range ss {
		out[i].Text = s
	}
	return out
}
