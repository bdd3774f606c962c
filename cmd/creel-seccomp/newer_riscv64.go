package main

import "golang.org/x/sys/unix"

var newerNative = [...]numbered{
	{"riscv_hwprobe", unix.SYS_RISCV_HWPROBE},
	{"memfd_secret", unix.SYS_MEMFD_SECRET},
}
