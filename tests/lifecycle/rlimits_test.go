package lifecycle

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// rlimit sets one limit of a config, the only one.
func rlimit(kind string, soft, hard uint64) harness.Mutate {
	return func(s *specs.Spec) { s.Process.Rlimits = []specs.POSIXRlimit{{Type: kind, Soft: soft, Hard: hard}} }
}

func limitLine(h *harness.H, name, text string) string {
	h.Helper()
	m := regexp.MustCompile("(?m)^" + name + ` +(\S+) +(\S+)`).FindStringSubmatch(text)
	if m == nil {
		h.Fatalf("no %q in %s", name, text)
	}
	return m[1] + " " + m[2]
}

func TestEveryResourceLimitIsSet(t *testing.T) {
	h := harness.New(t)
	names := map[string]string{
		"RLIMIT_CPU": "Max cpu time", "RLIMIT_FSIZE": "Max file size", "RLIMIT_DATA": "Max data size", "RLIMIT_STACK": "Max stack size",
		"RLIMIT_CORE": "Max core file size", "RLIMIT_RSS": "Max resident set", "RLIMIT_NPROC": "Max processes", "RLIMIT_NOFILE": "Max open files",
		"RLIMIT_MEMLOCK": "Max locked memory", "RLIMIT_AS": "Max address space", "RLIMIT_LOCKS": "Max file locks", "RLIMIT_SIGPENDING": "Max pending signals",
		"RLIMIT_MSGQUEUE": "Max msgqueue size", "RLIMIT_NICE": "Max nice priority", "RLIMIT_RTPRIO": "Max realtime priority", "RLIMIT_RTTIME": "Max realtime timeout",
	}
	own, err := os.ReadFile("/proc/self/limits")
	h.Must(err)
	var limits []specs.POSIXRlimit
	want := map[string]string{}
	for kind, name := range names {
		soft, hard := uint64(1<<26), uint64(1<<27)
		switch now := limitLine(h, name, string(own)); kind {
		case "RLIMIT_NICE", "RLIMIT_RTPRIO":
			soft, hard = 0, 0 // what every machine allows
		case "RLIMIT_NOFILE", "RLIMIT_NPROC", "RLIMIT_SIGPENDING":
			soft, hard = 100, 200
		case "RLIMIT_MEMLOCK", "RLIMIT_MSGQUEUE":
			soft, hard = 4096, 8192
		case "RLIMIT_CORE":
			if now != "unlimited unlimited" {
				soft, hard = 0, 0
			}
		}
		limits = append(limits, specs.POSIXRlimit{Type: kind, Soft: soft, Hard: hard})
		want[name] = fmt.Sprint(soft, " ", hard)
	}
	r := h.Ok(h.Run(h.Bundle(harness.Args("cat", "/proc/self/limits"), func(s *specs.Spec) { s.Process.Rlimits = limits })))
	for name, w := range want {
		if got := limitLine(h, name, r.Stdout); got != w {
			t.Errorf("%s: %s, want %s", name, got, w)
		}
	}
}

func TestAnInfiniteLimitIsUnlimited(t *testing.T) {
	h := harness.New(t)
	var now unix.Rlimit
	h.Must(unix.Getrlimit(unix.RLIMIT_FSIZE, &now))
	if now.Max != unix.RLIM_INFINITY {
		t.Fatalf("the machine itself limits the size of files to %d", now.Max)
	}
	r := h.Ok(h.Run(h.Bundle(harness.Args("cat", "/proc/self/limits"), rlimit("RLIMIT_FSIZE", unix.RLIM_INFINITY, unix.RLIM_INFINITY))))
	expect(t, limitLine(h, "Max file size", r.Stdout), "unlimited unlimited")
}

func TestFiveOpenFilesAreEnoughToStart(t *testing.T) {
	for _, m := range []harness.Mutate{func(*specs.Spec) {}, harness.UserNS(0, 65536)} {
		h := harness.New(t)
		b := h.Bundle(harness.Script("ulimit -n; ulimit -Hn"), rlimit("RLIMIT_NOFILE", 5, 5), m)
		expect(t, h.Ok(h.Run(b)).Stdout, "5\n5\n")
		c := h.Started(b)
		h.WaitFor(c.ID, "stopped")
		expect(t, c.Output(), "5\n5\n")
	}
}

func TestLimitsThatAreNotSetAreTheCallers(t *testing.T) {
	h := harness.New(t)
	b := h.Bundle(harness.Script("ulimit -n; ulimit -Hn; ulimit -c"), func(s *specs.Spec) { s.Process.Rlimits = nil })
	for _, flags := range [][]string{{"run", "--bundle", b}, {"create", "--bundle", b}} {
		id := h.ID()
		p := h.Go(func(c *exec.Cmd) {
			c.Args = append([]string{"sh", "-c", `ulimit -Sc 0; ulimit -n 3000; ulimit -Sn 1111; exec "$0" "$@"`, c.Path}, c.Args[1:]...)
			c.Path = "/bin/sh"
		}, append(flags, id)...)
		h.Ok(p.Result())
		if flags[0] == "create" {
			h.Ok(h.Creel("start", id))
			h.WaitFor(id, "stopped")
		}
		expect(t, p.Output(), "1111\n3000\n0\n")
	}
}

func TestALimitAboveTheHardOneNeedsThePrivilege(t *testing.T) {
	h := harness.New(t)
	b := h.Bundle(harness.Script("ulimit -n; ulimit -Hn"), rlimit("RLIMIT_NOFILE", 4000, 4000))
	p := h.Go(func(c *exec.Cmd) {
		c.Args = append([]string{"sh", "-c", `ulimit -n 3000; exec "$0" "$@"`, c.Path}, c.Args[1:]...)
		c.Path = "/bin/sh"
	}, "run", "--bundle", b, h.ID())
	if r := p.Result(); holds(h, "CAP_SYS_RESOURCE") {
		expect(t, h.Ok(r).Stdout, "4000\n4000\n")
	} else {
		h.Fails(r, "process.rlimits[0]", "RLIMIT_NOFILE", "4000", "operation not permitted")
	}
}

func TestTheOOMScoreIsTheConfigsOrTheCallers(t *testing.T) {
	h := harness.New(t)
	own, err := os.ReadFile("/proc/self/oom_score_adj")
	h.Must(err)
	expect(t, h.Sh("cat /proc/self/oom_score_adj")+"\n", string(own))
	for _, m := range []harness.Mutate{func(*specs.Spec) {}, harness.UserNS(0, 65536)} {
		expect(t, h.Sh("cat /proc/self/oom_score_adj", m, func(s *specs.Spec) { s.Process.OOMScoreAdj = harness.Ptr(789) }), "789")
	}
	r := h.Run(h.Bundle(harness.Script("cat /proc/self/oom_score_adj"), func(s *specs.Spec) { s.Process.OOMScoreAdj = harness.Ptr(-999) }))
	if holds(h, "CAP_SYS_RESOURCE") {
		expect(t, h.Ok(r).Stdout, "-999\n")
	} else {
		h.Fails(r, "process.oomScoreAdj", "-999", "permission denied")
	}
}
