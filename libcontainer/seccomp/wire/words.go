package wire

// Arch is one architecture that the runtime specification names.
type Arch uint8

// Op is a comparison of a system call's argument with a constant.
type Op uint8

// The architectures, in the order of ArchNames.
const (
	X86 Arch = iota
	X86_64
	X32
	ARM
	AARCH64
	MIPS
	MIPS64
	MIPS64N32
	MIPSEL
	MIPSEL64
	MIPSEL64N32
	PPC
	PPC64
	PPC64LE
	S390
	S390X
	PARISC
	PARISC64
	RISCV64
	LOONGARCH64
	M68K
	SH
	SHEB
	archEnd
)

// ArchNames are the words of the runtime specification (config-linux, seccomp)
// for the architectures, indexed by Arch.
var ArchNames = [...]string{
	"SCMP_ARCH_X86", "SCMP_ARCH_X86_64", "SCMP_ARCH_X32", "SCMP_ARCH_ARM",
	"SCMP_ARCH_AARCH64", "SCMP_ARCH_MIPS", "SCMP_ARCH_MIPS64",
	"SCMP_ARCH_MIPS64N32", "SCMP_ARCH_MIPSEL", "SCMP_ARCH_MIPSEL64",
	"SCMP_ARCH_MIPSEL64N32", "SCMP_ARCH_PPC", "SCMP_ARCH_PPC64",
	"SCMP_ARCH_PPC64LE", "SCMP_ARCH_S390", "SCMP_ARCH_S390X",
	"SCMP_ARCH_PARISC", "SCMP_ARCH_PARISC64", "SCMP_ARCH_RISCV64",
	"SCMP_ARCH_LOONGARCH64", "SCMP_ARCH_M68K", "SCMP_ARCH_SH", "SCMP_ARCH_SHEB",
}

// The operators, in the order of OpNames.
const (
	NE Op = iota
	LT
	LE
	EQ
	GE
	GT
	MaskedEQ // (argument & Value) == ValueTwo
	opEnd
)

// OpNames are the words of the runtime specification for the operators,
// indexed by Op.
var OpNames = [...]string{
	"SCMP_CMP_NE", "SCMP_CMP_LT", "SCMP_CMP_LE", "SCMP_CMP_EQ",
	"SCMP_CMP_GE", "SCMP_CMP_GT", "SCMP_CMP_MASKED_EQ",
}

// String is the word of the specification.
func (a Arch) String() string {
	if a < archEnd {
		return ArchNames[a]
	}
	return "unknown architecture"
}

// String is the word of the specification.
func (o Op) String() string {
	if o < opEnd {
		return OpNames[o]
	}
	return "unknown operator"
}

// ArchOf finds the architecture that the specification calls name.
func ArchOf(name string) (Arch, bool) {
	for i, n := range ArchNames {
		if n == name {
			return Arch(i), true
		}
	}
	return 0, false
}

// OpOf finds the operator that the specification calls name.
func OpOf(name string) (Op, bool) {
	for i, n := range OpNames {
		if n == name {
			return Op(i), true
		}
	}
	return 0, false
}
