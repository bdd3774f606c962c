// Gen writes the seeds that the fuzzer of init starts from: for every operation
// a plan of its own, with a kernel that agrees and kernels that refuse at each
// step, and the plans of whole containers as creel compiles them.
//
//	go run ./tests/fuzz/gen -out tests/fuzz/corpus
package main

import (
	"encoding/binary"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/creel-project/creel/libcontainer/plan"
)

// Script bytes, as tests/fuzz/kernel.h counts them.
const (
	agree = 0
	fail  = 0xa0 // plus the place of the errno in kernel.c, failure()
)

// The first errnos of failure().
const (
	noent = fail + iota
	perm
	acces
	exist
	notdir
	inval
	again
	intr
	nosys
	ioerr
	badf
	busy
	loop
)

// header is the fuzzer's own: how the plan is taken, how many fds come with
// it, and the script (tests/fuzz/target.c).
func header(kind, fds byte, script []byte) []byte {
	out := binary.LittleEndian.AppendUint16([]byte{kind | fds<<3}, uint16(len(script)))
	return append(out, script...)
}

const (
	asItIs = 0
	mended = 1
	boot   = 4 // the script begins before the plan does
)

type writer struct {
	dir string
	n   int
}

func (w *writer) write(name string, kind, fds byte, script []byte, p *plan.Plan) error {
	code, err := p.Encode()
	if err != nil {
		return fmt.Errorf("seed %s: %w", name, err)
	}
	return w.block(name, kind, fds, script, code)
}

// block writes a seed whose plan is encoded already.
func (w *writer) block(name string, kind, fds byte, script, code []byte) error {
	w.n++
	return os.WriteFile(filepath.Join(w.dir, name), append(header(kind, fds, script), code...), 0o644)
}

// refused is a script in which the call number at is the first to fail.
func refused(at int, errno byte) []byte {
	return append(make([]byte, at), errno)
}

func run(dir, configs string) error {
	w := &writer{dir: dir}
	if err := w.operations(); err != nil {
		return err
	}
	if err := w.boots(); err != nil {
		return err
	}
	if err := w.containers(configs); err != nil {
		return err
	}
	fmt.Printf("%d seeds in %s\n", w.n, dir)
	return nil
}

func main() {
	out := flag.String("out", "tests/fuzz/corpus", "directory of the seeds")
	configs := flag.String("configs", "libcontainer/compile/testdata", "directory of configs to compile")
	flag.Parse()
	if err := run(*out, *configs); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}
