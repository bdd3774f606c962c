// Package mutants holds runtimes that are wrong on purpose, each in one thing, and the
// conformance tests that must notice it. What no mutant can make fail would be no test.
package mutants

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// A Mutant changes what a runtime is told, or what it says.
type Mutant struct {
	Name string
	// Config changes the config of create and run before the runtime reads it.
	Config func(config object)
	// Call stands in the runtime's place and returns its exit status.
	Call func(c *Call) int
	// Fails are the tests that must fail; Test/* is all subtests of a test.
	Fails []string
	// V2 says that it shows where cgroup v2 is at /sys/fs/cgroup.
	V2 bool
}

type (
	object = map[string]any
	array  = []any
)

// All returns the mutants.
func All() (all []Mutant) {
	for _, some := range [][]Mutant{operations, configs, namespaces, hooks, cgroups, features} {
		all = append(all, some...)
	}
	return all
}

// A Call is one call of a runtime.
type Call struct {
	Real                      string // the runtime
	Args                      []string
	Command, Root, Bundle, ID string
}

// Parse reads a command line of the suite's: global flags have values.
func Parse(real string, args []string) *Call {
	c := &Call{Real: real, Args: args}
	rest := args
	for len(rest) > 1 && strings.HasPrefix(rest[0], "--") {
		if rest[0] == "--root" {
			c.Root = rest[1]
		}
		rest = rest[2:]
	}
	if len(rest) > 0 {
		c.Command, rest = rest[0], rest[1:]
	}
	for i, arg := range rest {
		switch {
		case arg == "--bundle" && i+1 < len(rest):
			c.Bundle = rest[i+1]
		case c.ID == "" && !strings.HasPrefix(arg, "--") && (i == 0 || !strings.HasPrefix(rest[i-1], "--") || rest[i-1] == "--force"):
			c.ID = arg
		}
	}
	return c
}

// run calls the runtime with other arguments behind the global ones, and our own streams.
func (c *Call) run(args ...string) int {
	return status(c.command(args...))
}

func (c *Call) command(args ...string) *exec.Cmd {
	cmd := exec.Command(c.Real, append([]string{"--root", c.Root}, args...)...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	return cmd
}

func status(cmd *exec.Cmd) int {
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		return 127
	}
	return cmd.ProcessState.ExitCode()
}

// Go calls the runtime as it was meant.
func (c *Call) Go() int {
	cmd := exec.Command(c.Real, c.Args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	return status(cmd)
}

// says calls the runtime and changes the JSON that it prints.
func (c *Call) says(edit func(said object)) int {
	cmd := exec.Command(c.Real, c.Args...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, os.Stderr
	st := status(cmd)
	var said object
	if json.Unmarshal(out.Bytes(), &said) == nil {
		edit(said)
		_ = json.NewEncoder(os.Stdout).Encode(said)
		return st
	}
	os.Stdout.Write(out.Bytes())
	return st
}

// config reads the config of the bundle, empty if there is none.
func (c *Call) config() (config object) {
	text, _ := os.ReadFile(filepath.Join(c.Bundle, "config.json"))
	_ = json.Unmarshal(text, &config)
	return config
}

// Change lets the mutant change the bundle's config.
func (c *Call) Change(edit func(config object)) {
	config := c.config()
	if config == nil {
		return
	}
	edit(config)
	text, err := json.Marshal(config)
	if err == nil {
		_ = os.WriteFile(filepath.Join(c.Bundle, "config.json"), text, 0o644)
	}
}

// note remembers the bundle and the cgroup of a container for later calls, beside the
// state directory.
func (c *Call) note() {
	text, _ := json.Marshal(object{"bundle": c.Bundle, "cgroup": c.cgroup()})
	_ = os.WriteFile(c.Root+"-"+c.ID, text, 0o644)
}

func (c *Call) noted(key string) string {
	text, _ := os.ReadFile(c.Root + "-" + c.ID)
	var noted object
	_ = json.Unmarshal(text, &noted)
	s, _ := noted[key].(string)
	return s
}

// cgroup is the directory of the config's cgroup.
func (c *Call) cgroup() string {
	path, _ := at(c.config(), "linux")["cgroupsPath"].(string)
	if path == "" {
		return ""
	}
	const tree = "/sys/fs/cgroup"
	if _, err := os.Stat(tree + "/pids"); err == nil {
		return tree + "/pids" + path
	}
	return tree + path
}

// at is the object at a path of keys, empty if there is none.
func at(o object, keys ...string) object {
	for _, key := range keys {
		o, _ = o[key].(object)
	}
	if o == nil {
		return object{}
	}
	return o
}

// objects are the elements of an array of objects.
func objects(o object, key string) (all []object) {
	list, _ := o[key].(array)
	for _, element := range list {
		if e, ok := element.(object); ok {
			all = append(all, e)
		}
	}
	return all
}
