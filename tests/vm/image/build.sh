#!/bin/sh
# build.sh DIR: makes DIR with a Debian for the VM (root.img, vmlinuz, initrd), as root.
# Its packages come from the mirror that this machine's apt uses.
set -e
mkdir -p "$(dirname "$1")"
out=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
suite=trixie
mirror=$(apt-get indextargets --format '$(COMPONENT) $(REPO_URI)' 'Created-By: Packages' |
	awk '$1 == "main" && $2 !~ /security/ { print $2; exit }')
if [ -z "$mirror" ]; then
	echo "no apt source serves Debian's main, so that there is no mirror for the VM's image" >&2
	exit 1
fi

tmp=$out.new
root=$tmp/root
# Nothing of what is taken apart here may be a mount: debootstrap leaves some when it is ended early.
for d in proc sys dev/pts dev; do
	! mountpoint -q "$root/$d" || umount -l "$root/$d"
done
rm -rf "$tmp"
mkdir -p "$root"
packages=$(sed 's/#.*//' "$here/packages" | tr -s '\n' ',' | sed 's/^,//; s/,$//')
echo "  IMAGE    Debian $suite for the VM"
# No initrd of Debian's: ours holds the one driver that is needed, and boots sooner.
INITRD=No debootstrap --variant=minbase --include="$packages" "$suite" "$root" "$mirror" >"$tmp/log" 2>&1 || {
	tail -n 40 "$tmp/log" "$root/debootstrap/debootstrap.log" >&2
	exit 1
}

in_root() { chroot "$root" env PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"; }
cp -a "$here/files/." "$root/"
chown -R root:root "$root/etc/systemd/system" "$root/usr/local/sbin"
echo creel-vm >"$root/etc/hostname"
# An ordinary user with subordinate ids, whose systemd runs from the beginning (loginctl enable-linger).
in_root useradd --uid 1000 --create-home --shell /bin/sh creeltest
echo creeltest:200000:65536 >"$root/etc/subuid"
echo creeltest:300000:65536 >"$root/etc/subgid"
mkdir -p "$root/var/lib/systemd/linger"
: >"$root/var/lib/systemd/linger/creeltest"
# What nobody needs in a machine that lives for minutes: terminals, timers, and profiles that take a minute to compile.
for unit in getty@tty1.service serial-getty@ttyS0.service getty.target timers.target apparmor.service networking.service \
	systemd-timesyncd.service systemd-journal-flush.service systemd-random-seed.service systemd-update-utmp.service \
	systemd-pcrphase.service systemd-hwdb-update.service ldconfig.service selinux-autorelabel.service; do
	ln -sf /dev/null "$root/etc/systemd/system/$unit"
done

version=$(ls "$root/lib/modules")
initrd=$tmp/initrd.d
mkdir -p "$initrd/bin" "$initrd/dev" "$initrd/proc" "$initrd/root"
cp "$root/bin/busybox" "$initrd/bin/"
driver=$(find "$root/lib/modules" -name 'virtio_blk.ko*')
case $driver in
*.xz) xz -dc "$driver" >"$initrd/virtio_blk.ko" ;;
*) cp "$driver" "$initrd/virtio_blk.ko" ;;
esac
install -m 755 "$here/initrd-init" "$initrd/init"
(cd "$initrd" && find . | "$root/bin/busybox" cpio -o -H newc) >"$tmp/initrd" 2>>"$tmp/log"
gzip -1 <"$tmp/initrd" >"$tmp/initrd.gz"
mv "$tmp/initrd.gz" "$tmp/initrd"
cp "$root/boot/vmlinuz-$version" "$tmp/vmlinuz"

rm -rf "$root"/boot/* "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/* "$root"/usr/share/doc/* "$root"/usr/share/locale/*
# Labels for SELinux. setfiles(8) needs no SELinux for that; without /proc it takes every file system alike.
sed -i 's/^SELINUX=.*/SELINUX=enforcing/' "$root/etc/selinux/config"
in_root setfiles -F /etc/selinux/default/contexts/files/file_contexts / >"$tmp/setfiles.log" 2>&1 || {
	tail -n 20 "$tmp/setfiles.log" >&2
	exit 1
}
mke2fs -q -t ext4 -O ^has_journal -E root_owner=0:0 -d "$root" "$tmp/root.img" 1200M
rm -rf "$root" "$initrd" "$out"
mv "$tmp" "$out"
