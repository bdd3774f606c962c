#!/bin/sh
# build.sh DIR: makes DIR with a Debian for the VM, as root: root.img, and a vmlinuz and an initrd for each
# kernel. The packages come from the mirror that this machine's apt uses.
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
# debootstrap leaves its mounts when it is ended early, and they are not to be emptied.
for d in proc sys dev/pts dev; do
	! mountpoint -q "$root/$d" || umount -l "$root/$d"
done
rm -rf "$tmp"
mkdir -p "$root"
in_root() { chroot "$root" env PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"; }

echo "  IMAGE    Debian $suite for the VM"
packages=$(sed 's/#.*//' "$here/packages" | tr -s '\n' ',' | sed 's/^,//; s/,$//')
# No initrd of Debian's: ours is small and boots sooner.
INITRD=No debootstrap --variant=minbase --include="$packages" "$suite" "$root" "$mirror" >"$tmp/log" 2>&1 || {
	tail -n 40 "$tmp/log" >&2
	exit 1
}
cp "$root"/boot/vmlinuz-* "$tmp/vmlinuz.debian13"
"$here/initrd.sh" "$root" "$root"/lib/modules/* "$tmp/initrd.debian13" >>"$tmp/log" 2>&1
"$here/oldkernel.sh" "$mirror" "$root" "$tmp" >>"$tmp/log" 2>&1 || echo "$mirror has no Linux 5.10, see $out/log" >&2

cp -a "$here/files/." "$root/"
chown -R root:root "$root/etc/systemd/system" "$root/usr/local/sbin"
echo creel-vm >"$root/etc/hostname"
# An ordinary user with subordinate ids, whose systemd runs from the beginning (loginctl enable-linger).
in_root useradd --uid 1000 --create-home --shell /bin/sh creeltest
echo creeltest:200000:65536 >"$root/etc/subuid"
echo creeltest:300000:65536 >"$root/etc/subgid"
mkdir -p "$root/var/lib/systemd/linger"
: >"$root/var/lib/systemd/linger/creeltest"
# What nobody needs in a machine that lives for minutes: terminals, timers, and profiles that take long to compile.
for unit in getty@tty1.service serial-getty@ttyS0.service getty.target timers.target apparmor.service \
	systemd-timesyncd.service systemd-journal-flush.service systemd-random-seed.service systemd-hwdb-update.service; do
	ln -sf /dev/null "$root/etc/systemd/system/$unit"
done
# The tests start what they need of the engines.
in_root systemctl disable docker.socket docker.service containerd.service netavark-dhcp-proxy.socket netavark-dhcp-proxy.service >>"$tmp/log" 2>&1
rm -rf "$root"/boot/* "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/* "$root"/usr/share/doc/* "$root"/usr/share/locale/*

# Neither semodule(8) nor setfiles(8) needs SELinux itself.
cp "$here/creel.cil" "$root/root/"
in_root semodule --store default --noreload --install /root/creel.cil >>"$tmp/log" 2>&1 || {
	tail -n 20 "$tmp/log" >&2
	exit 1
}
sed -i 's/^SELINUX=.*/SELINUX=enforcing/' "$root/etc/selinux/config"
in_root setfiles -F /etc/selinux/default/contexts/files/file_contexts / >>"$tmp/log" 2>&1 || {
	tail -n 20 "$tmp/log" >&2
	exit 1
}
mke2fs -q -t ext4 -O ^has_journal -E root_owner=0:0 -d "$root" "$tmp/root.img" 2000M >>"$tmp/log" 2>&1
rm -rf "$root" "$out"
mv "$tmp" "$out"
