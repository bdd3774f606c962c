package rdt

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// compare refuses an existing group by closID whose schemata differ from what
// l3CacheSchema and memBwSchema ask for: it is shared with others.
func (g *Group) compare() error {
	if g.conf.L3CacheSchema == "" && g.conf.MemBwSchema == "" {
		return nil
	}
	path := filepath.Join(g.rec.Dir, "schemata")
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("%s.closID: %w", field, err)
	}
	have := map[string]map[string]string{}
	for l := range strings.Lines(string(text)) {
		resource, values := schema(l)
		have[resource] = values
	}
	for _, l := range g.lines() {
		if strings.HasPrefix(l.field, "schemata") {
			continue
		}
		resource, values := schema(l.text)
		for id, v := range values {
			if now, ok := have[resource][id]; !ok || now != v {
				return fmt.Errorf("%s.%s: %q is not what %s has, %s:%s=%s, and others may be in that group: %w",
					field, l.field, l.text, path, resource, id, now, unix.EEXIST)
			}
		}
	}
	return nil
}

// schema reads "L3:0=7f0;1=1f". Bit masks have as many leading zeros in the file
// as the widest needs; in the config they may have none.
func schema(l string) (resource string, values map[string]string) {
	resource, rest, _ := strings.Cut(strings.TrimSpace(l), ":")
	values = map[string]string{}
	for item := range strings.SplitSeq(rest, ";") {
		id, v, ok := strings.Cut(item, "=")
		if !ok {
			continue
		}
		v = strings.ToLower(strings.TrimLeft(strings.TrimSpace(v), "0"))
		values[number(id)] = v
	}
	return strings.TrimSpace(resource), values
}

func number(id string) string {
	if n := strings.TrimLeft(strings.TrimSpace(id), "0"); n != "" {
		return n
	}
	return "0"
}
