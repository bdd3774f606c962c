package conformance

import (
	"fmt"
	"testing"
)

// differs are the tests that creel does not pass on purpose, and why. A test that is
// named here and passes is a mistake.
var differs = map[string]string{
	"TestDeleteOfWhatIsNotStopped/created": "delete of a created container ends it, as runc does and engines count on",
}

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
	e.end("") // it ends here, too
}

func (e *expectation) Fatalf(format string, args ...any) {
	e.Helper()
	e.Fatal(fmt.Sprintf(format, args...))
}

// end closes the test.
func (e *expectation) end(why string) {
	e.Helper()
	if !e.failed {
		e.TB.Errorf("it is said to differ (%s) and does not", why)
		return
	}
	e.TB.Skip("differs: " + differs[e.Name()])
}
