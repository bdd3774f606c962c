// Package apparmor tests AppArmor profiles. It runs in the VM.
package apparmor

import (
	"os"
	"testing"

	"github.com/creel-project/creel/tests/harness"
)

func TestMain(m *testing.M) { os.Exit(harness.MainInVM(m)) }
