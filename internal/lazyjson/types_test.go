//lint:file-ignore SA5008 what encoding/json does with odd tags is what is tested

package lazyjson

import (
	"net/netip"
	"strings"
	"testing"
)

type deep struct {
	A, B int
	C    int `json:"c"`
}

type left struct{ deep }

type right struct{ deep }

type octet uint8

type loudOctet uint8

func (o loudOctet) MarshalText() ([]byte, error) { return []byte(strings.Repeat("x", int(o))), nil }

type plainOctet uint8

func (plainOctet) String() string { return "octet" }

func TestFieldsOfAStructEmbeddedTwiceCancelEachOtherOut(t *testing.T) {
	type both struct {
		left
		right
	}
	type twice struct {
		*Inner
		Other
		A int `json:"a"`
	}
	for _, text := range []string{`{"A":1,"B":2,"c":3,"C":4}`, `{"a":1,"z":2,"b":"x","N":5}`, `{}`} {
		compare(t, text, both{})
		compare(t, text, left{})
		compare(t, text, twice{})
	}
	compareMarshal(t, both{left: left{deep{A: 1}}})
	compareMarshal(t, left{deep{1, 2, 3}})
	compareMarshal(t, twice{Inner: &Inner{A: 1, B: "b"}, A: 2})
}

func TestAnEmbeddedPointerToAnUnexportedStructCannotBeSet(t *testing.T) {
	type holder struct{ *hiddenInner }
	for _, text := range []string{`{"X":1}`, `{"x":[{}]}`, `{}`, `{"other":1}`} {
		compare(t, text, holder{})
	}
	compareMarshal(t, holder{&hiddenInner{X: 1}})
	compareMarshal(t, holder{})
}

func TestTagsAreReadAsByEncodingJSON(t *testing.T) {
	type tagged struct {
		A int `xml:"x" json:"a"`
		B int `json:"b,string" yaml:"q"`
		C int `json:"c\\d"`
		D int `json:"d'"`
		E int `json:",omitempty"`
		F int `json:"é,omitempty"`
		G int `json:"g h"`
		H int `yaml:"i"`
		I int `json:""`
		J any `json:"j,string"`
	}
	for _, text := range []string{
		`{"a":1,"x":2,"A":3}`, `{"b":"1"}`, `{"b":1}`, `{"c\\d":1,"C":2}`, `{"d'":1,"D":2}`, `{"E":1,"e":2}`, `{"é":1,"É":2,"F":3}`,
		`{"g h":1,"G":2}`, `{"H":1,"i":2}`, `{"I":1}`, `{"j":"1"}`,
	} {
		compare(t, text, tagged{})
	}
	compareMarshal(t, tagged{A: 1, B: 2, C: 3, D: 4, E: 5, F: 6, G: 7, H: 8, I: 9, J: 10})
}

func TestSlicesOfSmallNumbersAreBase64UnlessTheyEncodeThemselves(t *testing.T) {
	type slices struct {
		A []octet
		B []loudOctet
		C []plainOctet
	}
	compareMarshal(t, slices{[]octet{1, 2}, []loudOctet{1, 2}, []plainOctet{3}})
	for _, text := range []string{`{"A":"AQI="}`, `{"A":[1,2]}`, `{"C":"AQI="}`, `{"C":[3,256]}`} {
		compare(t, text, slices{})
	}
}

func TestMapsWithKeysOfOtherTypesAreRefusedOrDecodeTheirKeys(t *testing.T) {
	for _, text := range []string{`{"true":1}`, `{"1.5":1}`, `{}`, `null`, `[]`} {
		compare[map[bool]int](t, text, nil)
		compare[map[float64]int](t, text, nil)
	}
	for _, text := range []string{`{"127.0.0.1":1,"::1":2}`, `{"localhost":1}`} {
		compare[map[netip.Addr]int](t, text, nil)
	}
	var none *netip.Addr
	compareMarshal(t, map[*netip.Addr]int{none: 1})
	compareMarshal(t, map[netip.Addr]int{})
}

func TestTypesThatDecodeThemselvesTakeWhatIsTheirs(t *testing.T) {
	for _, text := range []string{`true`, `5`, `"x"`, `null`, `[1]`, `{"a":1}`, `{"a":}`} {
		compare(t, `{"v":`+text+`}`, struct{ V raw }{})
		compare(t, `{"v":`+text+`}`, struct{ V *raw }{})
		compare(t, `{"v":`+text+`}`, struct{ V upper }{})
		compare(t, `{"v":`+text+`}`, struct{ V []upper }{})
		compare(t, `{"v":`+text+`}`, struct{ raw }{})
	}
}
