package conformance

import (
	"fmt"
	"testing"

	"github.com/creel-project/creel/tests/conformance/requirements"
)

// An expectation is a test that is to fail: it is skipped when it does.
type expectation struct {
	testing.TB
	failed bool
}

func (e *expectation) Error(args ...any) {
	e.Helper()
	e.failed = true
	e.Log(args...)
}

func (e *expectation) Errorf(format string, args ...any) {
	e.Helper()
	e.Error(fmt.Sprintf(format, args...))
}

func (e *expectation) Fatal(args ...any) {
	e.Helper()
	e.Error(args...)
	e.end()
}

func (e *expectation) Fatalf(format string, args ...any) {
	e.Helper()
	e.Fatal(fmt.Sprintf(format, args...))
}

// end closes the test.
func (e *expectation) end() {
	e.Helper()
	why := requirements.Differs[e.Name()]
	if !e.failed {
		e.TB.Errorf("it is said to differ (%s) and does not", why)
		return
	}
	e.Skip("differs: " + why)
}
