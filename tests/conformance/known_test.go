package conformance

import (
	"fmt"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/conformance/requirements"
)

// An expectation is a test that is to fail: it is skipped when it does.
type expectation struct {
	testing.TB
	failed []string
}

func (e *expectation) Error(args ...any) {
	e.Helper()
	e.failed = append(e.failed, fmt.Sprint(args...))
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
	if e.failed == nil {
		e.TB.Errorf("it is said to differ (%s) and does not", why)
		return
	}
	e.Skipf("differs: %s: %s", why, strings.Join(e.failed, "; "))
}
