#!/bin/sh
# run.sh [BOOT…]: makes the image and the disk with the tests, boots the VM once for each BOOT
# (all of the suite), and prints the events of the tests.
# GO, CREEL and TAGS may be in the environment: how Go is called, the program under test, its build tags.
set -e
cd "$(dirname "$0")/../.."
build=$PWD/build/vm
: "${GO:=hack/go.sh}" "${CREEL:=bin/creel}" "${TAGS:=creel_embed}"

# An image is named by what it is made from, and made once.
image=$build/$(find tests/vm/image \( -type f -o -type l \) | LC_ALL=C sort | xargs sha256sum | sha256sum | cut -c1-16)
if [ ! -e "$image/root.img" ]; then
	rm -rf "$build"
	tests/vm/image/build.sh "$image" >&2
fi

tests=$build/tests
rm -rf "$tests"
mkdir -p "$tests"
install -m 755 "$CREEL" "$tests/creel"
# files that tests find by their relative path
mkdir -p "$tests/internal/lazyjson"
cp -r internal/lazyjson/testdata "$tests/internal/lazyjson/"
cp -r contrib "$tests/"
install -m 755 tests/vm/guest.sh "$tests/guest.sh"
sed '/^#/d' tests/vm/suite >"$tests/suite"
export CGO_ENABLED=0
$GO build -o "$tests/test2json" cmd/test2json
for package in $(awk '{ print $2 }' "$tests/suite" | sort -u); do
	mkdir -p "$tests/$package"
	$GO test -c -tags "$TAGS" -ldflags '-s -w' -o "$tests/$package/test" "./$package"
done
rm -f "$tests.img"
mke2fs -q -t ext4 -O ^has_journal -m 0 -d "$tests" "$tests.img" "$(($(du -sm "$tests" | cut -f1) * 5 / 4 + 16))M" >&2

[ $# -gt 0 ] || set -- $(awk '!seen[$1]++ { print $1 }' "$tests/suite")
status=0
for boot in "$@"; do
	kernel=debian13 parameters=
	case $boot in
	selinux) parameters='security=selinux selinux=1 enforcing=1' ;;
	linux510) kernel=debian11 ;;
	cgroup1) # systemd still has it if it is asked with force
		kernel=debian11
		parameters='systemd.unified_cgroup_hierarchy=0 systemd.legacy_systemd_cgroup_controller=1 SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1'
		;;
	esac
	if [ ! -e "$image/vmlinuz.$kernel" ]; then
		echo "$boot: the image has no kernel of $kernel: the mirror did not have it" >&2
		[ "$CI" != true ] || status=1
		continue
	fi
	# shellcheck disable=SC2086 # parameters is a list of words
	tests/vm/boot.sh "$boot" "$image" "$kernel" "$tests.img" "${SECONDS_PER_BOOT:-900}" $parameters || status=1
done
exit $status
