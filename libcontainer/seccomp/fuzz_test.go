package seccomp

import (
	"bytes"
	"encoding/json"
	"math/bits"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/seccomp/oracle"
	"github.com/creel-project/creel/libcontainer/seccomp/wire"
)

// FuzzEntry reads files of the cache that anybody may have written: what is
// accepted must be exactly what creel would have written.
func FuzzEntry(f *testing.F) {
	key := []byte("key")
	good := formEntry(key, retAllow(2))
	f.Add(good)
	f.Add(good[:20])
	f.Add(formEntry(key, append(insnBytes(unix.BPF_JMP|unix.BPF_JA, 0), retAllow(1)...)))
	f.Add(formEntry(key, insnBytes(unix.BPF_JMP|unix.BPF_JA, 0xffffffff)))
	f.Fuzz(func(t *testing.T, file []byte) {
		if prog := parseEntry(file, key); prog != nil && !bytes.Equal(formEntry(key, prog), file) {
			t.Errorf("accepted %q", file)
		}
	})
}

// FuzzVerify runs every program that passes verify: none may run off its end,
// and inspection must foresee its answer.
func FuzzVerify(f *testing.F) {
	f.Add(load(f, sample()).Program)
	f.Add(retAllow(3))
	f.Add(append(insnBytes(unix.BPF_LD|unix.BPF_W|unix.BPF_ABS, 0), retAllow(1)...))
	f.Add(append(append(insnBytes(unix.BPF_LD|unix.BPF_W|unix.BPF_ABS, 16), []byte{0x15, 0, 1, 0, 3, 0, 0, 0}...), retAllow(2)...))
	f.Fuzz(func(t *testing.T, prog []byte) {
		if verify(prog) != nil {
			return
		}
		foreseen := outcomes(prog, 7)
		ret, _, err := oracle.Run(prog, oracle.Call{Nr: 7, Arch: auditArch(), Args: [6]uint64{1, 2, 3}})
		if err != nil {
			if bytes.Contains([]byte(err.Error()), []byte(" of ")) {
				t.Errorf("ran off its end: %v", err)
			}
			return // an instruction that the kernel refuses
		}
		for pc := 0; pc+8 <= len(prog); pc += 8 {
			if i := decode(prog[pc:]); i.code&0x1f == unix.BPF_RET|unix.BPF_A {
				return // libseccomp never answers with the accumulator
			}
		}
		for _, v := range foreseen {
			if v == ret {
				return
			}
		}
		t.Errorf("%#x was not foreseen: %#x", ret, foreseen)
	})
}

// FuzzProfile gives any profile to the canonical form: it is refused, or the
// compiler reads back what the profile says.
func FuzzProfile(f *testing.F) {
	for _, p := range []*specs.LinuxSeccomp{sample(), sample(specs.ArchX86, specs.ArchS390X), {DefaultAction: specs.ActTrace, DefaultErrnoRet: errno(7)}} {
		text, err := json.Marshal(p)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte(`{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":[""],"action":"SCMP_ACT_ALLOW","args":[{"index":6}]}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var p specs.LinuxSeccomp
		if json.Unmarshal(text, &p) != nil {
			return
		}
		b, _, err := appendProfile(nil, &p)
		if err != nil {
			return
		}
		got, err := wire.Read(b)
		if err != nil || len(got.Rules) != len(p.Syscalls) || len(got.Archs) == 0 {
			t.Fatalf("%+v: %v", got, err)
		}
		for i, r := range got.Rules {
			if len(r.Names) != len(p.Syscalls[i].Names) || len(r.Args) != len(p.Syscalls[i].Args) {
				t.Errorf("rule %d: %+v, want %+v", i, r, p.Syscalls[i])
			}
			for k, name := range r.Names {
				if name != p.Syscalls[i].Names[k] {
					t.Errorf("rule %d name %d: %q", i, k, name)
				}
			}
		}
	})
}

// FuzzNotes reads the identity from any file that stands where the compiler should.
func FuzzNotes(f *testing.F) {
	elf := make([]byte, 64, 512)
	copy(elf, "\x7fELF\x02\x01\x01")
	elf[32], elf[54], elf[56] = 64, 56, 1 // one program header behind the file's
	header := make([]byte, 56)
	header[0], header[8], header[32], header[48] = ptNote, 120, 36, 4
	note := []byte("\x04\x00\x00\x00\x14\x00\x00\x00\x03\x00\x00\x00GNU\x0001234567890123456789")
	whole := append(append(elf, header...), note...)
	if id, _ := readNotes(whole); id != "01234567890123456789" {
		f.Fatalf("%q", id)
	}
	f.Add(whole)
	f.Add(whole[:100])
	f.Fuzz(func(t *testing.T, file []byte) {
		if id, lib := readNotes(file); len(id)+len(lib) > len(file) {
			t.Errorf("%q %q", id, lib)
		}
	})
}

func TestTheChecksumChangesWithEveryBit(t *testing.T) {
	for _, size := range []int{0, 1, 15, 16, 17, 64, 4203} {
		data := bytes.Repeat([]byte{0xa5}, size)
		hi, lo := sum128(data)
		longer, _ := sum128(append(bytes.Clone(data), 0))
		if longer == hi {
			t.Errorf("size %d: a zero at the end changes nothing", size)
		}
		for bit := range size * 8 {
			data[bit/8] ^= 1 << (bit % 8)
			h, l := sum128(data)
			data[bit/8] ^= 1 << (bit % 8)
			if n := bits.OnesCount64(h^hi) + bits.OnesCount64(l^lo); n < 24 {
				t.Errorf("size %d bit %d: only %d bits change", size, bit, n)
			}
		}
	}
}
