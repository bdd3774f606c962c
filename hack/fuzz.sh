#!/bin/sh
# fuzz.sh FUZZER CORPUS SECONDS: runs a libFuzzer program from a committed
# corpus. What it finds goes to build/fuzz: new inputs to corpus/, crashes
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
"$fuzzer" -max_total_time="$seconds" -artifact_prefix="$crashes/" -print_final_stats=1 \
	-timeout=10 -rss_limit_mb=2048 "$new" "$corpus" >"$log" 2>&1
status=$?
grep -E '^stat::number_of_executed_units|^stat::average_exec' "$log"
grep -E 'cov: ' "$log" | tail -n 1
if [ "$status" != 0 ]; then
	tail -n 60 "$log"
fi
exit $status
