package compile

import (
	"github.com/creel-project/creel/libcontainer/plan"
	"golang.org/x/sys/unix"
)

// openLabels appends the opening of the files that take the labels of the
// process. Only the task itself may write them, so they are opened by the one
// that becomes the process; after the change of root they may be hidden.
func (b *builder) openLabels() {
	p := b.Spec.Process
	switch {
	case p.ApparmorProfile != "":
		b.openLabel("process.apparmorProfile", "self/attr/apparmor/exec", slotExecAttr)
	case p.SelinuxLabel != "":
		b.openLabel("process.selinuxLabel", "self/attr/exec", slotExecAttr)
	}
	if p.SelinuxLabel != "" && !b.NoNewKeyring {
		b.openLabel("process.selinuxLabel", "self/attr/keycreate", slotKeyAttr)
	}
}

func (b *builder) openLabel(source, path string, dst plan.Slot) {
	o := b.op(plan.Open, source, "open /proc/"+path)
	o.Src, o.Dst, o.Path = slotProc, dst, path
	o.N = [4]uint64{unix.O_WRONLY, 0, 0, unix.PROC_SUPER_MAGIC}
}

// label appends the writing of one label.
func (b *builder) label(source, doing string, to plan.Slot, value string) {
	o := b.op(plan.Write, source, doing)
	o.Src, o.Text = to, []byte(value)
	b.close(to)
}

// keyLabel appends the label that the session keyring gets.
func (b *builder) keyLabel() {
	if l := b.Spec.Process.SelinuxLabel; l != "" {
		b.label("process.selinuxLabel", "label keys "+l, slotKeyAttr, l)
	}
}

// execLabel appends the label that execve(2) gives the process.
func (b *builder) execLabel() {
	p := b.Spec.Process
	switch {
	case p.ApparmorProfile != "":
		b.label("process.apparmorProfile", "set the profile "+p.ApparmorProfile, slotExecAttr, "exec "+p.ApparmorProfile)
	case p.SelinuxLabel != "":
		b.label("process.selinuxLabel", "label the process "+p.SelinuxLabel, slotExecAttr, p.SelinuxLabel)
	}
}

// mountContext is the file system option that labels the files of a new mount;
// sysfs, proc and cgroups have labels of their own, and mqueue takes none (see rootLabel).
func (b *builder) mountContext(fstype string) []string {
	if b.Spec.Linux == nil || b.Spec.Linux.MountLabel == "" {
		return nil
	}
	switch fstype {
	case "proc", "sysfs", "cgroup", "cgroup2", "mqueue":
		return nil
	}
	return []string{"context=" + b.Spec.Linux.MountLabel}
}

// rootLabel is the label that the root of a mount gets when it is there. The file system
// of message queues is as old as the IPC namespace, and then takes no option (EINVAL).
func (b *builder) rootLabel(fstype string) string {
	if b.Spec.Linux == nil || fstype != "mqueue" {
		return ""
	}
	return b.Spec.Linux.MountLabel
}
