package main

import (
	"fmt"
	"os"
	"strings"
)

// colours has a family of colours for each runtime and its other versions.
var colours = []struct {
	runtime string
	shades  []string
}{
	{"creel", []string{"#0f766e", "#14b8a6", "#5eead4"}},
	{"crun", []string{"#c2410c", "#fb923c", "#fed7aa"}},
	{"runc", []string{"#6d28d9", "#a78bfa", "#ddd6fe"}},
	{"floor", []string{"#4b5563", "#9ca3af"}},
	{"", []string{"#1d4ed8", "#60a5fa"}},
}

// colour gives the runtimes of one family different shades, in their order.
func (r *report) colour(name string) string {
	for _, family := range colours {
		if !strings.HasPrefix(name, family.runtime) {
			continue
		}
		n := 0
		for _, p := range r.Runtimes {
			if p.Name == name {
				break
			}
			if strings.HasPrefix(p.Name, family.runtime) {
				n++
			}
		}
		return family.shades[n%len(family.shades)]
	}
	return ""
}

const (
	labelWidth = 190
	barWidth   = 520
	barHeight  = 13
	groupGap   = 12
)

// chart draws the medians as horizontal bars, grouped by case. Each group has a
// scale of its own, so that `state` can be read beside `100 at once`.
func (r *report) chart(path string) error {
	var s strings.Builder
	y := 56
	for _, c := range r.Cases {
		y = r.group(&s, c, y)
	}
	var legend strings.Builder
	x := 16
	for _, p := range r.Runtimes {
		fmt.Fprintf(&legend, `<rect x="%d" y="32" width="10" height="10" fill="%s"/><text x="%d" y="41">%s</text>`+"\n",
			x, r.colour(p.Name), x+14, p.Name)
		x += 30 + 8*len(p.Name)
	}
	svg := fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="sans-serif" font-size="11" fill="#1f2937">
<rect width="100%%" height="100%%" fill="#ffffff"/>
<text x="16" y="20" font-size="13" font-weight="bold">Milliseconds a command, median (shorter is better) · %s, %s, Linux %s</text>
%s%s</svg>
`, labelWidth+barWidth+90, y+8, r.Date, r.Machine.CPU, r.Machine.Kernel, legend.String(), s.String())
	return os.WriteFile(path, []byte(svg), 0o644)
}

// group draws one case and returns where the next begins.
func (r *report) group(s *strings.Builder, c figures, y int) int {
	longest := 0.0
	for _, sum := range c.Of {
		longest = max(longest, sum.Median)
	}
	if longest == 0 {
		return y // a case without times
	}
	fmt.Fprintf(s, `<text x="16" y="%d" font-weight="bold">%s</text>`+"\n", y+10, c.Case)
	for _, p := range r.Runtimes {
		sum := c.Of[p.Name]
		if sum == nil || sum.Count == 0 {
			continue
		}
		width := sum.Median / longest * barWidth
		fmt.Fprintf(s, `<rect x="%d" y="%d" width="%.1f" height="%d" fill="%s"/><text x="%.1f" y="%d">%.2f</text>`+"\n",
			labelWidth, y, width, barHeight-2, r.colour(p.Name), labelWidth+width+5, y+10, sum.Median)
		y += barHeight
	}
	return y + groupGap
}
