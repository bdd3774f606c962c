package cli

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/creel-project/creel/internal/lazyjson"
	"github.com/creel-project/creel/libcontainer"
)

func (p *program) listCommand() *command {
	return &command{
		name: "list", usage: "lists containers started by creel with the given root",
		flags: func(f *flags) {
			f.text("table", "select one of: table or json", "format", "f")
			f.yes("display only container IDs", "quiet", "q")
		},
		action: p.list,
	}
}

func (p *program) list(c *call) error {
	entries, err := p.rt.List()
	if err != nil {
		return err
	}
	good := entries[:0]
	for _, e := range entries {
		if e.Err != nil {
			p.log.Error(fmt.Sprintf("load container %s: %v", e.ID, e.Err))
			continue
		}
		good = append(good, e)
	}
	switch format := c.String("format"); {
	case c.Bool("quiet"):
		return writeIDs(good)
	case format == "table":
		return writeTable(good)
	case format == "json":
		return writeJSON(good)
	default:
		return fmt.Errorf("--format %q: it takes table or json", format)
	}
}

func writeIDs(entries []libcontainer.ListEntry) error {
	w := bufio.NewWriter(os.Stdout)
	for i := range entries {
		w.WriteString(entries[i].ID)
		w.WriteByte('\n')
	}
	return w.Flush()
}

func writeTable(entries []libcontainer.ListEntry) error {
	out := bufio.NewWriter(os.Stdout) // a tabwriter writes cell by cell
	w := tabwriter.NewWriter(out, 12, 1, 3, ' ', 0)
	fmt.Fprint(w, "ID\tPID\tSTATUS\tBUNDLE\tCREATED\tOWNER\n")
	for i := range entries {
		e := &entries[i]
		fmt.Fprintf(w, "%s\t%d\t%s\t%s\t%s\t%s\n", e.ID, e.Pid, e.Status, strings.ReplaceAll(e.Bundle, "\n", "?"),
			e.Created.Format(time.RFC3339Nano), e.Owner)
	}
	return errors.Join(w.Flush(), out.Flush())
}

func writeJSON(entries []libcontainer.ListEntry) error {
	states := make([]containerState, len(entries))
	for i := range entries {
		states[i] = stateOf(&entries[i])
	}
	data, err := lazyjson.Marshal(states)
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(append(data, '\n'))
	return err
}
