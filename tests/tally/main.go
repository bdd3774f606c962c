// Tally runs one tier of tests, prints what failed in a readable form, and adds
// the tiers up into the line that closes `make test`.
//
//	tally run TIER COMMAND…   run a tier; its exit status is the tier's
//	tally sum TIER…           add up the tiers; a tier without a record failed
//
// The command of a tier prints either the events of `go test -json`, or anything
// else. Then a closing line "N passed, N failed[, N skipped]" is taken at its
// word, and without one the command is a single test that its exit status judges.
package main

import (
	"fmt"
	"os"
)

// dir holds one record a tier between `tally run` and `tally sum`.
const dir = "build/tally"

func main() {
	args := os.Args[1:]
	var err error
	switch {
	case len(args) >= 3 && args[0] == "run":
		err = run(dir, args[1], args[2:], os.Stdout)
	case len(args) >= 2 && args[0] == "sum":
		err = sum(dir, args[1:], os.Stdout)
	default:
		err = fmt.Errorf("usage: tally run TIER COMMAND… | tally sum TIER…")
	}
	if err == nil {
		return
	}
	if err != errReported {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(1)
}
