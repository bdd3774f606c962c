package compile

import (
	"path"
	"strings"

	"github.com/creel-project/creel/libcontainer/plan"
)

// start appends what is left: finding the program, waiting for start, and
// executing the process.
func (b *builder) start() {
	b.find()
	o := b.op(plan.Sync, "", "wait for limits and state")
	o.Sync = plan.SyncCreated
	if b.lateHome() {
		o.Src, o.Late = slotPasswd, plan.LateHome
		b.close(slotPasswd)
	}
	startHooks := b.hooks().StartContainer
	if !b.Run {
		o = b.op(plan.Accept, "", "wait for start")
		o.Src = 0
	} else if len(startHooks) > 0 {
		o = b.op(plan.Sync, "hooks.startContainer", "wait for the state")
		o.Sync = plan.SyncStart
	}
	if len(startHooks) > 0 {
		b.takeHookFDs(o)
	}
	env := b.env()
	b.hookOps("hooks.startContainer", startHooks, env)
	b.gate()
	b.op(plan.Signals, "", "reset signals")
	if b.Spec.Process.NoNewPrivileges {
		b.op(plan.NoNewPrivs, "process.noNewPrivileges", "set no_new_privs")
	}
	b.lastRlimits()
	b.filter()
	o = b.op(plan.Exec, "process.args[0]", "exec "+b.Spec.Process.Args[0])
	o.Path = b.Spec.Process.Args[0]
	o.Argv, o.Envp = args(b.Spec.Process.Args), env
}

// defaultPath is where a program is looked for when the config sets no PATH.
const defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// find appends the search for the program as the process's own user: a program
// that is not there fails create, in the words that engines look for.
func (b *builder) find() {
	name := b.Spec.Process.Args[0]
	o := b.op(plan.Find, "process.args[0]", "")
	if strings.Contains(name, "/") {
		o.Doing = `exec: "` + name + `"`
		o.Text, o.N[0] = list([]string{name}), 1
		return
	}
	o.Doing = `exec: "` + name + `": executable file not found in $PATH`
	o.Quiet = true
	var paths []string
	for dir := range strings.SplitSeq(b.searchPath(), ":") {
		if dir == "" {
			dir = "."
		}
		paths = append(paths, path.Join(dir, name))
	}
	o.Text, o.N[0] = list(paths), uint64(len(paths))
}

func (b *builder) searchPath() string {
	found := defaultPath
	for _, e := range b.Spec.Process.Env {
		if v, ok := strings.CutPrefix(e, "PATH="); ok {
			found = v
		}
	}
	return found
}

// env is the environment with the last of equal names winning, at the place of
// the first, and HOME from the container's passwd where the config has none.
func (b *builder) env() []plan.Arg {
	in := b.Spec.Process.Env
	out := make([]plan.Arg, 0, len(in)+1)
	at := make(map[string]int, len(in))
	late := b.lateHome()
	for _, e := range in {
		name, _, _ := strings.Cut(e, "=")
		if name == "HOME" && late {
			continue
		}
		if i, ok := at[name]; ok {
			out[i].Text = e
			continue
		}
		at[name] = len(out)
		out = append(out, plan.Arg{Text: e})
	}
	if late {
		out = append(out, plan.Arg{Text: "HOME=", Late: plan.LateHome})
	}
	return out
}

// lateHome says whether HOME has to be looked up; an empty one counts as unset.
func (b *builder) lateHome() bool {
	home := ""
	for _, e := range b.Spec.Process.Env {
		if v, ok := strings.CutPrefix(e, "HOME="); ok {
			home = v
		}
	}
	return home == ""
}
