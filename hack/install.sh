#!/bin/sh
# Installs what `make` built from $BIN: programs into $BINDIR, man pages,
# completions and policies for SELinux under $DATADIR, and where AppArmor can read
# it a profile under $SYSCONFDIR (all with DESTDIR in front).
set -e
cd "$(dirname "$0")/.."

put() { # put MODE TARGET FILE
	[ -e "$3" ] || return 0
	mkdir -p "$(dirname "$2")"
	install -m "$1" "$3" "$2"
	echo "  INSTALL  $2"
}

for p in creel creel-bundle creel-netns; do
	put 0755 "$BINDIR/$p" "$BIN/$p"
done
for page in docs/man/*.8; do
	put 0644 "$DATADIR/man/man8/${page##*/}" "$page"
done
for c in contrib/completions/*; do
	name=${c##*/}
	case $name in
	*.bash) put 0644 "$DATADIR/bash-completion/completions/${name%.bash}" "$c" ;;
	*.fish) put 0644 "$DATADIR/fish/vendor_completions.d/$name" "$c" ;;
	*.zsh) put 0644 "$DATADIR/zsh/site-functions/_${name%.zsh}" "$c" ;;
	_*) put 0644 "$DATADIR/zsh/site-functions/$name" "$c" ;;
	esac
done
for module in contrib/selinux/*.cil; do
	put 0644 "$DATADIR/creel/selinux/${module##*/}" "$module"
done
# An AppArmor before 4.0 knows no user namespaces, and could not load the profile.
if [ -e "$SYSCONFDIR/apparmor.d/abi/4.0" ]; then
	put 0644 "$SYSCONFDIR/apparmor.d/creel" contrib/apparmor/creel
fi
