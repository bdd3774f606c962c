package main

import "golang.org/x/sys/unix"

var newerNative = [...]numbered{{"memfd_secret", unix.SYS_MEMFD_SECRET}}
