#!/bin/sh
# fuzz-go.sh SECONDS [PACKAGE…]: runs every Go fuzz test of the packages (all) for that long, one after the other. An input
# that fails is left in the package's testdata/fuzz, to be committed with what mends it. Inputs are hardly made smaller: Go
# would spend nearly all of a short time on that.
cd "$(dirname "$0")/.." || exit 1
seconds=$1
shift
passed=0
failed=0

# ended says whether a run that failed only came to the end of its time, which Go before 1.27 may take for a failure
# (go.dev/issue/75804).
ended() {
	echo "$1" | grep -q '^    context deadline exceeded$' && ! echo "$1" | grep -q 'Failing input'
}

# found shows an input that failed, which may be on a machine that nobody sees again, and how: Go hides what a worker said.
found() {
	input=$(echo "$2" | sed -n 's/.*Failing input written to //p' | tail -n 1)
	[ -n "$input" ] || return
	head -c 4096 "$($GO list -f '{{.Dir}}' "$1")/$input"
	echo
	$GO test -run "^${input#testdata/fuzz/}\$" "$1" 2>&1 | head -n 40
}

for pkg in $($GO list "${@:-./...}"); do
	tests=$($GO test -list '^Fuzz' "$pkg") || failed=$((failed + 1))
	for f in $(echo "$tests" | grep '^Fuzz'); do
		if out=$($GO test -run '^$' -fuzz "^$f\$" -fuzztime "${seconds}s" -fuzzminimizetime 10x "$pkg" 2>&1) || ended "$out"; then
			passed=$((passed + 1))
			runs=$(echo "$out" | sed -n 's/.*execs: \([0-9]*\).*/\1/p' | tail -n 1)
			echo "  ok       $f: $runs runs in $seconds s without a finding"
		else
			failed=$((failed + 1))
			echo "$out"
			found "$pkg" "$out"
			echo "  FAIL     $f of $pkg"
		fi
	done
done
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
