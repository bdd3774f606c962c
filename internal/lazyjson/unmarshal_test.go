//lint:file-ignore SA5008 what encoding/json does with odd tags is what is tested
//lint:file-ignore U1000 a field that no package but this one sees is tested as well

package lazyjson

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// compare decodes text into two copies of zero, with this package and with
// encoding/json, and reports any difference.
func compare[T any](t *testing.T, text string, zero T) {
	t.Helper()
	want, got := zero, zero
	wantErr := json.Unmarshal([]byte(text), &want)
	gotErr := Unmarshal([]byte(text), &got)
	if (wantErr == nil) != (gotErr == nil) {
		t.Fatalf("%s into %T:\n  encoding/json: %v\n  lazyjson:      %v", shorten(text), zero, wantErr, gotErr)
	}
	if wantErr == nil && !reflect.DeepEqual(want, got) {
		t.Fatalf("%s into %T:\n  encoding/json: %+v\n  lazyjson:      %+v", shorten(text), zero, want, got)
	}
}

func configs(t testing.TB) map[string]string {
	t.Helper()
	files, err := filepath.Glob("testdata/configs/*.json")
	if err != nil || len(files) < 5 {
		t.Fatalf("the configs in testdata are missing: %v, %v", files, err)
	}
	texts := map[string]string{}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		texts[filepath.Base(f)] = string(b)
	}
	return texts
}

func TestRealConfigsDecodeAsWithEncodingJSON(t *testing.T) {
	for name, text := range configs(t) {
		t.Run(name, func(t *testing.T) {
			compare(t, text, specs.Spec{})
			compare[any](t, text, nil)
			compare(t, text, map[string]any(nil))
		})
	}
}

func TestEveryTruncatedConfigIsAnError(t *testing.T) {
	text := strings.TrimSpace(configs(t)["default.json"])
	for i := range text {
		if err := UnmarshalString(text[:i], new(specs.Spec)); err == nil {
			t.Fatalf("%d of %d bytes were accepted", i, len(text))
		}
	}
}

type upper string

func (u *upper) UnmarshalText(b []byte) error { *u = upper(strings.ToUpper(string(b))); return nil }

type raw struct{ text string }

func (r *raw) UnmarshalJSON(b []byte) error { r.text = string(b); return nil }

type Inner struct {
	A int
	B string `json:"b"`
	C []int
	N int `json:"N"`
}

type hiddenInner struct{ X, Y int }

type Other struct {
	A int
	Z int `json:"z"`
	N int
}

type zoo struct {
	Inner
	*Other
	hiddenInner
	Bool    bool
	Int8    int8
	Uint8   uint8
	Int64   int64
	Uint64  uint64
	F32     float32
	F64     float64
	Any     any
	Bytes   []byte
	Array   [3]int
	Strings []string
	Ptr     **int
	Inners  []Inner
	Map     map[string]Inner
	IntMap  map[int8]string
	UintMap map[uint16]*Inner
	Upper   upper
	Uppers  map[upper]int
	UpperP  *upper
	Raw     raw
	RawP    *raw
	Msg     json.RawMessage
	Time    time.Time
	Quoted  int     `json:",string"`
	QuotedP *uint8  `json:"quotedp,string,omitempty"`
	QuotedS string  `json:"quoteds,string"`
	QuotedB bool    `json:"quotedb,string"`
	QuotedF float64 `json:"quotedf,string"`
	QuotedX []int   `json:"quotedx,string"`
	Skipped int     `json:"-"`
	Dash    int     `json:"-,"`
	Case    int     `json:"case"`
	CASE    int     `json:"CASE"`
	Kelvin  int     `json:"kelvin"`
	Odd     int     `json:"a\"b"`
	private int
	Chan    chan int
	Func    func()
	Iface   interface{ M() }
}

