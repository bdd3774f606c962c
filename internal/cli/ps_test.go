package cli

import (
	"strings"
	"testing"
)

func TestOnlyTheLinesOfThePidsAreLeftOfATable(t *testing.T) {
	const table = "UID   PID  PPID CMD\nroot    1     0 init\nroot   17     1 17\nroot    3    17 x 17\n\nroot   17     1 thread\n"
	for _, c := range []struct {
		table string
		pids  []int
		want  string
	}{
		{table, []int{17}, "UID   PID  PPID CMD\nroot   17     1 17\nroot   17     1 thread\n"},
		{table, nil, "UID   PID  PPID CMD\n"},
		{"PID\n5\n6\n", []int{6, 7}, "PID\n6\n"},
	} {
		if got, err := linesOf(c.table, c.pids); err != nil || got != c.want {
			t.Errorf("%v: got %q, %v", c.pids, got, err)
		}
	}
	for table, want := range map[string]string{
		"": "PID", "CMD\nx\n": "PID", "CMD PID\nx y 5\n": "unable to parse pid", "A PID\nx\n": "no PID in the line",
	} {
		if got, err := linesOf(table, []int{5}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %q, %v", table, got, err)
		}
	}
}

func TestOptionsOfPsAreNotCreels(t *testing.T) {
	c := (&program{}).psCommand()
	var got *call
	c.action = func(x *call) error { got = x; return nil }
	for line, want := range map[string]string{
		"-f json web":             "json: web",
		"web -f -o pid":           "table: web -f -o pid",
		"--format=json web -f x":  "json: web -f x",
		"web --help":              "table: web --help",
		"-- web -f":               "table: web -f",
		"--format table web -- x": "table: web -- x",
	} {
		if err := c.run(strings.Fields(line)); err != nil {
			t.Errorf("%q: %v", line, err)
		} else if s := got.String("format") + ": " + strings.Join(got.f.set.Args(), " "); s != want {
			t.Errorf("%q is %q, want %q", line, s, want)
		}
	}
}
