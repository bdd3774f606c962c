package libcontainer

import "golang.org/x/sys/unix"

// undo removes everything that a failed creation made. Its own failures are
// warnings: the error that led here is the one to tell.
func (b *boot) undo() {
	if b.filter != nil {
		_, _ = b.takeFilter() // the compiler is a child that must be waited for
	}
	if b.proc != nil {
		b.proc.CloseSocket() // a waiting init exits by itself
	}
	init := child{b.pid, b.pidfd} // release closes the pidfd
	init.end()
	b.stage1.end()
	b.helper.end()
	if b.devices != nil { // or the virtual ones would end with their namespace
		if err := b.devices.Restore(); err != nil {
			b.rt.warn(err.Error())
		}
	}
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
	b.dir.Close()
}

// release closes what only the creation needed.
func (b *boot) release() {
	if b.proc != nil {
		b.proc.Close()
	}
	for _, c := range [...]*child{&b.stage1, &b.helper} {
		c.reap()
		c.close()
	}
	if b.pidfd >= 0 {
		unix.Close(b.pidfd)
	}
	if b.stderr != nil {
		b.stderr.Close()
	}
	if b.devices != nil {
		b.devices.Close()
	}
	if b.pending != nil && b.pending.FD >= 0 {
		unix.Close(b.pending.FD)
	}
	b.agent.close()
	b.notify.Close()
	if b.cg != nil {
		b.cg.Close()
	}
}
