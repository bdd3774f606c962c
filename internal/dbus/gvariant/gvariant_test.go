package gvariant

import (
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/creel-project/creel/internal/dbus"
)

func num(typ string, bits uint64) dbus.Value { return dbus.Value{Signature: typ, Bits: bits} }

func TestValuesHaveTheTypesThatTheirTextTells(t *testing.T) {
	for text, want := range map[string]dbus.Value{
		"uint64 5000000":              num("t", 5000000),
		"uint64 18446744073709551615": num("t", math.MaxUint64),
		"-5":                          dbus.Int32(-5),
		" 7 ":                         dbus.Int32(7),
		"0x1F":                        dbus.Int32(31),
		"-0xb":                        dbus.Int32(-11),
		"0x7fe":                       dbus.Int32(0x7fe),
		"017":                         dbus.Int32(15),
		"1.5":                         dbus.Double(1.5),
		"1e3":                         dbus.Double(1000),
		"inf":                         dbus.Double(math.Inf(1)),
		"byte 0xff":                   num("y", 255),
		"int16 -1":                    num("n", math.MaxUint64),
		"double 3":                    dbus.Double(3),
		"true":                        dbus.Bool(true),
		"boolean false":               dbus.Bool(false),
		`'it\'s'`:                     dbus.String("it's"),
		`"é\u00e9\U0001d11e\n\"\
"`: dbus.String("éé𝄞\n\""),
		"objectpath '/a'":             {Signature: "o", Text: "/a"},
		"['a', \"b\"]":                dbus.Array("s", dbus.String("a"), dbus.String("b")),
		"@as []":                      dbus.Array("s"),
		"[]":                          {},
		"[1, 2.5]":                    dbus.Array("d", dbus.Double(1), dbus.Double(2.5)),
		"[1, uint64 2]":               dbus.Array("t", num("t", 1), num("t", 2)),
		"@at [1]":                     dbus.Array("t", num("t", 1)),
		"b'ab'":                       dbus.Bytes([]byte{'a', 'b', 0}),
		"('a', uint64 2)":             dbus.Struct(dbus.String("a"), num("t", 2)),
		"(1,)":                        dbus.Struct(dbus.Int32(1)),
		"[('/dev/null', 'rw')]":       dbus.Array("(ss)", dbus.Struct(dbus.String("/dev/null"), dbus.String("rw"))),
		"@a(st) [('/dev/sda', 5)]":    dbus.Array("(st)", dbus.Struct(dbus.String("/dev/sda"), num("t", 5))),
		"[('a', 1), ('b', uint32 2)]": dbus.Array("(su)", dbus.Struct(dbus.String("a"), num("u", 1)), dbus.Struct(dbus.String("b"), num("u", 2))),
		"<<1>>":                       dbus.Variant(dbus.Variant(dbus.Int32(1))),
		"[@ay [1], b'']":              dbus.Array("ay", dbus.Bytes([]byte{1}), dbus.Bytes([]byte{0})),
	} {
		got, err := Parse(text)
		if text == "[]" {
			if err == nil || !strings.Contains(err.Error(), "must be said") {
				t.Errorf("%s: %v, %v", text, got, err)
			}
			continue
		}
		if err != nil || !reflect.DeepEqual(normal(got), normal(want)) {
			t.Errorf("%s: %+v, %v, want %+v", text, got, err, want)
		}
	}
}

// normal makes empty lists equal.
func normal(v dbus.Value) dbus.Value {
	if len(v.Items) == 0 {
		v.Items = nil
	}
	for i := range v.Items {
		v.Items[i] = normal(v.Items[i])
	}
	return v
}

func TestTextsThatAreNoValuesAreErrors(t *testing.T) {
	for _, text := range []string{
		"", " ", "uint64", "uint64 -1", "uint64 18446744073709551616", "byte 256", "int16 40000", "5 6", "'a", `'a\`, `'\u00'`, `'\ud800'`, "'\x00'", "'\xff'",
		"[1, 'a']", "[1", "[1 2]", "[,]", "[1,]", "(", "()", "(1 2)", "<", "<>", "<1, 2>", "@ 1", "@a", "@(", "@() ()", "@s 5", "@u 'a'", "@a{sv} {}", "{'a': 1}",
		"handle 1", "just 5", "nothing", "²\xd0e 1", "1_000", "0x1_0", "0b1", "0o7", "double 0x10", "uint32 1.5", "byte uint32 5", "uint64 0b1", "@(ss) ('a',)", "1__",
		strings.Repeat("[", 100000), strings.Repeat("<", 33) + "1" + strings.Repeat(">", 33), "@" + strings.Repeat("a", 100000) + "s []", "@" + strings.Repeat("(", 100000) + "s",
	} {
		if v, err := Parse(text); err == nil || !strings.HasPrefix(err.Error(), "no GVariant text: ") {
			t.Errorf("%.60q: %+v, %v", text, v, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{"uint64 5", "['a', 'b']", "1.5", "@ay [1, 2]", "b'x'", "{'a': <1>}", "('a', 1)", `"\u00e9"`, "@a(st) [('a', 0x1)]", "<@as []>"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, err := Parse(text)
		if err != nil {
			return
		}
		if first, rest, ok := next(v.Signature); !ok || rest != "" || first != v.Signature {
			t.Errorf("%q: signature %q", text, v.Signature)
		}
		dbus.AppendBody(nil, v)
	})
}
