#!/bin/sh
# deps.sh PACKAGE…: installs the Debian packages that are missing, and says which.
missing=
for p in "$@"; do
	case $(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null) in
	installed*) ;;
	*) missing="$missing $p" ;;
	esac
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" != 0 ]; then
	echo "missing packages; as root: apt-get install$missing" >&2
	exit 1
fi
echo "  APT     $missing"
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp) || exit 1
# Tests start the engines that they need; a package's own service would be in their way.
policy=/usr/sbin/policy-rc.d
if [ -e $policy ]; then
	policy=
else
	printf '#!/bin/sh\nexit 101\n' >$policy && chmod 755 $policy || exit 1
fi
trap 'rm -f "$log" $policy' EXIT
trap 'exit 1' HUP INT TERM
# The package lists may be absent (a fresh image) or stale: refresh them only when
# they are needed, and once more if what they promise cannot be had.
install() { apt-get install -o DPkg::Lock::Timeout=300 -qq -y --no-install-recommends $missing >"$log" 2>&1 </dev/null; }
install || { apt-get update -qq >"$log" 2>&1 && install; } || {
	cat "$log" >&2
	exit 1
}
# nor is any to begin with the machine
[ ! -d /run/systemd/system ] || for p in $missing; do
	dpkg -L "$p" | sed -n "s,.*/systemd/system/\\([^/@]*\\.\\(service\\|socket\\)\\)\$,\\1,p"
done | xargs -r systemctl disable --quiet
