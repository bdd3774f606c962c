package driver

import (
	"math"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// Swappiness is what a config asks for, from 0 to 100. Engines that ask for nothing may write -1, unsigned.
func Swappiness(m *specs.LinuxMemory) (percent uint64, asked bool) {
	if m.Swappiness == nil || *m.Swappiness == math.MaxUint64 {
		return 0, false
	}
	return *m.Swappiness, true
}
