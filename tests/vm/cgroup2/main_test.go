// Package cgroup2 tests the limits of cgroup v2 with every controller there is. It runs in the VM.
package cgroup2

import (
	"os"
	"testing"

	"github.com/creel-project/creel/tests/harness"
)

func TestMain(m *testing.M) { os.Exit(harness.MainInVM(m)) }
