// Package selinux tests SELinux labels, of processes and of mounts. It runs in the VM.
package selinux

import (
	"os"
	"testing"

	"github.com/creel-project/creel/tests/harness"
)

func TestMain(m *testing.M) { os.Exit(harness.MainInVM(m)) }
