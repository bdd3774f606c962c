package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// A result is what a case came to.
type result struct {
	Name     string    `json:"name"`
	Title    string    `json:"title"`
	Runtimes []figures `json:"runtimes"`
	atOnce   int
}

// figures are those of one runtime: the median time of a call, and processor time of the runtime's processes for each
// container or probe. Ratios are creel's figure through this one.
type figures struct {
	Name      string  `json:"name"`
	WallMs    float64 `json:"wallMs"`
	CPUMs     float64 `json:"cpuMs"`
	WallRatio float64 `json:"creelWallRatio"`
	CPURatio  float64 `json:"creelCpuRatio"`

	walls []time.Duration
	cpu   time.Duration
}

// sum turns the measurements of n containers or probes into figures.
func (r *result) sum(n int) {
	for i := range r.Runtimes {
		f := &r.Runtimes[i]
		slices.Sort(f.walls)
		f.WallMs = ms(f.walls[len(f.walls)/2])
		f.CPUMs = ms(f.cpu) / float64(n)
		f.WallRatio = r.Runtimes[0].WallMs / f.WallMs
		f.CPURatio = r.Runtimes[0].CPUMs / f.CPUMs
	}
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func (r *result) print(w io.Writer) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(t, "%s\tms\tper second\tcreel is\tCPU ms\tcreel is\t\n", r.Title)
	for _, f := range r.Runtimes {
		fmt.Fprintf(t, "%s\t%.1f\t%.1f\t%.2f\t%.2f\t%.2f\t\n",
			f.Name, f.WallMs, 1000*float64(r.atOnce)/f.WallMs, f.WallRatio, f.CPUMs, f.CPURatio)
	}
	t.Flush()
}

// write writes everything as JSON.
func write(path string, o *options, results []result) error {
	versions := map[string]string{}
	for _, p := range o.runtimes {
		versions[p.name] = firstLine(p.path, "--version")
	}
	for _, engine := range []string{"dockerd", "containerd"} {
		versions[engine] = firstLine(engine, "--version")
	}
	text, err := json.MarshalIndent(map[string]any{
		"date": time.Now().Format(time.DateOnly), "versions": versions, "rounds": o.rounds, "cases": results,
	}, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o644)
}

func firstLine(program string, args ...string) string {
	out, _ := exec.Command(program, args...).Output()
	line, _, _ := strings.Cut(string(out), "\n")
	return line
}
