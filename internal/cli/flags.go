package cli

import (
	"flag"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

// flags are the flags of one command, or the global ones: the standard
// library's, which is also what engines' command lines are written for, with
// aliases and help as runc prints it.
type flags struct {
	set  *flag.FlagSet
	docs []flagDoc

	ordered bool // what follows the first argument is none of ours
}

// flagDoc is one line of help.
type flagDoc struct {
	names  []string // long name first, without dashes
	value  bool     // the flag takes a value
	deflt  string
	usage  string
	hidden bool
}

func newFlags(name string) *flags {
	f := &flags{set: flag.NewFlagSet(name, flag.ContinueOnError), docs: make([]flagDoc, 0, 16)}
	f.set.SetOutput(io.Discard) // errors are printed by Main, with everything else
	f.set.Usage = func() {}
	return f
}

// text, yes, number and period declare flags; names[0] is the one that looks them up.
func (f *flags) text(deflt, usage string, names ...string) {
	v := new(string)
	for _, n := range names {
		f.set.StringVar(v, n, deflt, usage)
	}
	f.docs = append(f.docs, flagDoc{names: names, value: true, deflt: deflt, usage: usage})
}

func (f *flags) yes(usage string, names ...string) {
	v := new(bool)
	for _, n := range names {
		f.set.BoolVar(v, n, false, usage)
	}
	f.docs = append(f.docs, flagDoc{names: names, usage: usage})
}

func (f *flags) number(usage string, names ...string) {
	v := new(int)
	for _, n := range names {
		f.set.IntVar(v, n, 0, usage)
	}
	f.docs = append(f.docs, flagDoc{names: names, value: true, usage: usage})
}

// list declares a flag that may be given several times.
func (f *flags) list(usage string, names ...string) {
	v := new(words)
	for _, n := range names {
		f.set.Var(v, n, usage)
	}
	f.docs = append(f.docs, flagDoc{names: names, value: true, usage: usage})
}

// words are the values of a flag that may be given several times.
type words []string

func (w *words) String() string     { return strings.Join(*w, ",") }
func (w *words) Set(s string) error { *w = append(*w, s); return nil }
func (w *words) Get() any           { return []string(*w) }

// given says whether a flag stands on the command line, under any of its names.
func (f *flags) given(names ...string) (is bool) {
	f.set.Visit(func(g *flag.Flag) { is = is || slices.Contains(names, g.Name) })
	return is
}

func (f *flags) period(deflt time.Duration, usage string, names ...string) {
	v := new(time.Duration)
	for _, n := range names {
		f.set.DurationVar(v, n, deflt, usage)
	}
	f.docs = append(f.docs, flagDoc{names: names, value: true, usage: usage + " (default: " + deflt.String() + ")"})
}

// hide keeps the last flag out of the help.
func (f *flags) hide() { f.docs[len(f.docs)-1].hidden = true }

// parse reads flags wherever they stand among the arguments, as runc does. What
// follows "--" is an argument, whatever it looks like.
func (f *flags) parse(args []string) error {
	if f.ordered {
		return f.set.Parse(args)
	}
	var plain []string
	for {
		if err := f.set.Parse(args); err != nil {
			return err
		}
		rest := f.set.Args()
		n := len(args) - len(rest)
		if len(rest) == 0 || n > 0 && args[n-1] == "--" {
			plain = append(plain, rest...)
			return f.set.Parse(append([]string{"--"}, plain...))
		}
		plain, args = append(plain, rest[0]), rest[1:]
	}
}

// get returns the value of a declared flag.
func (f *flags) get(name string) any {
	return f.set.Lookup(name).Value.(flag.Getter).Get()
}

// writeHelp writes one line a flag, --help among them.
func (f *flags) writeHelp(w io.Writer) {
	tw := tabwriter.NewWriter(w, 1, 8, 2, ' ', 0)
	for _, d := range append(f.docs, flagDoc{names: []string{"help", "h"}, usage: "show help"}) {
		if d.hidden {
			continue
		}
		words := make([]string, len(d.names))
		for i, n := range d.names {
			words[i] = "--" + n
			if len(n) == 1 {
				words[i] = "-" + n
			}
			if d.value {
				words[i] += " value"
			}
		}
		usage := d.usage
		if d.deflt != "" {
			usage += " (default: " + strconv.Quote(d.deflt) + ")"
		}
		fmt.Fprintf(tw, "   %s\t%s\n", strings.Join(words, ", "), usage)
	}
	tw.Flush()
}
