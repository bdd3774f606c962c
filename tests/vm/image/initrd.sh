#!/bin/sh
# initrd.sh ROOT MODULES FILE: makes an initrd with what a kernel has as modules and needs
# for the root disk and the port of the results.
set -e
dir=$3.d
mkdir -p "$dir/bin" "$dir/dev" "$dir/root"
cp "$1/bin/busybox" "$dir/bin/"
install -m 755 "$(dirname "$0")/initrd-init" "$dir/init"
for name in virtio virtio_ring virtio_pci_modern_dev virtio_pci_legacy_dev virtio_pci virtio_blk virtio_console; do
	file=$(find "$2" -name "$name.ko" -o -name "$name.ko.xz")
	case $file in
	'') continue ;; # built in
	*.xz) xz -dc "$file" >"$dir/$name.ko" ;;
	*) cp "$file" "$dir/$name.ko" ;;
	esac
	echo "$name" >>"$dir/modules"
done
(cd "$dir" && find . | "$1/bin/busybox" cpio -o -H newc) >"$dir.cpio"
gzip -1 <"$dir.cpio" >"$3"
rm -rf "$dir" "$dir.cpio"
