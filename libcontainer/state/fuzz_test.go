package state

import (
	"encoding/json"
	"reflect"
	"testing"
)

// FuzzDecodeEqualsEncodingJSON holds the reading of records against encoding/json:
// the same record, or an error from both.
func FuzzDecodeEqualsEncodingJSON(f *testing.F) {
	whole, err := sample().encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) > 1<<16 {
			return // the time goes into encoding/json, and nothing new is found
		}
		var want Record
		wantErr := json.Unmarshal(text, &want)
		got, err := decode(text)
		if good := wantErr == nil && want.Version == Version; good != (err == nil) {
			t.Fatalf("encoding/json: %v, version %d; decode: %v", wantErr, want.Version, err)
		}
		if err == nil && !reflect.DeepEqual(*got, want) {
			t.Fatalf("encoding/json: %+v\ndecode: %+v", want, *got)
		}
	})
}
