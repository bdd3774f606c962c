// Wrong is a runtime that is wrong in the way that WRONG names (package mutants): it
// changes something on the way to the real runtime, which REAL names, or back.
package main

import (
	"fmt"
	"os"

	"github.com/creel-project/creel/tests/conformance/mutants"
)

func main() {
	c := mutants.Parse(os.Getenv("REAL"), os.Args[1:])
	name := os.Getenv("WRONG")
	if name == "" {
		os.Exit(c.Go())
	}
	for _, m := range mutants.All() {
		if m.Name != name {
			continue
		}
		if m.Config != nil && c.Bundle != "" {
			c.Change(m.Config)
		}
		if m.Call != nil {
			os.Exit(m.Call(c))
		}
		os.Exit(c.Go())
	}
	fmt.Fprintf(os.Stderr, "there is no mutant %q\n", name)
	os.Exit(125)
}
