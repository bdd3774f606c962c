package spec

import "testing"

func TestMemoryLimitsAreSizesOrUnlimited(t *testing.T) {
	check(t, []verdict{
		{change: `{"linux":{"resources":{"memory":{"limit":536870912,"reservation":-1,"swap":536870912,"kernel":-1,"kernelTCP":0,"swappiness":100}}}}`},
		{change: `{"linux":{"resources":{"memory":{"limit":-1,"swap":-1,"swappiness":18446744073709551615}}}}`},
		{change: `{"linux":{"resources":{"memory":{"limit":-2,"reservation":-3,"swap":-4,"kernel":-5,"kernelTCP":-6,"swappiness":101}}}}`,
			errs: []string{
				`linux.resources.memory.limit: -2 is not a size in bytes, nor -1 for no limit`,
				`linux.resources.memory.reservation: -3 is not a size in bytes, nor -1 for no limit`,
				`linux.resources.memory.swap: -4 is not a size in bytes, nor -1 for no limit`,
				`linux.resources.memory.kernel: -5 is not a size in bytes, nor -1 for no limit`,
				`linux.resources.memory.kernelTCP: -6 is not a size in bytes, nor -1 for no limit`,
				`linux.resources.memory.swappiness: 101 is not from 0 to 100`,
			}},
		{change: `{"linux":{"resources":{"memory":{"limit":1000,"swap":999}}}}`,
			errs: []string{`linux.resources.memory.swap: 999 limits memory and swap together, and is less than limit, 1000`}},
		{change: `{"linux":{"resources":{"memory":{"limit":-1,"swap":999}}}}`,
			errs: []string{`linux.resources.memory.swap: 999 limits memory and swap together, and limit leaves memory unlimited`}},
	})
}

func TestCPUBandwidthsAreWhatTheKernelTakes(t *testing.T) {
	check(t, []verdict{
		{change: `{"linux":{"resources":{"cpu":{"shares":2,"quota":1000,"period":1000,"burst":1000,"realtimeRuntime":1,"realtimePeriod":2,"idle":1}}}}`},
		{change: `{"linux":{"resources":{"cpu":{"shares":0,"quota":-1,"period":1000000,"burst":5000,"realtimeRuntime":-1,"idle":0}}}}`},
		{change: `{"linux":{"resources":{"cpu":{"quota":0,"period":0}}}}`},
		{change: `{"linux":{"resources":{"cpu":{"quota":999,"period":999,"burst":1000,"realtimeRuntime":3,"realtimePeriod":2,"idle":2}}}}`,
			errs: []string{
				`linux.resources.cpu.period: 999 microseconds is not from 1000 to 1000000, nor 0 for the default`,
				`linux.resources.cpu.quota: 999 microseconds is not 1000 or more, nor -1 for no limit`,
				`linux.resources.cpu.burst: 1000 is more than quota, 999`,
				`linux.resources.cpu.realtimeRuntime: 3 is more than realtimePeriod, 2`,
				`linux.resources.cpu.idle: 2 is not 0 or 1`,
			}},
		{change: `{"linux":{"resources":{"cpu":{"quota":-2,"period":1000001,"realtimeRuntime":-2,"idle":-1}}}}`,
			errs: []string{
				`linux.resources.cpu.period: 1000001 microseconds is not from 1000 to 1000000, nor 0 for the default`,
				`linux.resources.cpu.quota: -2 microseconds is not 1000 or more, nor -1 for no limit`,
				`linux.resources.cpu.realtimeRuntime: -2 is not a time in microseconds, nor -1 for no limit`,
				`linux.resources.cpu.idle: -1 is not 0 or 1`,
			}},
	})
}

