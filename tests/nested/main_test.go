// Package nested tests creel in containers that creel made: with the rights of a privileged container, as root of a
// user namespace, and behind seccomp filters that do not know what is newer than they are.
package nested

import (
	"os"
	"testing"

	"github.com/creel-project/creel/tests/harness"
)

func TestMain(m *testing.M) { os.Exit(harness.Main(m)) }
