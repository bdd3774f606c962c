package oracle

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// Arch is one architecture's system calls.
type Arch struct {
	Name    specs.Arch
	Audit   uint32            // AUDIT_ARCH_*, linux/audit.h
	Narrow  bool              // only the lower half of an argument counts
	Numbers map[string]uint32 // of system calls, by name
}

func (a *Arch) mask() uint64 {
	if a.Narrow {
		return 1<<32 - 1
	}
	return ^uint64(0)
}

// sources say where the numbers of each architecture are written down: as
// constants of golang.org/x/sys/unix, which are made from the kernel's headers.
var sources = map[specs.Arch]Arch{
	specs.ArchX86_64:      {Audit: 0xc000003e, Name: "amd64"},
	specs.ArchX86:         {Audit: 0x40000003, Name: "386", Narrow: true},
	specs.ArchARM:         {Audit: 0x40000028, Name: "arm", Narrow: true},
	specs.ArchAARCH64:     {Audit: 0xc00000b7, Name: "arm64"},
	specs.ArchMIPSEL:      {Audit: 0x40000008, Name: "mipsle", Narrow: true},
	specs.ArchMIPSEL64:    {Audit: 0xc0000008, Name: "mips64le"},
	specs.ArchPPC64LE:     {Audit: 0xc0000015, Name: "ppc64le"},
	specs.ArchRISCV64:     {Audit: 0xc00000f3, Name: "riscv64"},
	specs.ArchLOONGARCH64: {Audit: 0xc0000102, Name: "loong64"},
}

// module is the directory of golang.org/x/sys.
var module = sync.OnceValues(func() (string, error) {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "golang.org/x/sys").Output()
	return strings.TrimSpace(string(dir)), err
})

// Load reads an architecture's numbers from the sources of golang.org/x/sys.
func Load(name specs.Arch) (*Arch, error) {
	a, ok := sources[name]
	if !ok {
		return nil, fmt.Errorf("%s: no numbers", name)
	}
	dir, err := module()
	if err != nil {
		return nil, fmt.Errorf("golang.org/x/sys: %w", err)
	}
	path := filepath.Join(dir, "unix", "zsysnum_linux_"+string(a.Name)+".go")
	a.Name = name
	a.Numbers, err = scan(path, func(f []string) (string, string) {
		if len(f) >= 3 && strings.HasPrefix(f[0], "SYS_") && f[1] == "=" {
			return strings.ToLower(strings.TrimPrefix(f[0], "SYS_")), f[2]
		}
		return "", ""
	}, 0)
	return &a, err
}

// X32 reads the numbers of x32 from a copy of the kernel's asm/unistd_x32.h.
func X32(header string) (*Arch, error) {
	numbers, err := scan(header, func(f []string) (string, string) {
		if len(f) == 5 && strings.HasPrefix(f[1], "__NR_") {
			return strings.TrimPrefix(f[1], "__NR_"), strings.TrimSuffix(f[4], ")")
		}
		return "", ""
	}, 0x40000000)
	return &Arch{Name: specs.ArchX32, Audit: 0xc000003e, Narrow: true, Numbers: numbers}, err
}

// scan collects the names and numbers that pick finds in the words of each line.
func scan(path string, pick func(words []string) (name, number string), offset uint32) (map[string]uint32, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	numbers := map[string]uint32{}
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		name, number := pick(strings.Fields(lines.Text()))
		if name == "" {
			continue
		}
		nr, err := strconv.ParseUint(number, 0, 32)
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", path, name, err)
		}
		numbers[name] = uint32(nr) + offset
	}
	if len(numbers) < 100 {
		return nil, fmt.Errorf("%s: only %d system calls", path, len(numbers))
	}
	return numbers, lines.Err()
}
