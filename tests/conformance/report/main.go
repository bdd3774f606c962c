// Report runs the conformance suite on several runtimes, in both views of cgroups,
// and writes what came of it: conformance.json for programs, conformance.md to read.
//
//	report -suite DIR -out DIR NAME=PATH…
package main

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/creel-project/creel/tests/conformance/requirements"
)

func main() {
	suite := flag.String("suite", "build/conformance", "the directory with the suite and its probe")
	out := flag.String("out", "docs", "the directory to write to")
	flag.Parse()
	if err := report(*suite, *out, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func report(suite, out string, runtimes []string) error {
	list, err := requirements.List()
	if err != nil {
		return err
	}
	r := newResults(list)
	for _, runtime := range runtimes {
		name, path, ok := strings.Cut(runtime, "=")
		if !ok || path == "" {
			return fmt.Errorf("runtime %q: NAME=PATH is wanted", runtime)
		}
		path, err := filepath.Abs(path)
		if err != nil {
			return err
		}
		if !strings.Contains(name, "-") {
			name += "-" + version(path)
		}
		all := map[string]map[string]string{}
		for _, view := range []string{"v1", "v2"} {
			if view == "v1" && strings.HasPrefix(name, "crun") {
				continue // it does not know this machine's layout of v1
			}
			ends, err := run(suite, path, view)
			if err != nil {
				return fmt.Errorf("%s on %s: %w", name, view, err)
			}
			all[view] = ends
			fmt.Printf("%s on cgroup %s: %d tests\n", name, view, len(ends))
		}
		if !runs(all) {
			r.LeftOut = append(r.LeftOut, name)
			continue
		}
		r.Runtimes = append(r.Runtimes, name)
		for _, view := range slices.Sorted(maps.Keys(all)) {
			r.add(name, view, all[view])
		}
	}
	return r.write(out)
}

// runs says whether a runtime can make the simplest of containers on this machine: old
// ones want privileges or a kernel that it does not have, which says nothing about them.
func runs(all map[string]map[string]string) bool {
	for _, ends := range all {
		if ends["TestCreateMakesAContainer"] == "PASS" {
			return true
		}
	}
	return false
}

var number = regexp.MustCompile(`version v?(\S+)`)

// version asks a runtime for its version.
func version(path string) string {
	out, _ := exec.Command(path, "--version").Output()
	if m := number.FindSubmatch(out); m != nil {
		v, _, _ := strings.Cut(string(m[1]), "+")
		return v
	}
	return "unknown"
}

var result = regexp.MustCompile(`(?m)^ *--- (PASS|FAIL|SKIP): (\S+)`)

// run runs the suite on one runtime and returns how each test ended. A test that fails
// need not wait as long as one of creel's may.
func run(suite, runtime, view string) (map[string]string, error) {
	suite, err := filepath.Abs(suite)
	if err != nil {
		return nil, err
	}
	args := []string{suite + "/suite", "-test.v", "-test.timeout=10m"}
	if view == "v2" {
		args = append([]string{"hack/cgroup2.sh"}, args...)
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = append(os.Environ(), "CREEL="+runtime, "PROBE="+suite+"/probe", "CREEL_TEST_PATIENCE=3s", "CREEL_LEAK_PATIENCE=3s")
	if !strings.HasPrefix(filepath.Base(runtime), "creel") { // the suite does not hold it to that
		cmd.Env = append(cmd.Env, "CREEL_LEAK_PATIENCE=20ms")
	}
	text, _ := cmd.CombinedOutput()
	ends := map[string]string{}
	for _, m := range result.FindAllStringSubmatch(string(text), -1) {
		ends[m[2]] = m[1]
	}
	if len(ends) == 0 {
		return nil, fmt.Errorf("no test ran: %s", text)
	}
	log := filepath.Join(suite, filepath.Base(filepath.Dir(runtime))+"-"+filepath.Base(runtime)+"-"+view+".log")
	return ends, os.WriteFile(log, text, 0o644)
}
