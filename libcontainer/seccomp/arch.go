package seccomp

import (
	"runtime"

	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/seccomp/wire"
)

// nativeArch is the architecture that this program was built for.
func nativeArch() (wire.Arch, bool) {
	switch runtime.GOARCH {
	case "amd64":
		return wire.X86_64, true
	case "arm64":
		return wire.AARCH64, true
	case "386":
		return wire.X86, true
	case "arm":
		return wire.ARM, true
	case "loong64":
		return wire.LOONGARCH64, true
	case "mips":
		return wire.MIPS, true
	case "mips64":
		return wire.MIPS64, true
	case "mips64le":
		return wire.MIPSEL64, true
	case "mipsle":
		return wire.MIPSEL, true
	case "ppc64":
		return wire.PPC64, true
	case "ppc64le":
		return wire.PPC64LE, true
	case "riscv64":
		return wire.RISCV64, true
	case "s390x":
		return wire.S390X, true
	}
	return 0, false
}

// auditArch is the AUDIT_ARCH_* that the kernel shows a filter for system calls
// of this architecture (struct seccomp_data).
func auditArch() uint32 {
	switch runtime.GOARCH {
	case "amd64":
		return unix.AUDIT_ARCH_X86_64
	case "arm64":
		return unix.AUDIT_ARCH_AARCH64
	case "386":
		return unix.AUDIT_ARCH_I386
	case "arm":
		return unix.AUDIT_ARCH_ARM
	case "loong64":
		return unix.AUDIT_ARCH_LOONGARCH64
	case "mips":
		return unix.AUDIT_ARCH_MIPS
	case "mips64":
		return unix.AUDIT_ARCH_MIPS64
	case "mips64le":
		return unix.AUDIT_ARCH_MIPSEL64
	case "mipsle":
		return unix.AUDIT_ARCH_MIPSEL
	case "ppc64":
		return unix.AUDIT_ARCH_PPC64
	case "ppc64le":
		return unix.AUDIT_ARCH_PPC64LE
	case "riscv64":
		return unix.AUDIT_ARCH_RISCV64
	case "s390x":
		return unix.AUDIT_ARCH_S390X
	}
	return 0
}
