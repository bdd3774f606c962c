package badinput

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
)

// nests are values that are n deep, in each of the ways there are.
func nests(n int) map[string]string {
	return map[string]string{
		"lists":   strings.Repeat("[", n) + strings.Repeat("]", n),
		"objects": strings.Repeat(`{"a":`, n) + "1" + strings.Repeat("}", n),
		"both":    strings.Repeat(`[{"linux":`, n/2) + "null" + strings.Repeat("}]", n/2),
		"no end":  strings.Repeat("[", n),
	}
}

func TestANestOfTenThousandInAnUnknownFieldIsRefusedAndALessDeepOneIgnored(t *testing.T) {
	h := harness.New(t)
	b := h.Bundle()
	text, err := os.ReadFile(b + "/config.json")
	h.Must(err)
	with := func(nest string) string {
		h.WriteFile(b+"/config.json", `{"future":`+nest+","+string(text[1:]), 0o644)
		return b
	}
	for _, nest := range nests(10_000) { // and the config itself
		h.Fails(h.Run(with(nest)), "config.json", "line 1", "more than 10000")
	}
	for kind, nest := range nests(9_998) {
		r := h.Run(with(nest))
		if kind == "no end" {
			h.Fails(r, "config.json", "line 1")
			continue
		}
		h.Ok(r)
	}
	for _, nest := range nests(5_000_000) {
		h.Fails(h.Run(with(nest)), "config.json", "line 1", "more than 10000")
	}
}

func TestANestOfTenThousandInAKnownFieldIsRefusedByName(t *testing.T) {
	h := harness.New(t)
	for _, f := range []struct{ form, field string }{
		{"%s", ""}, {`{"process":%s}`, "process"}, {`{"process":{"args":%s}}`, "process.args"}, {`{"process":{"args":[%s]}}`, "process.args[0]"},
		{`{"process":{"user":{"uid":%s}}}`, "process.user.uid"}, {`{"annotations":{"a":%s}}`, "annotations"}, {`{"mounts":[{"options":%s}]}`, "mounts[0].options"},
		{`{"linux":{"resources":{"unified":%s}}}`, "linux.resources.unified"}, {`{"linux":{"seccomp":{"syscalls":[{"args":%s}]}}}`, "linux.seccomp.syscalls[0].args"},
		{`{"hooks":{"poststop":[{"timeout":%s}]}}`, "hooks.poststop[0].timeout"}, {`{"linux":{"netDevices":{"eth0":%s}}}`, "linux.netDevices"},
	} {
		for _, depth := range []int{9_000, 10_001} {
			for kind, nest := range nests(depth) {
				r := h.Fails(h.Run(h.RawBundle(fmt.Sprintf(f.form, nest))))
				if kind == "lists" && depth < 10_000 && !strings.Contains(r.Stderr, "config.json: "+f.field) {
					t.Errorf("%s: %q is not named: %.300s", f.form, f.field, r.Stderr)
				}
				if strings.Contains(r.Stderr, "goroutine") || len(r.Stderr) > 1<<16 {
					t.Errorf("%s, %s: %.300s", f.form, kind, r.Stderr)
				}
			}
		}
	}
	if left := h.Containers(); len(left) > 0 {
		t.Errorf("left %v", left)
	}
}

func TestANestInWhatOtherCommandsReadIsRefused(t *testing.T) {
	h := harness.New(t)
	c := h.Started(h.Bundle(harness.Sleep))
	for kind, nest := range nests(20_000) {
		h.WriteFile(h.Path("nest"), `{"a":`+nest+"}", 0o644)
		if r := h.Creel("exec", "--process", h.Path("nest"), c.ID); r.Status != 255 || !strings.Contains(r.LastLine(), "more than 10000") {
			t.Errorf("%s: %.300v", kind, r)
		}
		h.Fails(h.Creel("update", "--resources", h.Path("nest"), c.ID), "--resources", "more than 10000")
		p := h.Go(func(cmd *exec.Cmd) { cmd.Stdin = strings.NewReader(`{"a":` + nest + "}") }, "mount", "add", c.ID, "-")
		h.Fails(p.Result(), "mount add "+c.ID, "more than 10000")
	}
	record := h.Root + "/" + c.ID + "/state.json"
	text, err := os.ReadFile(record)
	h.Must(err)
	h.WriteFile(record, `{"a":`+nests(20_000)["lists"]+"}", 0o600)
	h.Fails(h.Creel("state", c.ID), "record of "+c.ID, "more than 10000")
	h.WriteFile(record, string(text), 0o600)
}
