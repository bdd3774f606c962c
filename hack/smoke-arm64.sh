#!/bin/sh
# smoke-arm64.sh CREEL: runs what needs no arm64 kernel of a cross-built creel
# under qemu-user: it starts, it decodes, and it compiles a plan. Prints one line a check.
creel=$1
passed=0
failed=0
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
mkdir "$dir/rootfs"

check() { # check SENTENCE PATTERN COMMAND…
	sentence=$1 pattern=$2
	shift 2
	if out=$("$@" 2>&1) && printf '%s\n' "$out" | grep -q -e "$pattern"; then
		passed=$((passed + 1))
		echo "  ok       $sentence"
	else
		failed=$((failed + 1))
		printf '  FAIL     %s\n%s\n' "$sentence" "$out"
	fi
}

run() { qemu-aarch64-static "$@"; }
check 'it is a static arm64 program' 'no interpreter' sh -c '
	readelf -hl "$1" | grep -q AArch64 && ! readelf -l "$1" | grep INTERP && echo no interpreter' sh "$creel"
check 'creel --version tells its version' '^creel version ' run "$creel" --version
check 'creel features knows arm64' 'SCMP_ARCH_AARCH64' run "$creel" features
check 'creel spec writes a config' '' run "$creel" spec -b "$dir"
check 'creel plan compiles it' 'pivot' run "$creel" plan -b "$dir"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