func TestBlockIOWeightsAndDevicesAreWithinTheirBounds(t *testing.T) {
	check(t, []verdict{
		{change: `{"linux":{"resources":{"blockIO":{"weight":10,"leafWeight":1000,"weightDevice":[{"major":8,"minor":0,"weight":500}],"throttleReadBpsDevice":[{"major":8,"minor":0,"rate":600}]}}}}`},
		{change: `{"linux":{"resources":{"blockIO":{"weight":0}}}}`},
		{change: `{"linux":{"resources":{"blockIO":{"weight":9,"leafWeight":1001,"weightDevice":[{"major":-1,"minor":0,"weight":1},{"major":8,"minor":0}],"throttleWriteIOPSDevice":[{"major":4096,"minor":-1}]}}}}`,
			errs: []string{
				`linux.resources.blockIO.weight: 9 is not from 10 to 1000, nor 0 for the default`,
				`linux.resources.blockIO.leafWeight: 1001 is not from 10 to 1000, nor 0 for the default`,
				`linux.resources.blockIO.weightDevice[0].major: -1 is not from 0 to 4095`,
				`linux.resources.blockIO.weightDevice[0].weight: 1 is not from 10 to 1000, nor 0 for the default`,
				`linux.resources.blockIO.weightDevice[1]: it weighs nothing: weight, leafWeight or both are needed`,
				`linux.resources.blockIO.throttleWriteIOPSDevice[0].major: 4096 is not from 0 to 4095`,
				`linux.resources.blockIO.throttleWriteIOPSDevice[0].minor: -1 is not from 0 to 1048575`,
			}},
	})
}

func TestOtherLimitsNameWhatTheyLimit(t *testing.T) {
	check(t, []verdict{
		{change: `{"linux":{"resources":{"pids":{"limit":0},"hugepageLimits":[{"pageSize":"2MB","limit":5},{"pageSize":"64KB","limit":5}],"network":{"classID":1,"priorities":[{"name":"eth0","priority":5}]},"rdma":{"mlx5_1":{"hcaHandles":3}},"unified":{"memory.high":"5","io.max":"259:0 rbps=2097152"}},"cgroupsPath":"/a/../b"}}`},
		{change: `{"linux":{"resources":{"pids":{"limit":-1}},"cgroupsPath":"system.slice:creel:web"}}`},
		{change: `{"linux":{"resources":{"pids":{"limit":-2},"hugepageLimits":[{"pageSize":"2MiB"},{"pageSize":"MB"},{"pageSize":"02MB"},{"pageSize":""}],"network":{"priorities":[{"name":""}]},"rdma":{"":{"hcaHandles":1},"x":{}}}}}`,
			errs: []string{
				`linux.resources.pids.limit: -2 is not a number of tasks, nor -1 for no limit`,
				`linux.resources.hugepageLimits[0].pageSize: "2MiB" is not a size like 64KB, 2MB or 1GB`,
				`linux.resources.hugepageLimits[1].pageSize: "MB" is not a size like 64KB, 2MB or 1GB`,
				`linux.resources.hugepageLimits[2].pageSize: "02MB" is not a size like 64KB, 2MB or 1GB`,
				`linux.resources.hugepageLimits[3].pageSize: "" is not a size like 64KB, 2MB or 1GB`,
				`linux.resources.network.priorities[0].name: "" is not a name of a network device: it is empty`,
				`linux.resources.rdma[""]: it is not a name of an RDMA device`,
				`linux.resources.rdma["x"]: it limits nothing: hcaHandles, hcaObjects or both are needed`,
			}},
		{change: `{"linux":{"resources":{"unified":{"":"1","memory":"1","../memory.max":"1","sub/memory.max":"1",".max":"1","memory.":"1","memory.max":"\u0000"}},"cgroupsPath":"/a\u0000\n"}}`,
			errs: []string{
				`linux.cgroupsPath: "/a\x00\n" contains a NUL character, where the kernel would end it`,
				`linux.cgroupsPath: "/a\x00\n" contains a newline, which the kernel refuses in names of cgroups`,
				`linux.resources.unified[""]: it is not the name of a file of a cgroup, like memory.high`,
				`linux.resources.unified["../memory.max"]: it is not the name of a file of a cgroup, like memory.high`,
				`linux.resources.unified[".max"]: it is not the name of a file of a cgroup, like memory.high`,
				`linux.resources.unified["memory"]: it is not the name of a file of a cgroup, like memory.high`,
				`linux.resources.unified["memory."]: it is not the name of a file of a cgroup, like memory.high`,
				`linux.resources.unified["memory.max"]: "\x00" contains a NUL character, where the kernel would end it`,
				`linux.resources.unified["sub/memory.max"]: it is not the name of a file of a cgroup, like memory.high`,
			}},
	})
}
