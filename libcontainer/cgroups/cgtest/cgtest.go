// Package cgtest lends tests real cgroups, and takes them back.
package cgtest

import (
	"os"
	"strconv"
	"sync/atomic"
)

var count atomic.Int64

// Name returns a cgroup name that nobody else uses.
func Name() string {
	return "creel-test-" + strconv.Itoa(os.Getpid()) + "-" + strconv.FormatInt(count.Add(1), 10)
}
