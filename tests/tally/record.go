package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// errReported says that something failed and that the output already tells so:
// the closing line must stay the last one.
var errReported = errors.New("tests failed")

// A record is what one tier came to.
type record struct {
	Tier                    string
	Passed, Failed, Skipped int
	Seconds                 float64
}

func (r record) write(dir string) error {
	b, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, r.Tier+".json"), b, 0o644)
}

// sum prints a table of the tiers and the total, and reports an error if anything failed.
func sum(dir string, tiers []string, out io.Writer) error {
	var total record
	fmt.Fprintf(out, "%-20s %7s %7s %7s %8s\n", "tier", "passed", "failed", "skipped", "seconds")
	for _, tier := range tiers {
		r := record{Tier: tier, Failed: 1}
		b, err := os.ReadFile(filepath.Join(dir, tier+".json"))
		if err == nil {
			err = json.Unmarshal(b, &r)
		}
		if err != nil {
			fmt.Fprintf(out, "%-20s could not run\n", tier)
		} else {
			fmt.Fprintf(out, "%-20s %7d %7d %7d %8.1f\n", tier, r.Passed, r.Failed, r.Skipped, r.Seconds)
		}
		total.Passed += r.Passed
		total.Failed += r.Failed
		total.Skipped += r.Skipped
	}
	fmt.Fprintf(out, "%d passed, %d failed, %d skipped\n", total.Passed, total.Failed, total.Skipped)
	if total.Failed > 0 {
		return errReported
	}
	if total.Passed == 0 {
		return fmt.Errorf("no test ran")
	}
	return nil
}
