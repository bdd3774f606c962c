package devfilter

import (
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/cgroups/devrules"
)

func BenchmarkLoadDefaultFilter(b *testing.B) {
	l, err := devrules.Container([]specs.LinuxDeviceCgroup{{Allow: false, Access: "rwm"}})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		fd, err := load(encode(l))
		if err != nil {
			b.Fatal(err)
		}
		unix.Close(fd)
	}
}
