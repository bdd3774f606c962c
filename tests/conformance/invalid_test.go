package conformance

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
)

// missing is the value of a property that is to be left out.
type missing struct{}

// set gives the property at a path ("process.cwd") a value that Go's types may not have.
func set(object map[string]any, path string, value any) {
	key, rest, deeper := strings.Cut(path, ".")
	if deeper {
		if _, ok := object[key].(map[string]any); !ok {
			object[key] = map[string]any{}
		}
		set(object[key].(map[string]any), rest, value)
		return
	}
	if _, ok := value.(missing); ok {
		delete(object, key)
		return
	}
	object[key] = value
}

// with is a bundle whose config has other values at some paths.
func (c *C) with(values map[string]any) string {
	c.Helper()
	s := harness.Default()
	waits(s)
	oldest(s)
	text, err := json.Marshal(s)
	c.Must(err)
	var object map[string]any
	c.Must(json.Unmarshal(text, &object))
	for path, value := range values {
		set(object, path, value)
	}
	text, err = json.Marshal(object)
	c.Must(err)
	return c.RawBundle(string(text))
}

type (
	object = map[string]any
	array  = []any
)

var invalid = map[string]object{
	"ociVersion":             {"ociVersion": "one"},
	"ociVersion-missing":     {"ociVersion": missing{}},
	"root":                   {"root": missing{}},
	"root.path":              {"root": object{"readonly": true}},
	"mount-destination":      {"mounts": array{object{"type": "tmpfs", "source": "tmpfs"}}},
	"cwd":                    {"process.cwd": "tmp"},
	"cwd-missing":            {"process.cwd": missing{}},
	"args":                   {"process.args": array{}},
	"rlimit-type":            {"process.rlimits": array{object{"type": "RLIMIT_NONE", "soft": 1, "hard": 1}}},
	"rlimit-twice":           {"process.rlimits": array{object{"type": "RLIMIT_CORE", "soft": 1, "hard": 1}, object{"type": "RLIMIT_CORE", "soft": 2, "hard": 2}}},
	"scheduler-policy":       {"process.scheduler": object{"policy": "SCHED_NONE"}},
	"ioPriority-class":       {"process.ioPriority": object{"class": "IOPRIO_CLASS_NEVER", "priority": 1}},
	"hook-path":              {"hooks.createRuntime": array{object{"path": "bin/true"}}},
	"hook-path-missing":      {"hooks.createRuntime": array{object{"args": array{"true"}}}},
	"hook-timeout":           {"hooks.createRuntime": array{object{"path": "/bin/true", "timeout": 0}}},
	"annotations":            {"annotations": array{"key", "value"}},
	"annotation-key":         {"annotations": object{"": "value"}},
	"annotation-value":       {"annotations": object{"key": 1}},
	"namespace-type":         {"linux.namespaces": array{object{"type": "mount"}, object{"type": "weather"}}},
	"namespace-type-missing": {"linux.namespaces": array{object{"type": "mount"}, object{"path": "/proc/self/ns/net"}}},
	"namespace-twice":        {"linux.namespaces": array{object{"type": "mount"}, object{"type": "mount"}}},
	"rootfsPropagation":      {"linux.rootfsPropagation": "sideways"},
	"personality":            {"linux.personality": object{"domain": "LINUX128"}},
	"device-type":            {"linux.devices": array{object{"path": "/dev/x", "type": "z", "major": 1, "minor": 3}}},
	"maskedPaths":            {"linux.maskedPaths": array{"proc/kcore"}},
	"readonlyPaths":          {"linux.readonlyPaths": array{"proc/sys"}},
	"seccomp-action":         {"linux.seccomp": object{"defaultAction": "SCMP_ACT_PONDER"}},
	"seccomp-default":        {"linux.seccomp": object{"syscalls": array{object{"names": array{"mkdir"}, "action": "SCMP_ACT_ERRNO"}}}},
	"seccomp-default-errno":  {"linux.seccomp": object{"defaultAction": "SCMP_ACT_ALLOW", "defaultErrnoRet": 1}},
	"seccomp-errno":          {"linux.seccomp": object{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": array{object{"names": array{"mkdir"}, "action": "SCMP_ACT_KILL", "errnoRet": 1}}}},
	"seccomp-names":          {"linux.seccomp": object{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": array{object{"names": array{}, "action": "SCMP_ACT_ERRNO"}}}},
	"seccomp-metadata":       {"linux.seccomp": object{"defaultAction": "SCMP_ACT_ALLOW", "listenerMetadata": "data"}},
}

func TestInvalidConfigIsRefused(t *testing.T) {
	for name, values := range invalid {
		each(t, name, func(c *C) { c.refused(c.with(values)) })
	}
}

func TestUnknownAnnotationsAreIgnored(t *testing.T) {
	c := begin(t)
	c.see(func(s *S) {
		s.Annotations = map[string]string{"org.opencontainers.image.nothing-known": "x", "com.example.unknown": "", "plain": "y"}
	})
}

func TestUnknownPropertiesAreIgnored(t *testing.T) {
	c := begin(t)
	c.Ok(c.Creel("create", "--bundle", c.with(object{
		"unknown": object{"a": array{1, nil}}, "process.unknown": true, "linux.unknown": "x", "linux.resources.unknown": 1, "root.unknown": nil,
		"windows": object{"layerFolders": array{"x"}},
	}), c.ID()))
}
