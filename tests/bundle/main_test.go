// Package bundle runs what creel-bundle makes.
package bundle

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
)

func TestMain(m *testing.M) { os.Exit(harness.Main(m)) }

// T is a test with a bundle of its own.
type T struct {
	*harness.H
	bundle string
}

// begin makes a bundle with a root filesystem of busybox, in which there are a user and groups.
func begin(t *testing.T) *T {
	t.Helper()
	h := harness.New(t)
	b := &T{h, h.Path("bundle")}
	h.Must(harness.MakeRootfs(filepath.Join(b.bundle, "rootfs")))
	b.write("etc/passwd", "root:x:0:0::/root:/bin/sh\nwww:x:1000:1001::/srv:/bin/sh\n")
	b.write("etc/group", "root:x:0:\nwww:x:1001:\nmore:x:2000:www\nadm:x:4:\n")
	return b
}

func (b *T) write(name, text string) {
	b.Helper()
	b.WriteFile(filepath.Join(b.bundle, "rootfs", name), text, 0o644)
}

// program is the creel-bundle beside the creel under test.
func program() string { return filepath.Join(filepath.Dir(harness.Program()), "creel-bundle") }

// from makes the config of a description, which says but what the test is about.
func (b *T) from(script string, config, host map[string]any, more map[string]any, flags ...string) harness.Result {
	b.Helper()
	if host["NetworkMode"] == nil {
		host["NetworkMode"] = "none"
	}
	if config["Hostname"] == nil {
		config["Hostname"] = "web"
	}
	d := map[string]any{
		"Id": harness.Prefix() + "-docker", "Name": "/web", "Platform": "linux",
		"Path": "/bin/sh", "Args": []string{"-c", script, "sh"}, "Config": config, "HostConfig": host,
	}
	for name, value := range more {
		d[name] = value
	}
	text, err := json.Marshal([]any{d})
	b.Must(err)
	file := b.Path("inspect.json")
	b.Must(os.WriteFile(file, text, 0o644))
	return b.Program(program(), append([]string{"from-docker", "-o", b.bundle, file}, flags...)...)
}

// says makes the config and runs it, and compares what the container says.
func (b *T) says(want, script string, config, host map[string]any, more map[string]any, flags ...string) {
	b.Helper()
	b.Ok(b.from(script, config, host, more, append([]string{"--force"}, flags...)...))
	if got := strings.TrimSuffix(b.Ok(b.Run(b.bundle)).Stdout, "\n"); got != want {
		b.Errorf("%s\nsays: %s\nwant: %s", script, got, want)
	}
}

type m = map[string]any
