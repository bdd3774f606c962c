#!/bin/sh
# sysroot.sh ARCH DIR PACKAGE…: unpacks another architecture's development
# packages into DIR for the cross compiler. It uses package lists of its own, so
# that the machine need not take the architecture in.
arch=$1
dir=$2
shift 2
[ -e "$dir/.done" ] && [ "$(cat "$dir/.done")" = "$*" ] && exit 0

rm -rf "$dir"
apt=$PWD/$dir/apt
mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" || exit 1
get() {
	(cd "$apt" && apt-get -qq -o APT::Architecture="$arch" -o APT::Architectures::="$arch" \
		-o APT::Sandbox::User=root -o Dir::State::lists="$apt/lists" \
		-o Dir::State::status=/dev/null -o Dir::Cache="$apt/cache" "$@")
}
echo "  APT      $* ($arch, into $dir)"
get update && get download "$@" >/dev/null || exit 1
for deb in "$apt"/*.deb; do
	dpkg -x "$deb" "$dir" || exit 1
done
rm -rf "$apt"
echo "$*" >"$dir/.done"
