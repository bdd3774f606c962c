#!/bin/sh
# peers.sh DIR PACKAGE…: unpacks newer runtimes than this release of Debian has
# (those of its testing suite) into DIR, each with the libraries that it wants,
# so that the benchmark has current peers. Nothing is installed, and the
# machine's package lists stay as they are. Prints NAME=PATH for each.
dir=$1
shift
for p in "$@"; do
	[ -x "$dir/$p" ] || missing=1
done
if [ -n "$missing" ]; then
	hack/deps.sh patchelf >&2 || exit 1
	rm -rf "$dir"
	apt=$PWD/$dir/apt
	mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$dir/lib" || exit 1
	mirror=$(apt-get indextargets --format '$(COMPONENT) $(REPO_URI)' 'Created-By: Packages' |
		awk '$1 == "main" && $2 !~ /security/ { print $2; exit }')
	echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror testing main" >"$apt/sources.list"
	set_up="-qq -o Dir::Etc::sourcelist=$apt/sources.list -o Dir::Etc::sourceparts=- -o Dir::State::lists=$apt/lists
		-o Dir::State::status=/dev/null -o Dir::Cache=$apt/cache -o APT::Sandbox::User=root"
	# shellcheck disable=SC2086 # set_up is a list of words
	{
		apt-get $set_up update || exit 1
		needed=$(apt-get $set_up install --no-install-recommends --print-uris "$@" | sed "s/^'[^']*' \([^_]*\)_.*/\1/")
		(cd "$apt" && apt-get $set_up download $needed >/dev/null) || exit 1
	}
	for deb in "$apt"/*.deb; do
		dpkg -x "$deb" "$apt/root" || exit 1
	done
	for lib in "$apt"/root/usr/lib/*-linux-gnu; do
		find "$lib" -maxdepth 1 -name '*.so*' -exec cp -P {} "$dir/lib/" \;
	done
	loader=$(find "$PWD/$dir/lib" -name 'ld-linux*' ! -type l)
	for p in "$@"; do
		cp "$(find "$apt/root" -path "*bin/$p" -type f)" "$dir/$p" || exit 1
		patchelf --set-interpreter "$loader" --set-rpath "$PWD/$dir/lib" "$dir/$p" || exit 1
	done
	rm -rf "$apt"
fi
for p in "$@"; do
	version=$("$dir/$p" --version | sed -n '1s/.* version \([0-9.]*\).*/\1/p')
	echo "$p-$version=$PWD/$dir/$p"
done
