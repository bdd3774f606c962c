// Lint holds the house together: formatting, vet and staticcheck, and the rules
// of CONTRIBUTING.md that a program can judge. It prints one line a check, what
// each found, and a closing line of counts.
package main

import (
	"flag"
	"fmt"
	"os"
	"time"
)

// A check looks at the tree and returns one sentence for each thing that is wrong.
type check struct {
	name string
	run  func(*tree) ([]string, error)
}

var checks = []check{
	{"gofmt", gofmt},
	{"go vet", vet},
	{"go vet with the tags of the release", vetTags},
	{"staticcheck", staticcheck},
	{"shell syntax", shell},
	{"file sizes", sizes},
	{"imports", imports},
	{"root filesystem by fd only", rootByFD},
	{"words", words},
	{"shown files", shown},
	{"work before main", inits},
}

func main() {
	t := &tree{root: "."}
	flag.StringVar(&t.gocmd, "go", "go", "the go command")
	flag.StringVar(&t.tags, "tags", "", "build tags of the release")
	flag.StringVar(&t.staticcheck, "staticcheck", "staticcheck", "the staticcheck command")
	flag.StringVar(&t.creel, "creel", "bin/creel", "the built program")
	flag.Parse()

	passed, failed := 0, 0
	for _, c := range checks {
		started := time.Now()
		findings, err := c.run(t)
		if err != nil {
			findings = append(findings, err.Error())
		}
		word := "ok"
		if len(findings) > 0 {
			word = "FAIL"
			failed++
		} else {
			passed++
		}
		fmt.Printf("  %-8s %s (%.1f s)\n", word, c.name, time.Since(started).Seconds())
		for _, f := range findings {
			fmt.Printf("    %s\n", f)
		}
	}
	fmt.Printf("%d passed, %d failed\n", passed, failed)
	if failed > 0 {
		os.Exit(1)
	}
}