func TestEveryKindOfValueDecodesAsWithEncodingJSON(t *testing.T) {
	for _, text := range []string{
		``, ` `, `null`, `{}`, `[]`, `1`, `"x"`, `{} x`, `{}}`, `{,}`, `{"a"}`, `{"a":}`, `{"a":1,}`, `{a:1}`, `{"a" 1}`, "{\"a\":1}\n\t ", "\ufeff{}",
		`{"a":1,"A":2,"b":"x","C":[1,2,3],"c":[4]}`, `{"C":[1,2,3],"C":[],"C":[9,9]}`, `{"C":[1,2,3],"C":null,"C":[9]}`,
		`{"Inners":[{"A":1,"b":"x"},{"A":2,"b":"y"}],"inners":[{"A":3}],"INNERS":[{},{}]}`,
		`{"Inners":[{"A":1,"C":[1,2]},{"A":2}],"Inners":[null,{"C":[5]},{"A":7}]}`,
		`{"z":4,"X":1,"y":2}`, `{"Other":{"z":1},"Inner":{"A":1},"hiddenInner":{"X":1}}`,
		`{"Bool":true}`, `{"Bool":false}`, `{"Bool":1}`, `{"Bool":"true"}`, `{"Bool":null}`, `{"Bool":tru}`, `{"Bool":nul}`, `{"Bool":truex}`,
		`{"Int8":127}`, `{"Int8":128}`, `{"Int8":-128}`, `{"Int8":-129}`, `{"Int8":1.0}`, `{"Int8":1e2}`, `{"Int8":-0}`, `{"Int8":"1"}`,
		`{"Uint8":255}`, `{"Uint8":256}`, `{"Uint8":-1}`, `{"Uint8":-0}`, `{"Uint64":18446744073709551615}`, `{"Uint64":18446744073709551616}`,
		`{"Int64":9223372036854775807}`, `{"Int64":9223372036854775808}`, `{"Int64":-9223372036854775808}`,
		`{"F32":3.5e38}`, `{"F32":1e-50}`, `{"F64":1e309}`, `{"F64":-0.0}`, `{"F64":01}`, `{"F64":.5}`, `{"F64":1.}`, `{"F64":1e}`, `{"F64":+1}`, `{"F64":1e+5}`, `{"F64":-}`, `{"F64":0x10}`,
		`{"Any":[1,"a",null,true,{"b":[]}]}`, `{"Any":1e999}`, `{"Any":[1e999]}`, `{"Any":{"a":1,"a":2}}`, `{"Any":{"a":{"x":1},"a":{"y":2}}}`, `{"Any":[],"Any":null}`,
		`{"Bytes":"aGk="}`, `{"Bytes":"aGk"}`, `{"Bytes":"a\nGk="}`, `{"Bytes":[1,2,255]}`, `{"Bytes":[256]}`, `{"Bytes":null}`, `{"Bytes":""}`,
		`{"Array":[1,2]}`, `{"Array":[1,2,3,4,"x"]}`, `{"Array":[1,2,3,],"a":1}`, `{"Array":[1,2,3],"Array":[9]}`, `{"Array":{}}`, `{"Array":null}`,
		`{"Strings":["a",null,"b"]}`, `{"Strings":["a","b"],"Strings":[null,"c"]}`, `{"Strings":["a",1]}`, `{"Strings":"a"}`, `{"Strings":[]}`, `{"Strings":null}`, `{"Strings":[,]}`,
		`{"Ptr":5}`, `{"Ptr":null}`, `{"Ptr":5,"Ptr":null}`, `{"Ptr":5,"ptr":6}`, `{"Ptr":"x"}`,
		`{"Map":{"a":{"A":1},"a":{"b":"x"}}}`, `{"Map":{"a":{"A":1}},"Map":{"b":{"A":2}}}`, `{"Map":{"a":null}}`, `{"Map":[]}`,
		`{"IntMap":{"1":"a","-128":"b"}}`, `{"IntMap":{"128":"a"}}`, `{"IntMap":{"x":"a"}}`, `{"IntMap":{"+1":"a"}}`, `{"IntMap":{"":"a"}}`,
		`{"UintMap":{"65535":{"A":1},"0":null}}`, `{"UintMap":{"-1":null}}`, `{"UintMap":{"65536":null}}`,
		`{"Upper":"abc"}`, `{"Upper":1}`, `{"Upper":null}`, `{"Upper":[1]}`, `{"Upper":{"a":1}}`, `{"Upper":true}`, `{"Uppers":{"a":1,"A":2}}`, `{"UpperP":"x"}`, `{"UpperP":null}`,
		`{"Raw":{"a" : [1]}}`, `{"Raw":null}`, `{"Raw": "x\u0041" }`, `{"Raw":[1,2}`, `{"RawP":null}`, `{"RawP":1.50}`, `{"Msg":{"a": 1}}`, `{"Msg":null}`,
		`{"Time":"2024-02-29T12:00:00.5+02:00"}`, `{"Time":"yesterday"}`, `{"Time":5}`,
		`{"Quoted":"12"}`, `{"Quoted":12}`, `{"Quoted":"x"}`, `{"Quoted":""}`, `{"Quoted":null}`, `{"Quoted":"null"}`, `{"Quoted":" 1"}`, `{"Quoted":"1 "}`, `{"Quoted":["1"]}`, `{"Quoted":"nullx"}`,
		`{"quotedp":"255"}`, `{"quotedp":"256"}`, `{"quotedp":null}`, `{"quotedp":"1","quotedp":"null"}`, `{"quotedp":true}`,
		`{"quoteds":"\"x\\u0041\""}`, `{"quoteds":"x"}`, `{"quoteds":"\"x"}`, `{"quoteds":"\"x\" "}`, `{"quotedb":"true"}`, `{"quotedb":"truex"}`, `{"quotedb":true}`, `{"quotedf":"1.5"}`, `{"quotedf":"1e999"}`, `{"quotedf":"0x1p4"}`, `{"quotedf":"-Inf"}`, `{"quotedf":"{}"}`,
		`{"quotedx":[1]}`, `{"quotedx":"[1]"}`,
		`{"Skipped":1,"-":2,"private":3}`, `{"case":1,"CASE":2,"Case":3,"cAsE":4}`, `{"` + "\u212a" + `elvin":1}`, `{"a\"b":1,"Odd":2,"odd":3}`, `{"N":1}`, `{"n":1}`,
		`{"unknown":{"a":[1,{"b":"\ud83d\ude00"}]}}`, `{"unknown":{"a":[1,{"b":"\x"}]}}`, `{"unknown":[1,]}`, `{"unknown":"` + "\x01" + `"}`, `{"unknown":"\u12"}`, `{"unknown":01}`,
		`{"Chan":1}`, `{"Chan":null}`, `{"Func":{}}`, `{"Iface":1}`, `{"Iface":null}`, `{"Iface":{}}`, `{"Iface":[]}`, `{"Iface":"x"}`, `{"Iface":true}`,
		`{"b":"\u0041\n\"\\\/\b\f\r\t"}`, `{"b":"\ud83d\ude00"}`, `{"b":"\ud83d"}`, `{"b":"\ud83dx"}`, `{"b":"\ud83d\u0041"}`, `{"b":"\ude00\ud83d"}`, `{"b":"\ud83d\ud83d\ude00"}`, `{"b":"\ud83d\u12"}`, `{"b":"\uABCD\uabcd"}`, `{"b":"\uabcg"}`, `{"b":"\'"}`,
		"{\"b\":\"\xff\xfe\"}", "{\"b\":\"\xe2\x82\"}", "{\"b\":\"é\u2028\"}", "{\"\xff\":1}", "{\"b\":\"\x1f\"}", "{\"b\":\"\x7f\"}", `{"b":"`, `{"b":"\`, `{"b":"\u`, `{"":1}`, `{"b":"\ud83d\`,
	} {
		compare(t, text, zoo{})
		compare[any](t, text, nil)
	}
}

func TestAPointerWithinAnInterfaceIsFollowedAsByEncodingJSON(t *testing.T) {
	for _, text := range []string{`{"Any":{"A":5}}`, `{"Any":null}`, `{"Any":3}`, `{"Any":[1]}`} {
		decode := func(unmarshal func([]byte, any) error) (zoo, Inner, error) {
			var in Inner
			z := zoo{Any: &in}
			err := unmarshal([]byte(text), &z)
			return z, in, err
		}
		want, wantIn, wantErr := decode(json.Unmarshal)
		got, gotIn, gotErr := decode(Unmarshal)
		if (wantErr == nil) != (gotErr == nil) || !reflect.DeepEqual(want.Any, got.Any) || !reflect.DeepEqual(wantIn, gotIn) {
			t.Errorf("%s: %v %v %v, want %v %v %v", text, got.Any, gotIn, gotErr, want.Any, wantIn, wantErr)
		}
	}
	var self any
	self = &self
	if err := UnmarshalString(`5`, self); err != nil || self != 5.0 {
		t.Errorf("an interface that holds its own address became %v, %v", self, err)
	}
}

func TestNestingIsLimitedAsByEncodingJSON(t *testing.T) {
	for _, n := range []int{maxDepth - 1, maxDepth, maxDepth + 1, 1000000} {
		arrays := strings.Repeat("[", n) + strings.Repeat("]", n)
		compare[any](t, arrays, nil)
		compare(t, `{"unknown":`+arrays+`}`, specs.Spec{})
		compare(t, `{"windows":{"credentialSpec":`+arrays+`}}`, specs.Spec{})
		compare(t, strings.Repeat(`{"a":`, n)+"1"+strings.Repeat("}", n), any(nil))
	}
}

func TestTheTargetMustBeAPointer(t *testing.T) {
	for _, target := range []any{nil, specs.Spec{}, (*specs.Spec)(nil), 5} {
		if err := UnmarshalString(`{}`, target); err == nil {
			t.Errorf("%T was accepted", target)
		}
	}
}
