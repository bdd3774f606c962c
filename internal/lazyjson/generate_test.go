package lazyjson

import (
	"math/rand/v2"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// generator writes JSON that fits a type, for the most part: members in any order,
// twice, in another case, of the wrong type, null, or unknown.
type generator struct {
	*rand.Rand
	b strings.Builder
}

func (g *generator) one(in int) bool { return g.IntN(in) == 0 }

func (g *generator) pick(of ...string) string { return of[g.IntN(len(of))] }

func (g *generator) space() {
	if g.one(8) {
		g.b.WriteString(g.pick(" ", "\n", "\t\r ", "  "))
	}
}

func (g *generator) value(t reflect.Type, depth int) {
	g.space()
	defer g.space()
	switch {
	case g.one(12):
		g.b.WriteString("null")
		return
	case g.one(40) || depth > 8:
		g.any(depth)
		return
	}
	switch k := t.Kind(); {
	case k == reflect.Pointer:
		g.value(t.Elem(), depth)
	case k == reflect.Struct:
		g.object(depth, func() (string, reflect.Type) {
			f := t.Field(g.IntN(t.NumField()))
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if name == "" {
				name = f.Name
			}
			return name, f.Type
		})
	case k == reflect.Map:
		g.object(depth, func() (string, reflect.Type) { return g.pick("a", "b", "", "net.x"), t.Elem() })
	case k == reflect.Slice:
		g.array(depth, t.Elem())
	case k == reflect.String:
		g.string(g.text())
	case k == reflect.Bool:
		g.b.WriteString(g.pick("true", "false"))
	case k == reflect.Interface:
		g.any(depth)
	default:
		g.number()
	}
}

func (g *generator) object(depth int, member func() (string, reflect.Type)) {
	g.b.WriteByte('{')
	for i := range g.IntN(5) {
		if i > 0 {
			g.b.WriteByte(',')
		}
		g.space()
		name, t := member()
		switch g.IntN(10) {
		case 0:
			name = strings.ToUpper(name)
		case 1:
			name = strings.Replace(strings.Replace(name, "s", "\u017f", 1), "k", "\u212a", 1) // fold to s and k
		case 2:
			name += g.pick("x", " ", "\u00e9")
		}
		g.string(name)
		g.space()
		g.b.WriteByte(':')
		g.value(t, depth+1)
	}
	g.space()
	g.b.WriteByte('}')
}

func (g *generator) array(depth int, t reflect.Type) {
	g.b.WriteByte('[')
	for i := range g.IntN(5) {
		if i > 0 {
			g.b.WriteByte(',')
		}
		g.value(t, depth+1)
	}
	g.b.WriteByte(']')
}

func (g *generator) any(depth int) {
	if depth > 10 {
		g.b.WriteString("0")
		return
	}
	switch g.IntN(5) {
	case 0:
		g.array(depth+1, reflect.TypeFor[any]())
	case 1:
		g.object(depth+1, func() (string, reflect.Type) { return g.text(), reflect.TypeFor[any]() })
	case 2:
		g.string(g.text())
	case 3:
		g.b.WriteString(g.pick("true", "false", "null"))
	default:
		g.number()
	}
}

func (g *generator) number() {
	g.b.WriteString(g.pick("0", "1", "-1", "8", "255", "256", "65535", "65536", "4294967295", "4294967296", "2147483648",
		"9223372036854775807", "9223372036854775808", "-9223372036854775809", "18446744073709551615", "18446744073709551616",
		"-0", "1.0", "1.5", "1e2", "1E+400", "-2.5e-3", strconv.Itoa(g.IntN(1000))))
	if g.one(300) {
		g.b.WriteString(g.pick("0", ".", "e", "-", " 1"))
	}
}

func (g *generator) text() string {
	return g.pick("", "a", "pid", "/proc", "A=b", "\u00e9", "\U0001f600", "\u2028", "x\ny", `q"\`, "\xff", "a\xe2\x82")
}

// string writes s in any of the ways that mean it.
func (g *generator) string(s string) {
	g.b.WriteByte('"')
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '"' || c == '\\':
			g.b.WriteString(`\` + string(c))
		case c < ' ' || g.one(20) && c < 0x80:
			g.b.WriteString(`\u00` + strconv.FormatInt(int64(c>>4), 16) + g.pick(strconv.FormatInt(int64(c&15), 16), strings.ToUpper(strconv.FormatInt(int64(c&15), 16))))
		default:
			g.b.WriteByte(c)
		}
	}
	if g.one(30) {
		g.b.WriteString(g.pick(`\ud83d\ude00`, `\ud83d`, `\ude00`, `\ud83d\u0041`, `\/\b\f\n\r\t`))
	}
	if g.one(500) {
		g.b.WriteString(g.pick(`\x`, `\u12`, "\x01", `\`, `"`))
	}
	g.b.WriteByte('"')
}

func generate(t reflect.Type, seed uint64) string {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 1))}
	g.value(t, 0)
	return g.b.String()
}

func TestGeneratedTextsDecodeAsWithEncodingJSON(t *testing.T) {
	for seed := range uint64(20000) {
		compare(t, generate(reflect.TypeFor[specs.Spec](), seed), specs.Spec{})
		// The parts have more to say than the whole, most of which is of other platforms.
		compare(t, generate(reflect.TypeFor[specs.Linux](), seed), specs.Linux{})
		compare(t, generate(reflect.TypeFor[specs.Process](), seed), specs.Process{})
		compare(t, generate(reflect.TypeFor[specs.LinuxResources](), seed), specs.LinuxResources{})
	}
}

func TestGeneratedConfigsEncodeAsWithEncodingJSON(t *testing.T) {
	for seed := range uint64(2000) {
		var s specs.Spec
		var x any
		for _, v := range []any{&s, &x} {
			if UnmarshalString(generate(reflect.TypeFor[specs.Spec](), seed), v) == nil {
				compareMarshal(t, v)
			}
		}
	}
}
