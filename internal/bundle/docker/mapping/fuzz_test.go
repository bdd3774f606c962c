package mapping

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/creel-project/creel/internal/bundle/docker/inspect"
	"github.com/creel-project/creel/internal/bundle/docker/report"
	"github.com/creel-project/creel/internal/bundle/network"
	"github.com/creel-project/creel/spec"
)

// What a description makes is a config that can be judged, written and read again, and a report of every field.
func FuzzMap(f *testing.F) {
	files, err := filepath.Glob("testdata/*.json")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte(base))
	for _, patch := range []string{
		`{"HostConfig":{"SecurityOpt":["seccomp={\"syscalls\":[null]}","label","a:b"],"Ulimits":[null],"BlkioWeightDevice":[null]}}`,
		`{"HostConfig":{"DeviceRequests":[{"Driver":"cdi","DeviceIDs":["nvidia.com/gpu=0"]}],"Tmpfs":{"/":"="},"Mounts":[{"TmpfsOptions":{"Options":[[]]}}]},"Mounts":[{"Type":"tmpfs","Destination":"/"}]}`,
		`{"Config":{"Env":["","=","A"],"Volumes":{"/a.b[0]":{}},"Labels":{"":"x"},"User":":"},"HostConfig":{"Devices":[{"PathOnHost":"/dev/snd"}],"PortBindings":{"80/tcp":[null]}}}`,
	} {
		text, err := json.Marshal(merge(object(f, base), object(f, patch)))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		holds(t, text)
	})
}

// FuzzValues puts values where people can write them, so that more than JSON is tried.
func FuzzValues(f *testing.F) {
	f.Add("www:more", "c 1:* rwm", "no-new-privileges", "A=1", "/d", "size=1m", "rshared", int64(5))
	f.Add("", "a *:* m", `seccomp={"syscalls":[{"names":["read"],"action":"SCMP_ACT_ALLOW"}]}`, "=", "/", "ro,exec", "", int64(-1))
	f.Add("0:0", "", "label", "PATH", "/dev", "=", "x", int64(1)<<62)
	f.Fuzz(func(t *testing.T, user, rule, option, env, dir, words, mode string, n int64) {
		text, err := json.Marshal(map[string]any{
			"Id": user, "Path": env, "Args": []string{rule, words}, "ResolvConfPath": dir, "ProcessLabel": mode,
			"Config": map[string]any{
				"User": user, "Env": []string{env, words}, "WorkingDir": dir, "Hostname": mode, "Domainname": user, "Tty": n%2 == 0, "StopSignal": mode,
				"Labels": map[string]string{option: words, env: dir}, "Volumes": map[string]any{dir: map[string]any{}},
			},
			"HostConfig": map[string]any{
				"GroupAdd": []string{user}, "DeviceCgroupRules": []string{rule}, "SecurityOpt": []string{option}, "CapAdd": []string{words}[:n&1],
				"Tmpfs": map[string]string{dir: words}, "Memory": n, "MemorySwap": n, "CpuShares": n, "PidsLimit": n, "ShmSize": n, "NanoCpus": n,
				"Sysctls": map[string]string{env: words}, "MaskedPaths": []string{dir}, "CgroupParent": dir, "NetworkMode": mode,
				"Ulimits": []any{map[string]any{"Name": words, "Soft": n, "Hard": n}},
				"Mounts":  []any{map[string]any{"Type": "volume", "Target": dir, "VolumeOptions": map[string]any{"Subpath": words}}},
			},
			"Mounts": []any{map[string]any{"Type": "volume", "Source": dir, "Destination": dir, "Propagation": mode, "RW": n > 0}},
		})
		if err != nil {
			t.Fatal(err)
		}
		holds(t, text)
	})
}

// holds makes what it can of a description.
func holds(t *testing.T, text []byte) {
	t.Helper()
	d, err := inspect.Decode(text)
	if err != nil {
		return
	}
	o := options()
	o.Root = "/"
	o.Network = network.Choice{Mode: "netns", Program: "/bin/creel-netns"}
	s, notes, err := Map(d, o)
	if err != nil {
		return
	}
	if _, err := report.Build(d.Fields, notes, s); err != nil {
		t.Fatal(err)
	}
	if _, err := spec.Validate(s, "/"); err != nil {
		return // the command refuses it
	}
	written, err := spec.Render(s)
	if err != nil {
		t.Fatal(err)
	}
	read, err := spec.Decode(written)
	if err != nil {
		t.Fatal(err)
	}
	again, err := spec.Render(read)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(written, again) {
		t.Errorf("%s\nis read as\n%s", written, again)
	}
}

func object(t testing.TB, text string) (v any) {
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return v
}
