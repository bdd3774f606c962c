package lazyjson

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// FuzzDecodeEqualsEncodingJSON holds decoding against encoding/json: the same value,
// or an error from both.
func FuzzDecodeEqualsEncodingJSON(f *testing.F) {
	for _, text := range configs(f) {
		f.Add([]byte(text))
	}
	for _, text := range []string{
		`{"Process":{"user":{"UID":1}},"process":{"user":{"gid":2},"args":["a","b"]},"process":{"args":["c"]}}`,
		`{"linux":{"resources":{"blockIO":{"weightDevice":[{"major":8,"minor":0,"weight":5,"leafWeight":null}]}}}}`,
		`{"linux":{"timeOffsets":{"boottime":{"secs":-1},"boottime":{"nanosecs":4}},"devices":[{"fileMode":438}]}}`,
		`{"windows":{"credentialSpec":{"a":[1.5e3,null,"\ud83d\ude00\u00e9\ud83d"]}},"annotations":{"":"` + "\xff" + `"}}`,
		`{"hooks":{"poststop":[{"path":"/x","timeout":3}],"POSTSTOP":[{"timeout":null}]}}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) > 1<<16 {
			return // the time goes into encoding/json, and nothing new is found
		}
		var want, got specs.Spec
		wantErr := json.Unmarshal(text, &want)
		gotErr := Unmarshal(text, &got)
		if (wantErr == nil) != (gotErr == nil) {
			t.Fatalf("encoding/json: %v, lazyjson: %v", wantErr, gotErr)
		}
		if wantErr == nil && !reflect.DeepEqual(want, got) {
			t.Fatalf("encoding/json: %+v\nlazyjson: %+v", want, got)
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	for name, text := range configs(b) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				if err := UnmarshalString(text, new(specs.Spec)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
