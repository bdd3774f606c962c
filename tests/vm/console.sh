#!/bin/sh
# console.sh FILE: fails if a console log tells of trouble in the kernel, or does not tell of the end of the tests.
bad='BUG:|Oops|Kernel panic|general protection fault|blocked for more than|WARNING: .*CPU|refcount_t|unregister_netdevice: waiting|unable to handle|Call Trace'
status=0
if grep -nE "$bad" "$1" >&2; then
	echo "the kernel is in trouble, see $1" >&2
	status=1
fi
if ! grep -qE 'creel-tests(\[[0-9]+\])?: .*[1-9][0-9]* packages ran' "$1"; then
	echo "the tests did not come to their end, see $1" >&2
	status=1
fi
exit $status
