#!/bin/sh
# The driver inside the VM: runs those packages of the suite that this boot is
# for, and sends the events of their tests out of a port, which are QEMU's output.
here=/opt/creel
boot=$(sed -n 's/.*creel\.boot=\([a-z0-9]*\).*/\1/p' /proc/cmdline)
port=/dev/virtio-ports/creel.results
export CI=true CREEL=$here/creel CREEL_VM="$boot" TMPDIR=/var/tmp HOME=/root
# how long something may take that happens soon, on a slow machine
export CREEL_TEST_PATIENCE=60s CREEL_LEAK_PATIENCE=20s
ran=0
# The kernel changes its own code when the first cgroup has a cpuset or a quota, and when the last one goes. QEMU's
# emulation with several threads can run old code then (an unknown int3, and a panic): one cgroup has them all the time,
# and gets them while there is one processor.
cpu=/sys/devices/system/cpu/cpu1/online
echo 0 >$cpu
systemd-run --quiet --unit=creel-keep --property=AllowedCPUs=0 --property=CPUQuota=100% --property=IOWeight=100 \
	--property=DevicePolicy=closed sleep infinity
echo 1 >$cpu
while read -r name package tests skipped; do
	[ "$name" = "$boot" ] || continue
	# a directory that the tests' relative paths fit to
	cd "$here/$package" || exit 1
	echo "creel-tests: $package"
	"$here/test2json" -t -p "vm:$boot $package" ./test -test.v=test2json -test.run "$tests" \
		${skipped:+"-test.skip=$skipped"} -test.timeout 600s >"$port" 2>&1
	ran=$((ran + 1))
done <"$here/suite"
echo "creel-tests: $ran packages ran"
sync
