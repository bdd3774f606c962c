#!/bin/sh
# newer.sh SUITE DIR PACKAGE…: unpacks packages of another release of Debian
# into DIR, each with all that it depends on, down to the C library. Nothing is
# installed, no script of theirs runs, and the machine's package lists stay as
# they are. What DIR has already is not fetched again.
suite=$1
dir=$2
shift 2
mkdir -p "$dir" || exit 1
dir=$(realpath "$dir")
exec 9>"$dir/.lock" && flock 9 || exit 1
missing=
for p in "$@"; do
	[ -e "$dir/.unpacked/$p" ] || missing="$missing $p"
done
[ -n "$missing" ] || exit 0

echo "  APT     $missing ($suite)" >&2
apt=$dir/.apt
rm -rf "$apt"
trap 'rm -rf "$apt"' EXIT
mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$dir/.unpacked" || exit 1
mirror=$(apt-get indextargets --format '$(COMPONENT) $(REPO_URI)' 'Created-By: Packages' |
	awk '$1 == "main" && $2 !~ /security/ { print $2; exit }')
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" >"$apt/sources.list"
set_up="-qq -o Dir::Etc::sourcelist=$apt/sources.list -o Dir::Etc::sourceparts=- -o Dir::State::lists=$apt/lists
	-o Dir::State::status=/dev/null -o Dir::Cache=$apt/cache -o APT::Sandbox::User=root"
# shellcheck disable=SC2086 # set_up and missing are lists of words
{
	apt-get $set_up update || exit 1
	# a package that the release lacks makes the first command fail, and the list empty
	needed=$(apt-get $set_up install --no-install-recommends --print-uris $missing | sed "s/^'[^']*' \([^_]*\)_.*/\1/")
	[ -n "$needed" ] || exit 1
	(cd "$apt" && apt-get $set_up download $needed >/dev/null) || exit 1
}
for deb in "$apt"/*.deb; do
	dpkg -x "$deb" "$dir" || exit 1
done
for p in $missing; do
	dpkg-deb -f "$apt/${p}_"*.deb Version >"$dir/.unpacked/$p" || exit 1
done
