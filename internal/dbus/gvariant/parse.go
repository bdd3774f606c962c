// Package gvariant reads values in GVariant text format (GLib's "GVariant Text Format"), as far as they can be properties of a
// systemd unit: all but dictionaries and maybes.
package gvariant

import (
	"errors"
	"fmt"
	"strings"

	"github.com/creel-project/creel/internal/dbus"
)

// Parse returns the value of a text. Where the text does not tell a type, a number is an int32, or with a point a double.
func Parse(text string) (dbus.Value, error) {
	p := &parser{rest: text}
	n, err := p.value()
	if err == nil && p.skip() != "" {
		err = fmt.Errorf("%q follows the value", p.rest)
	}
	if err != nil {
		return dbus.Value{}, fmt.Errorf("no GVariant text: %w", err)
	}
	v, err := n.resolve("")
	if err != nil {
		return dbus.Value{}, fmt.Errorf("no GVariant text: %w", err)
	}
	return v, nil
}

// node is a value whose type may not be known yet.
type node struct {
	kind  byte   // 'n' number, 's' string, 'b' boolean, 'y' byte string, '[' array, '(' tuple, '<' variant
	text  string // of a number, boolean or string
	typ   string // the type that stands before it, "" if none does
	items []node
}

// maxDepth is how deep values may be nested (D-Bus: 32 arrays and 32 structs).
const maxDepth = 32

type parser struct {
	rest  string
	depth int
}

// skip passes over white space.
func (p *parser) skip() string {
	p.rest = strings.TrimLeft(p.rest, " \t\n\r\f\v")
	return p.rest
}

// keywords are the words that say a type, with the types. (A map would be made at the start of every program.)
var keywords = [...][2]string{
	{"boolean", "b"}, {"byte", "y"}, {"int16", "n"}, {"uint16", "q"}, {"int32", "i"}, {"uint32", "u"}, {"int64", "x"}, {"uint64", "t"},
	{"double", "d"}, {"string", "s"}, {"objectpath", "o"}, {"signature", "g"},
}

func keyword(word string) (typ string, ok bool) {
	for _, k := range keywords {
		if k[0] == word {
			return k[1], true
		}
	}
	return "", false
}

func (p *parser) value() (node, error) {
	if p.depth++; p.depth > maxDepth {
		return node{}, fmt.Errorf("it is nested more than %d deep", maxDepth)
	}
	defer func() { p.depth-- }()
	if p.skip() == "" {
		return node{}, errors.New("a value is missing at its end")
	}
	switch p.rest[0] {
	case '@':
		return p.typed()
	case '\'', '"':
		text, err := p.quoted()
		return node{kind: 's', text: text}, err
	case '[', '(', '<':
		return p.container()
	}
	return p.word()
}

// typed reads "@TYPE VALUE".
func (p *parser) typed() (node, error) {
	typ, rest, ok := next(p.rest[1:])
	if !ok {
		return node{}, fmt.Errorf("%q begins with no type", p.rest)
	}
	p.rest = rest
	return p.withType(typ)
}

func (p *parser) withType(typ string) (node, error) {
	n, err := p.value()
	if err == nil && n.typ != "" && n.typ != typ {
		err = fmt.Errorf("it is said to be %q and %q", typ, n.typ)
	}
	n.typ = typ
	return n, err
}

func (p *parser) container() (node, error) {
	n := node{kind: p.rest[0]}
	end := "])>"[strings.IndexByte("[(<", n.kind)]
	p.rest = p.rest[1:]
	for {
		if rest := p.skip(); rest != "" && rest[0] == end && (len(n.items) == 0 || n.kind == '(' && len(n.items) == 1) {
			break // nothing, or the comma behind a single one
		}
		item, err := p.value()
		if err != nil {
			return n, err
		}
		n.items = append(n.items, item)
		rest := p.skip()
		if rest == "" || rest[0] != end && rest[0] != ',' {
			return n, fmt.Errorf("%q stands where \",\" or %q must", rest, end)
		}
		if rest[0] == end {
			break
		}
		p.rest = rest[1:]
	}
	p.rest = p.rest[1:]
	if n.kind == '<' && len(n.items) != 1 {
		return n, errors.New("a variant holds one value")
	}
	return n, nil
}

// word reads a number, a boolean, a byte string, or a keyword and the value behind it.
func (p *parser) word() (node, error) {
	if len(p.rest) > 1 && p.rest[0] == 'b' && (p.rest[1] == '\'' || p.rest[1] == '"') {
		p.rest = p.rest[1:]
		text, err := p.quoted()
		return node{kind: 'y', text: text}, err
	}
	end := strings.IndexFunc(p.rest, func(r rune) bool {
		return r > 127 || !strings.ContainsRune("+-._", r) && (r < '0' || r > '9' && r < 'A' || r > 'Z' && r < 'a' || r > 'z')
	})
	if end < 0 {
		end = len(p.rest)
	}
	word := p.rest[:end]
	typ, known := keyword(word)
	switch {
	case word == "":
		return node{}, fmt.Errorf("%q begins no value", p.rest)
	case known:
		p.rest = p.rest[end:]
		return p.withType(typ)
	}
	p.rest = p.rest[end:]
	if word == "true" || word == "false" {
		return node{kind: 'b', text: word}, nil
	}
	return node{kind: 'n', text: word}, nil
}
