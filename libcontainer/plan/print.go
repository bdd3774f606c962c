package plan

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/creel-project/creel/internal/lazyjson"
)

// Line is one step of a plan as people and programs read it.
type Line struct {
	Step   int    `json:"step"`
	Side   string `json:"side"`             // "host", "stage 1", "helper" or "init"
	Op     string `json:"op"`               // an operation's name, or the host's moment
	What   string `json:"what"`             // the attempt, with its object
	Args   string `json:"args,omitempty"`   // slots, flags, numbers
	Source string `json:"source,omitempty"` // the field that asked for it
}

// Document is a plan that can be printed.
type Document struct {
	ID    string `json:"id"`
	Lines []Line `json:"steps"`
}

// Document returns the host's and init's steps in the order in which they
// happen. Closing of fds is left out: it explains nothing.
func (p *Plan) Document(id string) *Document {
	d := &Document{ID: id}
	d.host(p, BeforeInit, BeforePlan)
	helper, end := p.sides()
	for i := range p.Ops {
		o := &p.Ops[i]
		if o.Code == Close {
			continue
		}
		side := "init"
		switch {
		case i < helper:
			side = "stage 1"
		case i < end:
			side = "helper"
		}
		d.add(Line{Side: side, Op: o.Code.String(), What: o.Doing, Args: o.args(), Source: o.Source})
		switch {
		case o.Code == Exec:
			d.host(p, AfterExec, AfterExec)
		case o.Sync == SyncMapped:
			d.host(p, AtMapped, AtMapped)
		case o.Sync == SyncNetwork:
			d.host(p, AtNetwork, AtNetwork)
		case o.Sync == SyncHooks:
			d.host(p, AtHooks, AtHooks)
		case o.Sync == SyncConsole:
			d.host(p, AtConsole, AtConsole)
		case o.Sync == SyncCreated:
			d.host(p, AtCreated, AtCreated)
		case o.Sync == SyncAgent:
			d.host(p, AtAgent, AtAgent)
		}
	}
	d.host(p, AfterDelete, AfterDelete)
	return d
}

// sides returns the first op of the helper, if it is not stage 1, and the first
// of the process that becomes the container.
func (p *Plan) sides() (helper, init int) {
	for i := range p.Ops {
		switch o := &p.Ops[i]; {
		case o.Code != Clone:
		case o.Helper:
			helper = int(o.N[1])
		case helper == 0:
			return int(o.N[1]), int(o.N[1])
		default:
			return helper, int(o.N[1])
		}
	}
	return 0, 0
}

func (d *Document) add(l Line) {
	l.Step = len(d.Lines) + 1
	d.Lines = append(d.Lines, l)
}

func (d *Document) host(p *Plan, from, to When) {
	for _, s := range p.Host {
		if s.When >= from && s.When <= to {
			d.add(Line{Side: "host", Op: s.When.String(), What: s.What, Args: s.Detail, Source: s.Source})
		}
	}
}

// flagNames are the names of Flags, by bit.
var flagNames = [...]string{
	"optional", "recursive", "legacy", "not-proc", "no-links", "regular", "null-device",
	"access-ok", "verify", "mkdir", "keep", "no-follow",
}

// args writes what an operation is given, for a reader: its strings, numbers,
// flags and lists. Late values stand as <home>.
func (o *Op) args() string {
	var w []string
	if o.Path != "" && !strings.Contains(o.Doing, o.Path) {
		w = append(w, o.Path)
	}
	if t := o.textWords(); t != "" {
		w = append(w, t)
	}
	for i, n := range o.N {
		if n != 0 {
			w = append(w, "n"+strconv.Itoa(i)+"="+strconv.FormatUint(n, 16))
		}
	}
	for i, name := range flagNames {
		if o.Flags&(1<<i) != 0 {
			w = append(w, name)
		}
	}
	if len(o.Argv) > 0 {
		w = append(w, "argv="+argWords(o.Argv))
	}
	if len(o.Envp) > 0 {
		w = append(w, "env="+argWords(o.Envp))
	}
	return strings.Join(w, " ")
}

func (o *Op) textWords() string {
	switch o.Code {
	case Seccomp:
		return fmt.Sprintf("%d instructions", len(o.Text)/8)
	case Groups:
		return fmt.Sprintf("%d groups", len(o.Text)/4)
	case Scheduler, Hook, MemPolicy, Affinity:
		return ""
	}
	return strings.TrimSuffix(strings.ReplaceAll(string(o.Text), "\x00", ","), ",")
}

func argWords(args []Arg) string {
	words := make([]string, len(args))
	for i, a := range args {
		words[i] = a.Text
		if a.Late == LateHome {
			words[i] += "<home>"
		}
	}
	return fmt.Sprintf("%q", words)
}

// WriteTable writes the steps as a table.
func (d *Document) WriteTable(w io.Writer) error {
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "%4s  %-8s %-14s %-28s %s\n", "STEP", "SIDE", "OP", "FIELD", "WHAT")
	for _, l := range d.Lines {
		fmt.Fprintf(out, "%4d  %-8s %-14s %-28s %s", l.Step, l.Side, l.Op, l.Source, l.What)
		if l.Args != "" {
			fmt.Fprintf(out, "  [%s]", l.Args)
		}
		out.WriteByte('\n')
	}
	return out.Flush()
}

// WriteJSON writes the document as indented JSON.
func (d *Document) WriteJSON(w io.Writer) error {
	data, err := lazyjson.MarshalIndent(d, "", "  ")
	if err != nil {
		return err
	}
	_, err = w.Write(append(data, '\n'))
	return err
}
