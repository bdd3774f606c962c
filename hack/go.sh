#!/bin/sh
# Runs Go: the first of PATH, /usr/local/go and Debian's versioned packages that
# is new enough for go.mod. One that is too old but knows toolchains (1.21 and
# later) fetches the one named here, as a module that the checksum database vouches for.
toolchain=go1.26.8
want=26

minor() { # minor GO: the x of go1.x, 0 if it says nothing
	root=$(dirname "$(dirname "$(readlink -f "$1")")")
	if [ -r "$root/VERSION" ]; then
		read -r v <"$root/VERSION"
	else
		v=$(GOTOOLCHAIN=local "$1" env GOVERSION 2>/dev/null)
	fi
	v=${v#go1.}
	v=${v%%[!0-9]*}
	echo "${v:-0}"
}

older=
for go in "$(command -v go)" /usr/local/go/bin/go /usr/lib/go-1.*/bin/go; do
	[ -x "$go" ] || continue
	v=$(minor "$go")
	if [ "$v" -ge "$want" ]; then
		exec "$go" "$@"
	elif [ "$v" -ge 21 ]; then
		older=$go
	fi
done
if [ -n "$older" ]; then
	GOTOOLCHAIN=$toolchain exec "$older" "$@"
fi
echo "no Go 1.$want or later on PATH or in /usr/local/go: run 'make deps' as root" >&2
exit 127
