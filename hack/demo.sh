#!/bin/sh
# Makes a bundle from busybox, runs a container from it, and says what it does.
# BIN is the directory that holds creel.
set -e
cd "$(dirname "$0")/.."
creel=$PWD/${BIN:-bin}/creel
say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
show() { # show ARGUMENTS…: runs creel with them, and says so
	echo "\$ creel $*"
	"$creel" "$@"
}

bundle=$(mktemp -d)
id=creel-demo-$$
trap '"$creel" delete --force "$id" >/dev/null 2>&1 || true; rm -rf "$bundle"' EXIT

say "1. A bundle is a directory with a root filesystem and a config.json. This one is $bundle."
echo "The root filesystem is one static program, busybox, and a link for each of its commands:"
mkdir -p "$bundle/rootfs/bin" "$bundle/rootfs/proc" "$bundle/rootfs/sys" "$bundle/rootfs/dev" "$bundle/rootfs/tmp"
cp "$(command -v busybox)" "$bundle/rootfs/bin/busybox"
for applet in $("$bundle/rootfs/bin/busybox" --list); do
	[ "$applet" = busybox ] || ln -s busybox "$bundle/rootfs/bin/$applet"
done
ls "$bundle/rootfs/bin" | wc -l | xargs printf '%s commands\n'
# Root in the container is user 100000 here; what it owns must be owned by that user.
chown -R 100000:100000 "$bundle/rootfs"
chmod 0711 "$bundle"

say "2. config.json says what the container is: its process, namespaces, id map, limits and mounts."
sed "s/creel-demo/$id/" hack/demo.json >"$bundle/config.json"
echo "(hack/demo.json: a user namespace that maps root to 100000, 64 MiB of memory, 32 processes)"

say "3. creel compiles it into a plan. These are the first of its steps:"
"$creel" plan --bundle "$bundle" >"$bundle/plan.txt"
head -n 12 "$bundle/plan.txt"
echo "… $(wc -l <"$bundle/plan.txt") lines in all; \`creel plan\` prints them without running anything."

say "4. The container, from the inside:"
"$creel" run --bundle "$bundle" "$id"

say "5. The same container in steps, as an engine asks for them:"
sed -i 's|"args": \[.*\]|"args": ["/bin/sleep", "60"]|' "$bundle/config.json"
"$creel" create --bundle "$bundle" "$id" </dev/null >/dev/null 2>&1
show list
"$creel" start "$id"
show state "$id" | grep -e '\$' -e '"id"' -e '"status"' -e '"pid"'
show kill "$id" KILL
while [ "$("$creel" state "$id" | sed -n 's/.*"status": "\(.*\)".*/\1/p')" != stopped ]; do sleep 0.1; done
show delete "$id"
show list
say "Nothing is left of it. See docs/ for more, and \`make help\` for what else make can do."
