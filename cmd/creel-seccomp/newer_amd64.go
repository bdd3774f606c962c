package main

import "golang.org/x/sys/unix"

var newerNative = [...]numbered{
	{"uretprobe", unix.SYS_URETPROBE},
	{"uprobe", unix.SYS_UPROBE},
	{"memfd_secret", unix.SYS_MEMFD_SECRET},
}
