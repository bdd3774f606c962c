package seccomp

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// cached is a cache in which every miss is counted.
type cached struct {
	t    *testing.T
	opts Options
	runs int
}

func newCached(t *testing.T) *cached {
	c := &cached{t: t}
	c.opts = Options{CacheDir: filepath.Join(t.TempDir(), ".cache", "seccomp"), CompilerID: "test",
		Compiler: func([]byte) ([]byte, error) { c.runs++; return retAllow(c.runs), nil },
		Warn:     func(err error) { t.Error(err) }}
	return c
}

// retAllow is a program of n instructions, each of which ends it.
func retAllow(n int) []byte {
	return bytes.Repeat(insnBytes(unix.BPF_RET|unix.BPF_K, unix.SECCOMP_RET_ALLOW), n)
}

// load loads and says whether the compiler had to run.
func (c *cached) load(p *specs.LinuxSeccomp) (compiled bool) {
	c.t.Helper()
	before := c.runs
	f, err := Load(p, c.opts)
	if err != nil {
		c.t.Fatal(err)
	}
	if len(f.Program)%8 != 0 || verify(f.Program) != nil {
		c.t.Errorf("bad program of %d bytes", len(f.Program))
	}
	return c.runs != before
}

// uncached loads twice and says how often the compiler had to run.
func (c *cached) uncached(p *specs.LinuxSeccomp) (compiled int) {
	c.t.Helper()
	before := c.runs
	c.load(p)
	c.load(p)
	return c.runs - before
}

// file is the only file of the cache.
func (c *cached) file() string {
	c.t.Helper()
	list, err := filepath.Glob(c.opts.CacheDir + "/*")
	if err != nil || len(list) != 1 {
		c.t.Fatalf("files %q, %v", list, err)
	}
	return list[0]
}

func TestAFilterIsCompiledOnce(t *testing.T) {
	c := newCached(t)
	if !c.load(sample()) || c.load(sample()) || c.load(sample()) {
		t.Error("the second and third load should find the filter")
	}
	st, err := os.Lstat(c.file())
	if err != nil || st.Mode() != 0o600 {
		t.Errorf("mode %v, %v", st.Mode(), err)
	}
	dir, err := os.Lstat(c.opts.CacheDir)
	if err != nil || dir.Mode().Perm() != 0o700 {
		t.Errorf("directory: mode %v, %v", dir.Mode(), err)
	}
}

func TestTheCachedFilterIsTheCompiledOne(t *testing.T) {
	o := Options{CompilerPath: compilerPath, CacheDir: filepath.Join(t.TempDir(), "cache")}
	p := docker(t)
	for _, flags := range [][]specs.LinuxSeccompFlag{nil, {}, {specs.LinuxSeccompFlagLog}} {
		p.Flags = flags
		first, err := Load(p, o)
		if err != nil {
			t.Fatal(err)
		}
		o.CompilerPath = compilerPath
		second, err := Load(p, o)
		if err != nil || !bytes.Equal(first.Program, second.Program) || first.Flags != second.Flags || first.Notify != second.Notify {
			t.Errorf("%v: %+v, want %+v, %v", flags, second, first, err)
		}
	}
	if list, err := os.ReadDir(o.CacheDir); err != nil || len(list) != 1 {
		t.Errorf("flags are not part of the filter, but there are %d files, %v", len(list), err)
	}
}

func TestWhateverChangesTheFilterMissesTheCache(t *testing.T) {
	c := newCached(t)
	c.load(sample())
	p := sample()
	p.Syscalls[1].Args[0].Value++
	if !c.load(p) {
		t.Error("another value")
	}
	if !c.load(sample(specs.ArchARM)) {
		t.Error("another architecture")
	}
	c.opts.CompilerID = "newer"
	if !c.load(sample()) {
		t.Error("another compiler")
	}
	key, _, _ := appendProfile(nil, sample())
	if bytes.Equal(appendKeyTail(bytes.Clone(key), "test", 1), appendKeyTail(bytes.Clone(key), "test", 3)) {
		t.Error("another kernel has the same key")
	}
	warned := 0
	c.opts.CompilerID, c.opts.Warn = "", func(error) { warned++ }
	if c.uncached(sample()) != 2 || warned != 2 {
		t.Errorf("an unknown compiler was cached, or nobody was warned (%d warnings)", warned)
	}
}

func TestADamagedEntryIsReplaced(t *testing.T) {
	c := newCached(t)
	c.load(sample())
	good, err := os.ReadFile(c.file())
	if err != nil {
		t.Fatal(err)
	}
	damage := map[string]func() []byte{
		"empty":       func() []byte { return nil },
		"cut":         func() []byte { return good[:len(good)-8] },
		"head only":   func() []byte { return good[:entryHead] },
		"longer":      func() []byte { return append(bytes.Clone(good), retAllow(1)...) },
		"zeros":       func() []byte { return make([]byte, len(good)) },
		"too large":   func() []byte { return append(bytes.Clone(good), make([]byte, MaxProgram)...) },
		"other magic": func() []byte { return append([]byte("CREELSC0"), good[8:]...) },
		"runs off":    func() []byte { k := keyOf(good); return formEntry(k, insnBytes(unix.BPF_LD|unix.BPF_IMM, 0)) },
		"jumps out":   func() []byte { k := keyOf(good); return formEntry(k, insnBytes(unix.BPF_JMP|unix.BPF_JA, 5)) },
		"no program":  func() []byte { return formEntry(keyOf(good), nil) },
		"other key":   func() []byte { k := keyOf(good); k[6]++; return formEntry(k, retAllow(1)) },
	}
	for i := range good {
		if i < entryHead || i%16 == 0 {
			damage[fmt.Sprintf("byte %d", i)] = func() []byte { b := bytes.Clone(good); b[i] ^= 0x10; return b }
		}
	}
	for name, bad := range damage {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile(c.file(), bad(), 0o600); err != nil {
				t.Fatal(err)
			}
			if !c.load(sample()) {
				t.Error("it was used")
			}
			if c.load(sample()) {
				t.Error("it was not replaced")
			}
		})
	}
}

