#!/bin/sh
# fuzz.sh FUZZER CORPUS SECONDS: looks whether the committed corpus reaches every
# op of init, in success and in failure, and then fuzzes from it. What it finds goes to build/fuzz: new inputs to corpus/, crashes
# beside it. The committed corpus is only read.
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
"$fuzzer" -max_total_time="$seconds" -artifact_prefix="$crashes/" -print_final_stats=1 \
	-timeout=10 -rss_limit_mb=2048 "$new" "$corpus" >"$log" 2>&1
status=$?
grep -E '^stat::number_of_executed_units|^stat::average_exec' "$log"
grep -E 'cov: ' "$log" | tail -n 1
if [ "$status" = 0 ]; then
	passed=$((passed + 1))
	echo "  ok       $seconds s of fuzzing without a finding"
else
	failed=$((failed + 1))
	tail -n 60 "$log"
	echo "  FAIL     the fuzzer found something, see above"
fi
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
