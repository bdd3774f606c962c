package driver

import (
	"fmt"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// WarnIgnored says which memory settings have no effect, whatever the driver: Linux 5.4 and later have no limit on kernel
// memory alone, and the one on TCP buffers went the same way.
func WarnIgnored(m *specs.LinuxMemory, warn func(string)) {
	if warn == nil {
		return
	}
	for _, setting := range [...]struct {
		field string
		value *int64
	}{
		//lint:ignore SA1019 the field is read to say that it is ignored
		{"kernel", m.Kernel},
		{"kernelTCP", m.KernelTCP},
	} {
		if setting.value != nil && *setting.value != 0 {
			warn(fmt.Sprintf("linux.resources.memory.%s %d is ignored: Linux has no such limit any more", setting.field, *setting.value))
		}
	}
}
