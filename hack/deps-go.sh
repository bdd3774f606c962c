#!/bin/sh
# Installs Go from Debian's packages where hack/go.sh finds none.
#
# Debian 13 and later have a Go that fetches the toolchain go.mod asks for.
# Debian 12's is too old for that (1.19), but its backports have one that does.
# They are read with package lists of our own: the machine's sources stay as they are.
cd "$(dirname "$0")/.." || exit 1
hack/go.sh version >/dev/null 2>&1 && exit 0
if [ "$(id -u)" != 0 ]; then
	hack/go.sh version # says what is missing
	exit 1
fi

[ -n "$(apt-cache policy golang-go)" ] || apt-get update -qq
minor=$(apt-cache policy golang-go | sed -n 's/.*Candidate: *[0-9]*:*1\.\([0-9]*\).*/\1/p')
if [ "${minor:-0}" -ge 21 ]; then
	hack/deps.sh golang-go && exec hack/go.sh version
	exit 1
fi

. /etc/os-release
dir=$PWD/build/backports
mkdir -p "$dir/lists/partial" || exit 1
# The mirror that this machine uses for its own release also serves the backports.
mirror=$(apt-get indextargets --format '$(CODENAME) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' |
	awk -v c="$VERSION_CODENAME" '$1 == c && $2 == "main" { print $3; exit }')
if [ -z "$mirror" ]; then
	echo "no apt source serves $VERSION_CODENAME main, so Go cannot be installed: install Go 1.26 in /usr/local/go" >&2
	exit 1
fi
keys=/usr/share/keyrings/debian-archive-keyring.gpg
for suite in "$VERSION_CODENAME" "$VERSION_CODENAME-backports"; do
	echo "deb [signed-by=$keys] $mirror $suite main"
done >"$dir/sources.list"
apt() {
	DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dir::Etc::sourcelist="$dir/sources.list" \
		-o Dir::Etc::sourceparts=- -o Dir::State::lists="$dir/lists" "$@" </dev/null
}
newest() {
	apt-cache -o Dir::Etc::sourcelist="$dir/sources.list" -o Dir::Etc::sourceparts=- \
		-o Dir::State::lists="$dir/lists" search --names-only '^golang-1\.[0-9]+-go$' |
		sed 's/ .*//' | sort -V | tail -n 1
}
apt update || exit 1
package=$(newest)
echo "  APT      $package ($VERSION_CODENAME-backports)"
apt install -y --no-install-recommends -t "$VERSION_CODENAME-backports" "$package" >"$dir/log" 2>&1 || {
	cat "$dir/log" >&2
	exit 1
}
rm -rf "$dir"
exec hack/go.sh version # fetches the toolchain
