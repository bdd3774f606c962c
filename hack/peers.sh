#!/bin/sh
# peers.sh DIR PACKAGE…: fetches newer runtimes than this release of Debian has
# (those of its testing suite) into DIR, each with the libraries that it wants,
# so that the benchmark has current peers. Nothing is installed. Prints
# NAME-VERSION=PATH for each.
dir=$1
shift
for p in "$@"; do
	[ -x "$dir/$p" ] || missing=1
done
if [ -n "$missing" ]; then
	hack/deps.sh patchelf >&2 || exit 1
	rm -rf "$dir"
	mkdir -p "$dir/lib" || exit 1
	root=$dir/root
	hack/newer.sh testing "$root" "$@" || exit 1
	for lib in "$root"/usr/lib/*-linux-gnu; do
		find "$lib" -maxdepth 1 -name '*.so*' -exec cp -P {} "$dir/lib/" \;
	done
	loader=$(find "$PWD/$dir/lib" -name 'ld-linux*' ! -type l)
	for p in "$@"; do
		cp "$(find "$root" -path "*bin/$p" -type f)" "$dir/$p" || exit 1
		patchelf --set-interpreter "$loader" --set-rpath "$PWD/$dir/lib" "$dir/$p" || exit 1
	done
	rm -rf "$root"
fi
for p in "$@"; do
	version=$("$dir/$p" --version | sed -n '1s/.* version \([0-9.]*\).*/\1/p')
	echo "$p-$version=$PWD/$dir/$p"
done
