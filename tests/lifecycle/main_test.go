// Package lifecycle holds creel to what the runtime specification and engines
// expect of a running container, as it is seen from inside and from the host.
package lifecycle

import (
	"os"
	"testing"

	"github.com/creel-project/creel/tests/harness"
)

func TestMain(m *testing.M) { os.Exit(harness.Main(m)) }
