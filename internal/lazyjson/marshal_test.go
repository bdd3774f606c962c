package lazyjson

import (
	"bytes"
	"encoding/json"
	"math"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/opencontainers/runtime-spec/specs-go"
)

func compareMarshal(t *testing.T, v any) {
	t.Helper()
	want, wantErr := json.Marshal(v)
	got, gotErr := Marshal(v)
	if (wantErr == nil) != (gotErr == nil) || !bytes.Equal(want, got) {
		t.Errorf("%T %+v:\n  encoding/json: %s, %v\n  lazyjson:      %s, %v", v, v, want, wantErr, got, gotErr)
	}
	want, _ = json.MarshalIndent(v, ">", "\t")
	got, _ = MarshalIndent(v, ">", "\t")
	if !bytes.Equal(want, got) {
		t.Errorf("indented %T %+v:\n  encoding/json: %s\n  lazyjson:      %s", v, v, want, got)
	}
}

func TestRealConfigsEncodeAsWithEncodingJSON(t *testing.T) {
	for name, text := range configs(t) {
		t.Run(name, func(t *testing.T) {
			var s specs.Spec
			var x any
			for _, v := range []any{&s, &x} {
				if err := UnmarshalString(text, v); err != nil {
					t.Fatal(err)
				}
				compareMarshal(t, v)
				compareMarshal(t, reflect.ValueOf(v).Elem().Interface())
			}
		})
	}
}

type shout string

func (s shout) MarshalText() ([]byte, error) { return []byte(strings.ToUpper(string(s))), nil }

type verbatim struct{ text string }

func (v *verbatim) MarshalJSON() ([]byte, error) { return []byte(v.text), nil }

type level int

func (l *level) IsZero() bool { return *l == 7 }

type omitting struct {
	A string            `json:",omitempty"`
	B []int             `json:"b,omitempty"`
	C map[string]int    `json:"c,omitempty"`
	D *int              `json:"d,omitempty"`
	E any               `json:"e,omitempty"`
	F float64           `json:"f,omitempty"`
	G [0]int            `json:"g,omitempty"`
	H struct{}          `json:"h,omitempty"`
	I time.Time         `json:"i,omitzero"`
	J level             `json:"j,omitzero"`
	K *level            `json:"k,omitzero"`
	L struct{ X int }   `json:"l,omitzero"`
	M []int             `json:"m,omitzero"`
	N bool              `json:"n,omitempty,string"`
	O int               `json:"o,string"`
	P string            `json:"p,string"`
	Q *float32          `json:"q,string"`
	R map[int8]verbatim `json:"r<>"`
	S any               `json:"s,omitzero"`
}

func TestEveryKindOfValueEncodesAsWithEncodingJSON(t *testing.T) {
	n, f, seven := 5, float32(0.25), level(7)
	for _, v := range []any{
		nil, true, 0, -5, uint8(255), int64(math.MinInt64), uint64(math.MaxUint64), "", "plain", []byte("bytes"), []byte(nil), []byte{}, [2]byte{1, 2},
		"\x00\x01\b\f\n\r\t\x1f\"\\/<>&\x7fé\u2028\u2029\U0001f600", "\xff\xc3(\xe2\x82", "a\xe2", []string(nil), []string{}, []string{"a", "b"},
		0.0, math.Copysign(0, -1), 1.5, 1e20, 1e21, 1e-6, 1e-7, 123456789e-30, math.MaxFloat64, math.SmallestNonzeroFloat64, float32(1e21), float32(3.4e38), float32(1e-7),
		math.NaN(), math.Inf(1), math.Inf(-1), make(chan int), func() {}, complex(1, 2), map[bool]int{true: 1}, []any{1, make(chan int)},
		map[string]any{"b": 1, "a": []any{nil, map[string]any{}}, "<": "&"}, map[string]int(nil), map[int]string{10: "x", 9: "y", -1: "z"}, map[uint16]bool{300: true, 4: false},
		map[shout]int{"abc": 1}, map[netip.Addr]int{netip.MustParseAddr("127.0.0.1"): 1}, shout("hello <b>"), []shout{"a"}, &verbatim{` { "a" : [ 1 , "x y<" ] } `}, verbatim{"1"},
		[]verbatim{{"true"}}, []*verbatim{nil, {"\"\u2028\""}}, &verbatim{"{"}, &verbatim{""}, &verbatim{"1 2"}, (*verbatim)(nil), (*shout)(nil),
		time.Date(2024, 2, 29, 1, 2, 3, 456000000, time.UTC), struct{ time.Time }{}, &n, &struct{ P **int }{}, json.RawMessage(`{"a": 1}`), json.RawMessage(nil),
		omitting{}, &omitting{}, &omitting{A: "a", B: []int{}, C: map[string]int{"a": 1}, D: &n, E: 0, F: 1, J: 7, K: &seven, M: []int{}, N: true, O: 3, P: "<\"", Q: &f, R: map[int8]verbatim{1: {"2"}}, S: 0},
	} {
		compareMarshal(t, v)
	}
}

func TestEmbeddedStructsEncodeAsWithEncodingJSON(t *testing.T) {
	type both struct {
		Inner
		*Other
		hiddenInner
	}
	compareMarshal(t, both{Inner: Inner{A: 1, B: "b", N: 2}, hiddenInner: hiddenInner{X: 3}})
	compareMarshal(t, &both{Other: &Other{A: 1, Z: 2, N: 3}})
}

func TestACyclicValueIsAnErrorToEncode(t *testing.T) {
	type ring struct{ Next *ring }
	r := &ring{}
	r.Next = r
	if b, err := Marshal(r); err == nil {
		t.Errorf("%d bytes were written", len(b))
	}
}

// FuzzEncodeEqualsEncodingJSON holds encoding against encoding/json, with values
// that were decoded from any text.
func FuzzEncodeEqualsEncodingJSON(f *testing.F) {
	for _, text := range configs(f) {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var s specs.Spec
		var x any
		for _, v := range []any{&s, &x} {
			if Unmarshal(text, v) == nil {
				compareMarshal(t, v)
			}
		}
	})
}

func BenchmarkEncode(b *testing.B) {
	for name, text := range configs(b) {
		var s specs.Spec
		if err := UnmarshalString(text, &s); err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Marshal(&s); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
