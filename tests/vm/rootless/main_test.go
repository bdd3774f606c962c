// Package rootless tests what an ordinary user of a machine with systemd may do, with his own subordinate ids. It runs in the VM.
package rootless

import (
	"os"
	"testing"

	"github.com/creel-project/creel/tests/harness"
)

func TestMain(m *testing.M) { os.Exit(harness.MainInVM(m)) }
