package gvariant

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/creel-project/creel/internal/dbus"
)

// basic are the types that hold no others. Handles are not among them: they are numbers of files that come beside a message.
const basic = "ybnqiuxtdsog"

// next splits the first complete type off a signature.
func next(s string) (first, rest string, ok bool) {
	switch depth := 0; {
	case s == "":
		return "", "", false
	case strings.IndexByte(basic+"v", s[0]) >= 0:
		return s[:1], s[1:], true
	case s[0] == 'a':
		for depth < len(s) && s[depth] == 'a' {
			depth++
		}
		element, rest, ok := next(s[depth:])
		return s[:depth] + element, rest, ok && depth <= maxDepth
	case s[0] == '(':
		return nextStruct(s)
	}
	return "", "", false
}

func nextStruct(s string) (first, rest string, ok bool) {
	if strings.Count(s, "(") > maxDepth {
		return "", "", false
	}
	rest = s[1:]
	for !strings.HasPrefix(rest, ")") {
		if _, rest, ok = next(rest); !ok {
			return "", "", false
		}
	}
	return s[:len(s)-len(rest)+1], rest[1:], ok
}

// infer returns the type of a node as far as it tells it by itself, and whether a number could have another.
func (n node) infer() (typ string, weak bool) {
	switch {
	case n.typ != "":
		return n.typ, false
	case n.kind == 'n' && strings.ContainsAny(n.text, ".nN") || n.kind == 'n' && !strings.HasPrefix(n.text, "0x") && strings.ContainsAny(n.text, "eE"):
		return "d", true
	case n.kind == 'n':
		return "i", true
	case n.kind == 's', n.kind == 'b':
		return string(n.kind), false
	case n.kind == 'y':
		return "ay", false
	case n.kind == '<':
		return "v", false
	case n.kind == '[':
		element, weak := inferElement(n.items)
		if element == "" {
			return "", true
		}
		return "a" + element, weak
	}
	all := "("
	for _, item := range n.items {
		t, w := item.infer()
		if t == "" {
			return "", true
		}
		all, weak = all+t, weak || w
	}
	return all + ")", weak
}

// inferElement takes the first type that is sure; else a double among numbers makes them doubles.
func inferElement(items []node) (typ string, weak bool) {
	for _, item := range items {
		t, w := item.infer()
		if !w {
			return t, false
		}
		if typ == "" || t == "d" {
			typ = t
		}
	}
	return typ, true
}

// resolve gives a node a type, which is inferred if it is "".
func (n node) resolve(typ string) (dbus.Value, error) {
	if typ == "" {
		typ, _ = n.infer()
	}
	fail := fmt.Errorf("%s has not the type %q", n, typ)
	switch {
	case typ == "":
		return dbus.Value{}, errors.New("the type of an empty array must be said, as in \"@as []\"")
	case n.typ != "" && n.typ != typ:
		return dbus.Value{}, fail
	case n.kind == 'n':
		bits, err := number(typ, n.text)
		return dbus.Value{Signature: typ, Bits: bits}, err
	case n.kind == 'b' && typ == "b":
		return dbus.Bool(n.text == "true"), nil
	case n.kind == 's' && (typ == "s" || typ == "o" || typ == "g"):
		if typ == "g" && len(n.text) > math.MaxUint8 {
			return dbus.Value{}, fail
		}
		return dbus.Value{Signature: typ, Text: n.text}, nil
	case n.kind == 'y' && typ == "ay":
		return dbus.Bytes(append([]byte(n.text), 0)), nil
	case n.kind == '<' && typ == "v":
		v, err := n.items[0].resolve("")
		return dbus.Variant(v), err
	case n.kind == '[' && typ[0] == 'a':
		return n.resolveItems(dbus.Value{Signature: typ}, func() string { return typ[1:] })
	case n.kind == '(' && typ[0] == '(':
		return n.resolveStruct(typ)
	}
	return dbus.Value{}, fail
}

func (n node) resolveItems(v dbus.Value, typ func() string) (dbus.Value, error) {
	for _, item := range n.items {
		i, err := item.resolve(typ())
		if err != nil {
			return v, err
		}
		v.Items = append(v.Items, i)
	}
	return v, nil
}

func (n node) resolveStruct(typ string) (dbus.Value, error) {
	var types []string
	for rest := typ[1 : len(typ)-1]; rest != ""; {
		var first string
		first, rest, _ = next(rest)
		types = append(types, first)
	}
	if len(types) != len(n.items) || len(types) == 0 {
		return dbus.Value{}, fmt.Errorf("a tuple of %d has not the type %q", len(n.items), typ)
	}
	i := -1
	return n.resolveItems(dbus.Value{Signature: typ}, func() string { i++; return types[i] })
}

// number reads a number of a type: decimal, hexadecimal with 0x, octal with 0.
func number(typ, text string) (bits uint64, err error) {
	size := map[string]int{"y": 8, "n": 16, "q": 16, "i": 32, "u": 32, "x": 64, "t": 64}[typ]
	switch typ {
	case "d":
		f, err := strconv.ParseFloat(text, 64)
		if err != nil || strings.ContainsAny(text, "xX_pP") {
			return 0, fmt.Errorf("%q is no number", text)
		}
		return math.Float64bits(f), nil
	case "n", "i", "x":
		var i int64
		i, err = strconv.ParseInt(text, 0, size)
		bits = uint64(i)
	case "y", "q", "u", "t":
		bits, err = strconv.ParseUint(text, 0, size)
	default:
		return 0, fmt.Errorf("the number %s has not the type %q", text, typ)
	}
	hex := strings.HasPrefix(strings.TrimLeft(text, "+-"), "0x")
	if err != nil || strings.ContainsAny(text, "_oO") || strings.ContainsAny(text, "bB") && !hex {
		return 0, fmt.Errorf("%q is no number of type %q", text, typ)
	}
	return bits, nil
}

// String is a node in an error.
func (n node) String() string {
	if n.text != "" || n.kind == 's' || n.kind == 'y' {
		return strconv.Quote(n.text)
	}
	return map[byte]string{'[': "an array", '(': "a tuple", '<': "a variant"}[n.kind]
}
