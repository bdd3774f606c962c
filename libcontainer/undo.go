package libcontainer

import "errors"

// undo removes everything that a failed creation made. Its own failures are
// warnings: the error that led here is the one to tell.
func (b *boot) undo() {
	if b.filter != nil {
		_, _ = b.takeFilter() // the compiler is a child that must be waited for
	}
	b.abort()
	if b.devices != nil { // or the virtual ones would end with their namespace
		if err := b.devices.Restore(); err != nil {
			b.rt.warn(err.Error())
		}
	}
	if !errors.Is(b.dir.Lock(), ErrNotExist) { // else somebody deleted it, and may have made another one
		b.remove()
	}
	b.dir.Close()
}

// remove removes what outlives its processes.
func (b *boot) remove() {
	if b.cg != nil {
		if err := b.cg.Destroy(); err != nil {
			b.rt.warn(err.Error())
		}
	}
	b.undoResctrl()
	if b.hooked {
		b.rec.Pid = 0
		b.container().poststop()
	}
	if err := b.dir.Remove(); err != nil {
		b.rt.warn(err.Error())
	}
}

// release closes what only the creation needed.
func (b *boot) release() {
	b.dialogue.release()
	if b.devices != nil {
		b.devices.Close()
	}
	b.notify.Close()
}

// abort ends the processes of a conversation that failed; release closes the pidfds.
func (d *dialogue) abort() {
	if d.proc != nil {
		d.proc.CloseSocket() // a waiting init exits by itself
	}
	init := child{d.pid, d.pidfd}
	init.end()
	d.stage1.end()
	d.helper.end()
}

// release closes what only the conversation needed. It waits for the stages, which end by themselves.
func (d *dialogue) release() {
	if d.proc != nil {
		d.proc.Close()
	}
	for _, c := range [...]*child{&d.stage1, &d.helper} {
		c.reap()
		c.close()
	}
	closeFD(d.pidfd)
	if d.stderr != nil {
		d.stderr.Close()
	}
	if d.pending != nil {
		closeFD(d.pending.FD)
	}
	d.agent.close()
	if d.cg != nil {
		d.cg.Close()
	}
}
