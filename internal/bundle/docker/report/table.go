package report

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/creel-project/creel/internal/bundle/printable"
)

// longest is how much of a value a table shows, in bytes.
const longest = 40

// Table writes the report for people: a line for each field.
func (r *Report) Table(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(t, "FIELD\tVALUE\tFATE\tCONFIG")
	for _, e := range r.Fields {
		where := strings.Join(e.Config, " ")
		if e.Why != "" && where != "" {
			where += ": "
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", printable.Line(e.Field), short(e.Value), e.Fate, printable.Line(where+e.Why))
	}
	return t.Flush()
}

// JSON writes the report for programs.
func (r *Report) JSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "\t")
	return e.Encode(r)
}

// short is a value on one line; what would move the lines of a terminal is escaped, as JSON does.
func short(value any) string {
	b, err := json.Marshal(value)
	if err != nil {
		return ""
	}
	if len(b) > longest {
		return printable.Line(strings.ToValidUTF8(string(b[:longest-1]), "")) + "…"
	}
	return printable.Line(string(b))
}
