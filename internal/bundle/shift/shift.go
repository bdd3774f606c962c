package shift

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// A Result is what was done.
type Result struct {
	Already bool     // it was done before, and nothing now
	Resumed bool     // what an earlier one had begun
	Changed int64    // names of files that were changed now
	Foreign int64    // files that had ids of TO before: they stay, and --undo will not tell them apart
	Skipped []string // mount points, which were not entered
	Marked  bool     // the directory says what was done to it, so that it is not done twice
}

type run struct {
	asked, act  Mapping
	undo        bool
	head        string
	journalName string
	parent, fd  int
	journal     *journal
	fresh       bool

	changed, foreign atomic.Int64
}

// Run shifts all that is in a directory, and the directory itself, or with undo takes that back. It may be killed at any
// instant, and called again with the same arguments. It is an error if another shift was begun or done there.
func Run(ctx context.Context, dir string, m Mapping, undo bool) (*Result, error) {
	r := &run{asked: m, act: m, undo: undo, parent: -1, fd: -1}
	if undo {
		r.act = m.Reverse()
	}
	defer r.close()
	if err := r.open(dir); err != nil {
		return nil, fmt.Errorf("shift %s: %w", dir, err)
	}
	res, err := r.do(ctx)
	if err != nil {
		return nil, fmt.Errorf("shift %s: %w", dir, err)
	}
	return res, nil
}

// open finds the directory and the one that it lies in.
func (r *run) open(dir string) error {
	path, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	if path, err = filepath.EvalSymlinks(path); err != nil {
		return err
	}
	if path == "/" {
		return errors.New("it is the root of this system")
	}
	if r.parent, err = unix.Open(filepath.Dir(path), folderFlags, 0); err != nil {
		return err
	}
	base := filepath.Base(path)
	if r.fd, err = unix.Openat(r.parent, base, folderFlags, 0); err != nil {
		return err
	}
	if len(base) > 200 { // a name has at most 255 bytes
		base = base[:200]
	}
	r.journalName = "." + base + ".creel-shift"
	var st unix.Stat_t
	if err := unix.Fstat(r.fd, &st); err != nil {
		return err
	}
	r.head = header(r.asked, r.undo, st.Ino)
	return nil
}

func (r *run) close() {
	for _, fd := range []int{r.parent, r.fd} {
		if fd >= 0 {
			unix.Close(fd)
		}
	}
}

func (r *run) do(ctx context.Context) (*Result, error) {
	mark, err := readMark(r.fd)
	if err != nil {
		return nil, err
	}
	haveJournal := unix.Faccessat(r.parent, r.journalName, unix.F_OK, unix.AT_SYMLINK_NOFOLLOW) == nil
	already, err := r.judge(mark, haveJournal)
	if err != nil {
		return nil, err
	}
	if already && !haveJournal {
		return &Result{Already: true, Marked: true}, nil
	}
	var complete bool
	if r.journal, complete, err = openJournal(r.parent, r.journalName, r.head); err != nil {
		return nil, err
	}
	if already { // it was killed in its last step
		return &Result{Already: true, Marked: true}, r.journal.remove()
	}
	defer r.journal.f.Close()
	res := &Result{Resumed: haveJournal}
	if res.Marked, err = setMark(r.fd, running+r.head); err != nil {
		return nil, err
	}
	r.fresh = !haveJournal
	if !complete {
		if res.Skipped, err = tree(ctx, r.fd, r.visit); err != nil {
			return nil, err
		}
		if err := r.journal.complete(); err != nil {
			return nil, fmt.Errorf("journal %s: %w", r.journalName, err)
		}
	}
	if err := r.journal.each(func(path string, n *inode) error { return r.set(ctx, path, n) }); err != nil {
		return nil, err
	}
	res.Changed, res.Foreign = r.changed.Load(), r.foreign.Load()
	return res, r.finish()
}

// finish marks the directory before it removes the journal: whoever finds both has nothing more to do.
func (r *run) finish() error {
	var err error
	if r.undo {
		err = clearMark(r.fd)
	} else {
		_, err = setMark(r.fd, done+r.asked.String())
	}
	if err != nil {
		return err
	}
	return r.journal.remove()
}

// visit changes a file for which one step is enough and whose ids tell whether that was done, and notes all others.
func (r *run) visit(p *place) error {
	if !r.act.overlaps() && p.st.Mode&(unix.S_ISUID|unix.S_ISGID) == 0 {
		// So it is with nearly all.
		if bare, err := p.bare(); err != nil || bare {
			return r.chown(p, err)
		}
	}
	var n inode
	if err := n.read(p); err != nil {
		return err
	}
	out, err := n.mapped(r.act)
	if err != nil {
		return err
	}
	if n.same(out) {
		r.look(p)
		return nil
	}
	if r.act.overlaps() || !n.plain(out) {
		r.look(p)
		return r.journal.add(p.path(), &n)
	}
	return r.chown(p, nil)
}

// look counts what had ids of the new range already.
func (r *run) look(p *place) {
	if !r.fresh || r.act.overlaps() || !r.act.Shifted(p.st.Uid) && !r.act.Shifted(p.st.Gid) {
		return
	}
	if p.st.Nlink == 1 || p.st.Mode&unix.S_IFMT == unix.S_IFDIR { // another name of it may have been here just now
		r.foreign.Add(1)
	}
}

// chown changes the owner, if no error came before.
func (r *run) chown(p *place, err error) error {
	uid, gid := r.act.ID(p.st.Uid), r.act.ID(p.st.Gid)
	r.look(p)
	if err != nil || uid == p.st.Uid && gid == p.st.Gid {
		return err
	}
	r.changed.Add(1)
	if err := lchown(p.name, uid, gid); err != nil {
		return fmt.Errorf("set owner %d:%d: %w", uid, gid, err)
	}
	return nil
}

// set makes of a file what the journal's line becomes.
func (r *run) set(ctx context.Context, path string, n *inode) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	out, err := n.mapped(r.act)
	if err != nil {
		return err
	}
	how := unix.OpenHow{Flags: unix.O_PATH | unix.O_NOFOLLOW | unix.O_CLOEXEC,
		Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_SYMLINKS | unix.RESOLVE_NO_XDEV}
	fd, err := unix.Openat2(r.fd, path, &how)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return err
	}
	if st.Ino != n.ino || st.Mode&unix.S_IFMT != n.mode&unix.S_IFMT {
		return errors.New("it is another file than when the shift began")
	}
	r.changed.Add(1)
	return out.set(fd)
}
