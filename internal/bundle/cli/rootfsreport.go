package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"

	"github.com/creel-project/creel/internal/bundle/printable"
	"github.com/creel-project/creel/internal/bundle/rootfs"
	"github.com/creel-project/creel/internal/bundle/userns"
	"github.com/opencontainers/runtime-spec/specs-go"
	"github.com/urfave/cli/v3"
)

// made is the report of creel-bundle rootfs.
type made struct {
	Dir    string         `json:"dir"`
	UserNS string         `json:"userns,omitempty"` // ROOT:LEN, where ids are shifted
	IDMap  bool           `json:"idmap"`            // the mount can be id-mapped, and ids are not shifted
	Why    string         `json:"why,omitempty"`    // it cannot
	Config *specs.Spec    `json:"config,omitempty"` // what config.json is to have for a user namespace, and 100000:65536 as an example
	Report *rootfs.Report `json:"report"`
}

func show(c *cli.Command, dir string, shift userns.Range, mapped bool, whyNot error, report *rootfs.Report) error {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	m := made{Dir: abs, IDMap: mapped && whyNot == nil, Report: report}
	switch {
	case !shift.Empty():
		m.UserNS, m.Config = shift.String(), configFor(abs, shift, false)
	case m.IDMap:
		m.Config = configFor(abs, userns.Range{Root: 100000, Length: 65536}, true)
	case whyNot != nil:
		m.Why = whyNot.Error()
	}
	if c.Bool("json") {
		e := json.NewEncoder(c.Root().Writer)
		e.SetIndent("", "  ")
		return e.Encode(&m)
	}
	return m.print(c.Root().Writer)
}

// configFor is the part of config.json that a container with a user namespace needs for this root. An id-mapped one is a
// mount on / with the option idmap, which takes the maps of the container.
func configFor(dir string, r userns.Range, mapped bool) *specs.Spec {
	s := &specs.Spec{Version: specs.Version, Root: &specs.Root{Path: dir}, Linux: &specs.Linux{
		Namespaces: []specs.LinuxNamespace{{Type: specs.UserNamespace}}, UIDMappings: r.Mappings(), GIDMappings: r.Mappings(),
	}}
	if mapped {
		s.Mounts = []specs.Mount{{Destination: "/", Type: "bind", Source: dir, Options: []string{"bind", "idmap"}}}
	}
	return s
}

func (m *made) print(w io.Writer) error {
	p := &printer{w: w}
	p.line("%s: %d entries, %d bytes", m.Dir, m.Report.Entries, m.Report.Bytes)
	switch {
	case m.UserNS != "":
		p.line("ids are shifted to %s; config.json has to say:", m.UserNS)
	case m.IDMap:
		p.line("ids are as in the source, and the mount can be id-mapped; for a container with a user namespace, here of the ids 100000:65536, config.json has to say,")
		p.line("with the mount before all others:")
	case m.Why != "":
		p.line("ids are as in the source, and the mount cannot be id-mapped: %s; a container with a user namespace needs them shifted (--userns)", m.Why)
	}
	if m.Config != nil {
		text, err := json.MarshalIndent(m.Config, "  ", "  ")
		if err != nil {
			return err
		}
		p.line("  %s", text)
	}
	if len(m.Report.LeftOut) > 0 {
		p.line("left out:")
	}
	for _, l := range m.Report.LeftOut {
		p.line("  %q: %s: %s", l.Entry, l.What, l.Why)
	}
	if m.Report.More > 0 {
		p.line("  and %d more", m.Report.More)
	}
	return p.err
}

// A printer keeps the first error.
type printer struct {
	w   io.Writer
	err error
}

func (p *printer) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintln(p.w, printable.Text(fmt.Sprintf(format, args...)))
	}
}
