package engines

import (
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// versions are those of programs that were asked.
var versions = map[string]string{}

var number = regexp.MustCompile(`\d+(\.\d+)+`)

// version is what a program of an engine says to --version: its first number with a dot.
func version(program string) (string, error) {
	if versions[program] == "" {
		out, err := exec.Command(program, "--version").CombinedOutput()
		if versions[program] = number.FindString(string(out)); err != nil || versions[program] == "" {
			return "", fmt.Errorf("%s --version: %w: %s", program, err, out)
		}
	}
	return versions[program], nil
}

// Has says whether a program of an engine is of this version, or a newer one. One that cannot say is not.
func Has(program, since string) bool {
	v, err := version(program)
	return err == nil && !older(v, since)
}

// Since skips a test where an engine is older than this version, because only then it has something.
func Since(t testing.TB, program, since, something string) {
	t.Helper()
	v, err := version(program)
	if err != nil {
		t.Fatal(err)
	}
	if older(v, since) {
		t.Skipf("%s %s: %s came with %s", program, v, something, since)
	}
}

// older compares two versions number by number.
func older(a, b string) bool {
	x, y := strings.Split(a, "."), strings.Split(b, ".")
	for i := range min(len(x), len(y)) {
		m, _ := strconv.Atoi(x[i])
		n, _ := strconv.Atoi(y[i])
		if m != n {
			return m < n
		}
	}
	return len(x) < len(y)
}
