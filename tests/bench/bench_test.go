package main

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestMedianOfAnEvenNumberIsTheMeanOfTheMiddleTwo(t *testing.T) {
	if got := median([]time.Duration{9, 1, 5}); got != 5 {
		t.Errorf("of three: %d", got)
	}
	if got := median([]uint64{40, 10, 20, 30}); got != 25 {
		t.Errorf("of four: %d", got)
	}
}

// measured makes results in which each runtime took the given milliseconds for `run`.
func measured(ms map[string]int) (results, []*runtime) {
	rs, runtimes := results{}, []*runtime{}
	for _, name := range []string{"creel", "crun", "crun-1.28", "runc", "floor", bareFloor} {
		r := &runtime{name: name, oci: true}
		if ms[name] > 0 {
			rs.add("run", r, time.Duration(ms[name])*time.Millisecond)
			runtimes = append(runtimes, r)
		}
	}
	return rs, runtimes
}

func TestCreelIsJudgedByTheFastestCrunThatDoesTheSameWork(t *testing.T) {
	rs, runtimes := measured(map[string]int{"creel": 7, "crun": 10, "crun-1.28": 14})
	run := []bar{{name: "run", against: "crun", limit: 0.6}}
	if v := rs.judge(run, runtimes); len(v) != 1 || v[0].Peer != "crun" || v[0].Value != 0.7 || v[0].Pass {
		t.Errorf("with both doing the same: %+v", v)
	}
	runtimes[1].noDevices = true
	if v := rs.judge(run, runtimes); len(v) != 1 || v[0].Peer != "crun-1.28" || v[0].Value != 0.5 || !v[0].Pass {
		t.Errorf("with one doing less: %+v", v)
	}
}

func TestAbsentFiguresAreNotJudged(t *testing.T) {
	rs, runtimes := measured(map[string]int{"crun": 10, "floor": 2})
	if v := rs.judge(bars, runtimes); len(v) != 0 {
		t.Errorf("without creel: %+v", v)
	}
	rs, runtimes = measured(map[string]int{"creel": 5, "floor": 2, bareFloor: 1})
	if v := rs.judge(bars, runtimes); len(v) != 1 || v[0].Peer != "floor" || v[0].Pass {
		t.Errorf("with the floor alone: %+v", v)
	}
}

func TestSystemCallsAreCountedOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "trace")
	trace := `10 execve("/a", ["a"], 0x1) = 0
10 wait4(11,  <unfinished ...>
11 mount("proc", "proc", "proc", 0, NULL) = 0
11 exit_group(0)                     = ?
10 <... wait4 resumed>[{WIFEXITED(s)}], 0, NULL) = 11
11 +++ exited with 0 +++
10 --- SIGCHLD {si_signo=SIGCHLD} ---
`
	if err := os.WriteFile(path, []byte(trace), 0o600); err != nil {
		t.Fatal(err)
	}
	counts, err := readTrace(path)
	if err != nil || len(counts) != 4 || counts["wait4"] != 1 || counts["mount"] != 1 {
		t.Errorf("counted %v, %v", counts, err)
	}
}

func TestChartIsWellFormedAndHasABarForEachFigure(t *testing.T) {
	rs, runtimes := measured(map[string]int{"creel": 3, "crun": 5, "runc": 15})
	b := &bench{results: rs, runtimes: runtimes}
	path := filepath.Join(t.TempDir(), "bench.svg")
	if err := b.newReport().chart(path); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for d := xml.NewDecoder(strings.NewReader(string(text))); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if n := strings.Count(string(text), "<rect"); n != 1+3+3 { // background, legend, bars
		t.Errorf("%d rectangles", n)
	}
}

func TestVariantsDifferFromTheDefaultInTheirPointOnly(t *testing.T) {
	dir := t.TempDir()
	write := func(v variant) string {
		t.Helper()
		b, err := v.write(dir, "/rootfs")
		if err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(filepath.Join(b.dir, "config.json"))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	plain := write(variant{name: "a", command: "/bin/true"})
	for word, v := range map[string]variant{
		`"seccomp"`:    {name: "b", command: "/bin/true", docker: true},
		`"memory"`:     {name: "c", command: "/bin/true", memory: 1 << 20},
		`"/bin/pause"`: {name: "d", command: "/bin/pause"},
	} {
		if text := write(v); strings.Contains(plain, word) || !strings.Contains(text, word) {
			t.Errorf("%s: in the default %v, in the variant %v", word, strings.Contains(plain, word), strings.Contains(text, word))
		}
	}
	for word, v := range map[string]variant{
		`"type": "cgroup"
			}
		],
		"maskedPaths"`: {name: "e", command: "/bin/true", hostCgroup: true},
		`"devices"`: {name: "f", command: "/bin/true", noDevices: true},
	} {
		if text := write(v); !strings.Contains(plain, word) || strings.Contains(text, word) {
			t.Errorf("%s: in the default %v, in the variant %v", word, strings.Contains(plain, word), strings.Contains(text, word))
		}
	}
}

func TestEveryTimeThatIsJudgedIsInTheTable(t *testing.T) {
	for _, b := range bars {
		if !slices.Contains(rows, b.name) {
			t.Errorf("%s is measured and not shown", b.name)
		}
	}
}
