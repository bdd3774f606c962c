package main

import (
	"fmt"
	"strings"

	"github.com/seccomp/libseccomp-golang"
	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/seccomp/wire"
)

// ops are libseccomp's operators, indexed by wire.Op.
var ops = [...]seccomp.ScmpCompareOp{
	seccomp.CompareNotEqual, seccomp.CompareLess, seccomp.CompareLessOrEqual,
	seccomp.CompareEqual, seccomp.CompareGreaterEqual, seccomp.CompareGreater,
	seccomp.CompareMaskedEqual,
}

// auditArchs are what the kernel calls the architectures (struct seccomp_data,
// AUDIT_ARCH_*), indexed by wire.Arch.
var auditArchs = [...]uint32{
	wire.X86: unix.AUDIT_ARCH_I386, wire.X86_64: unix.AUDIT_ARCH_X86_64,
	wire.X32: unix.AUDIT_ARCH_X86_64, wire.ARM: unix.AUDIT_ARCH_ARM,
	wire.AARCH64: unix.AUDIT_ARCH_AARCH64, wire.MIPS: unix.AUDIT_ARCH_MIPS,
	wire.MIPS64: unix.AUDIT_ARCH_MIPS64, wire.MIPS64N32: unix.AUDIT_ARCH_MIPS64N32,
	wire.MIPSEL: unix.AUDIT_ARCH_MIPSEL, wire.MIPSEL64: unix.AUDIT_ARCH_MIPSEL64,
	wire.MIPSEL64N32: unix.AUDIT_ARCH_MIPSEL64N32, wire.PPC: unix.AUDIT_ARCH_PPC,
	wire.PPC64: unix.AUDIT_ARCH_PPC64, wire.PPC64LE: unix.AUDIT_ARCH_PPC64LE,
	wire.S390: unix.AUDIT_ARCH_S390, wire.S390X: unix.AUDIT_ARCH_S390X,
	wire.PARISC: unix.AUDIT_ARCH_PARISC, wire.PARISC64: unix.AUDIT_ARCH_PARISC64,
	wire.RISCV64: unix.AUDIT_ARCH_RISCV64, wire.LOONGARCH64: unix.AUDIT_ARCH_LOONGARCH64,
	wire.M68K: unix.AUDIT_ARCH_M68K, wire.SH: unix.AUDIT_ARCH_SHEL,
	wire.SHEB: unix.AUDIT_ARCH_SH,
}

// littleEndian is the bit of an AUDIT_ARCH_* that says so (__AUDIT_ARCH_LE).
const littleEndian = 0x40000000

// token is libseccomp's name of an architecture.
func token(arch wire.Arch) (seccomp.ScmpArch, error) {
	scmp, err := seccomp.GetArchFromString(strings.TrimPrefix(arch.String(), "SCMP_ARCH_"))
	if err != nil {
		return scmp, fmt.Errorf(".architectures: %w", err)
	}
	if _, err := seccomp.GetSyscallFromNameByArch("read", scmp); err != nil {
		return scmp, fmt.Errorf(".architectures: %s: not known to libseccomp %s", arch, version())
	}
	if little := auditArchs[arch]&littleEndian != 0; little != machineLittleEndian {
		return scmp, fmt.Errorf(".architectures: %s: not possible on this machine, which has another byte order", arch)
	}
	return scmp, nil
}

// action is libseccomp's form of a SECCOMP_RET_* with its data.
func action(ret uint32) (seccomp.ScmpAction, error) {
	data := int16(ret & unix.SECCOMP_RET_DATA)
	switch ret & unix.SECCOMP_RET_ACTION_FULL {
	case unix.SECCOMP_RET_ALLOW:
		return seccomp.ActAllow, nil
	case unix.SECCOMP_RET_ERRNO:
		return seccomp.ActErrno.SetReturnCode(data), nil
	case unix.SECCOMP_RET_TRACE:
		return seccomp.ActTrace.SetReturnCode(data), nil
	case unix.SECCOMP_RET_KILL_THREAD:
		return seccomp.ActKillThread, nil
	case unix.SECCOMP_RET_KILL_PROCESS:
		return seccomp.ActKillProcess, nil
	case unix.SECCOMP_RET_TRAP:
		return seccomp.ActTrap, nil
	case unix.SECCOMP_RET_LOG:
		return seccomp.ActLog, nil
	case unix.SECCOMP_RET_USER_NOTIF:
		return seccomp.ActNotify, nil
	}
	return seccomp.ActInvalid, fmt.Errorf(": %#x is no action", ret)
}
