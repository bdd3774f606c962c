#!/bin/sh
# cgroup1.sh COMMAND…: runs a command where no cgroup v2 is mounted beside v1, in a mount namespace of its own. crun
# refuses to run where both are.
exec unshare -m --propagation private sh -c '
	! mountpoint -q /sys/fs/cgroup/unified || umount /sys/fs/cgroup/unified && exec "$@"' cgroup1 "$@"
