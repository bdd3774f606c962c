#!/bin/sh
# oldkernel.sh MIRROR ROOT DIR: adds Debian 11's kernel, 5.10, the oldest that creel runs on: its modules to ROOT,
# vmlinuz and initrd to DIR. It is read with package lists of our own.
set -e
apt=$3/apt
mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/kernel"
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $1 bullseye main" >"$apt/sources.list"
set_up="-qq -o Dir::Etc::sourcelist=$apt/sources.list -o Dir::Etc::sourceparts=- -o Dir::State::lists=$apt/lists
	-o Dir::State::status=/dev/null -o Dir::Cache=$apt/cache -o APT::Sandbox::User=root"
# shellcheck disable=SC2086 # set_up is a list of words
{
	apt-get $set_up update
	package=$(apt-cache $set_up depends linux-image-cloud-amd64 | sed -n 's/.*Depends: \(linux-image-5\.10[^ ]*\)/\1/p')
	(cd "$apt" && apt-get $set_up download "$package")
}
dpkg -x "$apt"/linux-image-*.deb "$apt/kernel"
version=$(ls "$apt/kernel/lib/modules")
cp "$apt/kernel/boot/vmlinuz-$version" "$3/vmlinuz.debian11"
"$(dirname "$0")/initrd.sh" "$2" "$apt/kernel/lib/modules/$version" "$3/initrd.debian11"
cp -a "$apt/kernel/lib/modules/$version" "$2/lib/modules/"
chroot "$2" /sbin/depmod "$version"
rm -rf "$apt"
