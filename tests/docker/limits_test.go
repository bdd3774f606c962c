package docker

import (
	"os"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
)

// What a container can use, as it sees it in its own cgroup.
func TestResourceFlagsLimitTheContainer(t *testing.T) {
	d := begin(t)
	disk := blockDevice(t)
	d.removeParent("/deeper")
	d.runs(t, []run{
		{"memory", "--memory 64m", "cg memory.max memory/memory.limit_in_bytes", "^67108864$"},
		{"memory and swap", "--memory 64m --memory-swap 96m", "cg memory.swap.max memory/memory.memsw.limit_in_bytes", "^(33554432|100663296)$"},
		{"memory reservation", "--memory-reservation 32m", "cg memory.low memory/memory.soft_limit_in_bytes", "^33554432$"},
		{"no memory limit", "", "cg memory.max memory/memory.limit_in_bytes", "^(max|9223372036854771712)$"},
		{"cpus", "--cpus 0.5", "cg cpu.max cpu/cpu.cfs_quota_us", "^50000( 100000)?$"},
		{"cpu period and quota", "--cpu-period 50000 --cpu-quota 20000", "cg cpu.max cpu/cpu.cfs_quota_us cpu/cpu.cfs_period_us", "^20000[ \n]50000$"},
		{"cpu shares", "--cpu-shares 512", "cg cpu.weight cpu/cpu.shares", "^(20|59|512)$"},
		{"cpuset cpus", "--cpuset-cpus 0", "grep Cpus_allowed_list /proc/self/status; cg cpuset.cpus cpuset/cpuset.cpus", "^Cpus_allowed_list:\t0\n0$"},
		{"cpuset mems", "--cpuset-mems 0", "cg cpuset.mems cpuset/cpuset.mems", "^0$"},
		{"pids", "--pids-limit 20", "cg pids.max pids/pids.max", "^20$"},
		{"pids without a limit", "--pids-limit -1", "cg pids.max pids/pids.max", "^max$"},
		{"bytes read", "--device-read-bps " + disk + ":1mb", "cg io.max blkio/blkio.throttle.read_bps_device", "(rbps=| )1048576"},
		{"bytes written", "--device-write-bps " + disk + ":2mb", "cg io.max blkio/blkio.throttle.write_bps_device", "(wbps=| )2097152"},
		{"reads", "--device-read-iops " + disk + ":100", "cg io.max blkio/blkio.throttle.read_iops_device", "(riops=| )100"},
		{"writes", "--device-write-iops " + disk + ":200", "cg io.max blkio/blkio.throttle.write_iops_device", "(wiops=| )200"},
		{"cgroup parent", "--cgroupns host --cgroup-parent " + d.on.Cgroup + "/deeper", "cat /proc/self/cgroup", d.on.Cgroup + "/deeper/[0-9a-f]{64}"},
		{"ulimits", "--ulimit nofile=100:200 --ulimit core=0", "ulimit -Sn; ulimit -Hn; ulimit -c", "^100\n200\n0$"},
		{"a higher oom score", "--oom-score-adj 500", "cat /proc/self/oom_score_adj", "^500$"},
		{"size of /dev/shm", "--shm-size 5m", "df -k /dev/shm | tail -n 1", `shm +5120 `},
	})
}

func TestResourcesOfVersion1Only(t *testing.T) {
	d := begin(t)
	if harness.V2() {
		t.Skip("cgroup v2 has neither a swappiness nor a switch for the OOM killer")
	}
	d.runs(t, []run{
		{"swappiness", "--memory-swappiness 10", "cg - memory/memory.swappiness", "^10$"},
		{"no OOM killer", "--memory 32m --oom-kill-disable", "cg - memory/memory.oom_control", "oom_kill_disable 1"},
	})
}

func TestRealtimeIsGivenToAContainer(t *testing.T) {
	d := begin(t)
	file := "/sys/fs/cgroup/cpu" + d.on.Cgroup + "/cpu.rt_runtime_us"
	if _, err := os.Stat("/sys/fs/cgroup/cpu/cpu.rt_runtime_us"); err != nil {
		t.Skip("the kernel has no realtime groups")
	}
	d.start("", "sleep 1000") // makes the daemon's cgroup
	d.Must(os.WriteFile(file, []byte("50000"), 0o644))
	d.Cleanup(func() { d.Must(os.WriteFile(file, []byte("0"), 0o644)) })
	d.runs(t, []run{{"runtime", "--cpu-rt-runtime 10000", "cg - cpu/cpu.rt_runtime_us", "^10000$"}})
}

func TestBlockWeightIsSet(t *testing.T) {
	d := begin(t)
	r := d.do("", "run", "--rm", "--blkio-weight", "200", image, "cg", "io.bfq.weight", "blkio/blkio.bfq.weight")
	if strings.Contains(r.Stderr, "does not support Block I/O weight") {
		t.Skip("the kernel has no weights of block I/O: ", r.Stderr)
	}
	wantMatch(t, r, "200$")
}

func TestAContainerBeyondItsPidsLimitCannotFork(t *testing.T) {
	harness.Needs(t, "pids")
	d := begin(t)
	d.runs(t, []run{{"fork", "--pids-limit 10", "i=0; while [ $i -lt 30 ]; do sleep 9 & i=$((i+1)); done; true", "(?i)can't fork"}})
}
