package shift

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// Verify names each file in a directory that has an id which a finished shift leaves to none: one that is not of the range
// TO, or after an undo not of FROM. It changes nothing.
func Verify(ctx context.Context, dir string, m Mapping, undo bool) (wrong, skipped []string, err error) {
	r := &run{asked: m, act: m, undo: undo, parent: -1, fd: -1}
	if undo {
		r.act = m.Reverse()
	}
	defer r.close()
	if err := r.open(dir); err != nil {
		return nil, nil, fmt.Errorf("verify %s: %w", dir, err)
	}
	mark, err := readMark(r.fd)
	if err != nil {
		return nil, nil, fmt.Errorf("verify %s: %w", dir, err)
	}
	if begun, ok := strings.CutPrefix(mark, running); ok {
		wrong = append(wrong, fmt.Sprintf(".: %v: %s", errUnfinished, begun))
	}
	var mu sync.Mutex
	skipped, err = tree(ctx, r.fd, func(p *place) error {
		found, err := r.misfits(p)
		mu.Lock()
		defer mu.Unlock()
		wrong = append(wrong, found...)
		return err
	})
	if err != nil {
		return nil, nil, fmt.Errorf("verify %s: %w", dir, err)
	}
	slices.Sort(wrong)
	return wrong, skipped, nil
}

// misfits lists the ids of a file that are wrong.
func (r *run) misfits(p *place) (found []string, err error) {
	var n inode
	if err := n.read(p); err != nil {
		return nil, err
	}
	judge := func(what string, id uint32) {
		if !r.act.Shifted(id) {
			found = append(found, fmt.Sprintf("%s: %s %d is not one of %d to %d", p.path(), what, id, r.act.To, r.act.To+r.act.Length-1))
		}
	}
	judge("uid", n.uid)
	judge("gid", n.gid)
	for i, value := range n.xattrs {
		if value == nil {
			continue
		}
		if err := idsIn(i, value, func(id uint32) { judge(withIDs[i]+": id", id) }); err != nil {
			return nil, err
		}
	}
	return found, nil
}
