#!/bin/sh
# fuzz-go.sh SECONDS: runs every Go fuzz test for that long, one after the other.
cd "$(dirname "$0")/.." || exit 1
status=0
for pkg in $($GO list ./...); do
	for f in $($GO test -list '^Fuzz' "$pkg" | grep '^Fuzz'); do
		echo "  FUZZ     $pkg $f"
		$GO test -run '^$' -fuzz "^$f\$" -fuzztime "${1}s" "$pkg" || status=1
	done
done
exit $status
