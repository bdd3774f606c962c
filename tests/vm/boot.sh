#!/bin/sh
# boot.sh BOOT IMAGE KERNEL TESTS SECONDS [PARAMETER…]: boots IMAGE (see image/build.sh) with one of its
# kernels and the disk TESTS, prints the events of its tests, and looks at what the kernel said.
# The machine is ended after SECONDS.
boot=$1 image=$2 kernel=$3 tests=$4 seconds=$5
shift 5
console=$image/console.$boot
here=$(dirname "$0")
started=$(date +%s)
# Without cx16 (cmpxchg16b) since its emulation with several threads is wrong, and kernels panic under load.
# The root disk is written to a temporary file, so that every boot finds the same one.
timeout --kill-after=5 "$seconds" qemu-system-x86_64 -accel tcg,thread=multi,tb-size=1024 -cpu max,-svm,la57=off,-cx16 \
	-smp 2 -m 2048 -display none -no-reboot -nodefaults -net none \
	-kernel "$image/vmlinuz.$kernel" -initrd "$image/initrd.$kernel" \
	-append "rw console=ttyS0 quiet panic=-1 oops=panic nowatchdog creel.boot=$boot $*" \
	-drive "file=$image/root.img,if=virtio,format=raw,snapshot=on" -drive "file=$tests,if=virtio,format=raw,readonly=on" \
	-serial "file:$console" -device virtio-serial-pci -chardev file,id=results,path=/dev/stdout,append=on \
	-device virtserialport,chardev=results,name=creel.results </dev/null
status=$?
echo "  VM       $boot: $(($(date +%s) - started)) s" >&2
if [ "$status" = 124 ] || [ "$status" = 137 ]; then
	echo "the VM did not end within $seconds s" >&2
fi
"$here/console.sh" "$console" && [ "$status" = 0 ] && exit 0
echo "the end of $console:" >&2
tail -n 30 "$console" >&2
exit 1
