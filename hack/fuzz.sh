#!/bin/sh
# fuzz.sh FUZZER CORPUS SECONDS: looks whether the committed corpus reaches every
# op of init, in success and in failure, and then fuzzes from it, one process a
# core. What that finds goes to build/fuzz: new inputs to corpus/, crashes to
# crashes/. The committed corpus is only read.
fuzzer=$1
corpus=$2
seconds=$3
new=$(dirname "$fuzzer")/corpus
crashes=$(dirname "$fuzzer")/crashes
mkdir -p "$new" "$crashes"
if [ -z "$(ls "$corpus" 2>/dev/null)" ]; then
	echo "$corpus: no corpus to start from"
	exit 1
fi
log=$(dirname "$fuzzer")/log
passed=0
failed=0
if ops=$("$fuzzer" --ops "$corpus" 2>&1); then
	passed=1
	echo "  ok       $(echo "$ops" | tail -n 1)"
else
	failed=1
	printf '  FAIL     the corpus does not reach every op\n%s\n' "$ops"
fi
# a small quarantine: what init frees is forgotten with the run
export ASAN_OPTIONS="quarantine_size_mb=8${ASAN_OPTIONS:+:$ASAN_OPTIONS}"
rm -f "$log".*
cores=$(nproc)
pids=
for i in $(seq "$cores"); do
	"$fuzzer" -max_total_time="$seconds" -artifact_prefix="$crashes/" -print_final_stats=1 \
		-reload=10 -timeout=10 -rss_limit_mb=2048 "$new" "$corpus" >"$log.$i" 2>&1 &
	pids="$pids $!"
done
trap 'kill $pids 2>/dev/null' INT TERM
status=0
for pid in $pids; do
	wait "$pid" || status=1
done
runs=$(cat "$log".* | awk '/^stat::number_of_executed_units/ { n += $2 } END { print n + 0 }')
if [ "$status" = 0 ] && [ "$runs" -gt 0 ]; then
	passed=$((passed + 1))
	echo "  ok       $runs runs in $seconds s on $cores cores without a finding"
else
	failed=$((failed + 1))
	grep -h -A 60 -e '^init is wrong' -e '^==.*ERROR' "$log".* || tail -n 2 "$log".*
	echo "  FAIL     the fuzzer found something or was stopped, see above"
fi
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