func keyOf(entry []byte) []byte {
	return bytes.Clone(parseKey(entry))
}

func parseKey(entry []byte) []byte {
	n := int(entry[8]) | int(entry[9])<<8 | int(entry[10])<<16
	return entry[entryHead : entryHead+n]
}

func TestAnEntryThatOthersCouldWriteIsReplaced(t *testing.T) {
	c := newCached(t)
	c.load(sample())
	for name, spoil := range map[string]func(file string) error{
		"foreign owner":   func(f string) error { return os.Chown(f, 12345, 0) },
		"group may write": func(f string) error { return os.Chmod(f, 0o660) },
		"others may read": func(f string) error { return os.Chmod(f, 0o604) },
		"setuid":          func(f string) error { return os.Chmod(f, 0o600|os.ModeSetuid) },
		"symlink": func(f string) error {
			return errors.Join(os.Rename(f, f+"-moved"), os.Symlink(f+"-moved", f))
		},
		"fifo": func(f string) error { return errors.Join(os.Remove(f), unix.Mkfifo(f, 0o600)) },
	} {
		t.Run(name, func(t *testing.T) {
			file := c.file()
			defer os.Remove(file + "-moved")
			if err := spoil(file); err != nil {
				t.Fatal(err)
			}
			if !c.load(sample()) {
				t.Error("it was used")
			}
			if c.load(sample()) {
				t.Error("it was not replaced")
			}
			if st, err := os.Lstat(file); err != nil || st.Mode() != 0o600 || st.Sys().(*syscall.Stat_t).Uid != uint32(os.Geteuid()) {
				t.Errorf("%v, %v", st, err)
			}
		})
	}
}

func TestAnEntryUnderAnotherNameIsNotUsed(t *testing.T) {
	c := newCached(t)
	c.load(sample())
	permissive, strict := c.file(), sample(specs.ArchARM)
	key, _, err := appendProfile(nil, strict)
	if err != nil {
		t.Fatal(err)
	}
	e := newEntry(c.opts.CacheDir, appendKeyTail(key, "func test", kernelActions()))
	if err := os.Rename(permissive, filepath.Join(e.dir, e.name)); err != nil {
		t.Fatal(err)
	}
	if !c.load(strict) {
		t.Error("another profile's filter was used")
	}
	if c.load(strict) {
		t.Error("it was not replaced")
	}
}

func TestADirectoryThatOthersMayWriteToIsNotUsed(t *testing.T) {
	for name, spoil := range map[string]func(dir string) error{
		"foreign owner":   func(d string) error { return os.Chown(d, 12345, 0) },
		"group may write": func(d string) error { return os.Chmod(d, 0o770) },
		"symlink":         func(d string) error { return errors.Join(os.Rename(d, d+"-moved"), os.Symlink(d+"-moved", d)) },
		"file":            func(d string) error { return errors.Join(os.Remove(d), os.WriteFile(d, nil, 0o600)) },
	} {
		t.Run(name, func(t *testing.T) {
			c := newCached(t)
			warned := 0
			c.opts.Warn = func(err error) { warned++ }
			if err := errors.Join(os.MkdirAll(c.opts.CacheDir, 0o700), spoil(c.opts.CacheDir)); err != nil {
				t.Fatal(err)
			}
			if c.uncached(sample()) != 2 || warned != 2 {
				t.Errorf("it was used, or nobody was warned (%d warnings)", warned)
			}
		})
	}
}

func TestTheCacheStaysSmall(t *testing.T) {
	c := newCached(t)
	for n := range 3 * maxEntries {
		p := sample()
		p.Syscalls[1].Args[0].Value = uint64(n)
		c.load(p)
		if c.load(p) {
			t.Fatalf("the newest entry is gone after %d", n)
		}
	}
	if list, err := os.ReadDir(c.opts.CacheDir); err != nil || len(list) > maxEntries {
		t.Errorf("%d files, %v", len(list), err)
	}
}

func TestAProfileTooLargeForTheCacheIsCompiledEachTime(t *testing.T) {
	c := newCached(t)
	p := sample()
	for n := range 2000 {
		p.Syscalls = append(p.Syscalls, rule(specs.ActAllow, fmt.Sprintf("%0200d", n)))
	}
	if c.uncached(p) != 2 {
		t.Error("it was cached")
	}
}

func TestManyCanFillTheCacheAtOnce(t *testing.T) {
	o := Options{CompilerPath: compilerPath, CacheDir: t.TempDir(), Warn: func(err error) { t.Error(err) }}
	var wg sync.WaitGroup
	for n := range 24 {
		wg.Go(func() {
			p := sample()
			p.Syscalls[1].Args[0].Value = uint64(n % 3)
			if _, err := Load(p, o); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	list, err := os.ReadDir(o.CacheDir)
	if err != nil || len(list) != 3 {
		t.Errorf("%v, %v", list, err)
	}
}
