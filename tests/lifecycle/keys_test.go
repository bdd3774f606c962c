package lifecycle

import (
	"encoding/json"
	"fmt"
	"maps"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// types maps each key of a JSON object to the type of its value.
func types(h *harness.H, text []byte) map[string]string {
	h.Helper()
	var object map[string]any
	if err := json.Unmarshal(text, &object); err != nil {
		h.Fatalf("%v in %s", err, text)
	}
	kinds := map[string]string{}
	for k, v := range object {
		kinds[k] = fmt.Sprintf("%T", v)
	}
	return kinds
}

func TestStateAndListHaveTheKeysThatEnginesRead(t *testing.T) {
	want := map[string]string{
		"ociVersion": "string", "id": "string", "pid": "float64", "status": "string", "bundle": "string",
		"rootfs": "string", "created": "string", "owner": "string",
	}
	for _, annotated := range []bool{false, true} {
		h := harness.New(t)
		c := h.Create(h.Bundle(func(s *specs.Spec) {
			if annotated {
				s.Annotations = map[string]string{"org.example": "x"}
				want["annotations"] = "map[string]interface {}"
			}
		}))
		if got := types(h, []byte(h.Ok(h.Creel("state", c.ID)).Stdout)); !maps.Equal(got, want) {
			t.Errorf("state: %v, want %v", got, want)
		}
		var list []json.RawMessage
		h.Must(json.Unmarshal([]byte(h.Ok(h.Creel("list", "-f", "json")).Stdout), &list))
		if len(list) != 1 || !maps.Equal(types(h, list[0]), want) {
			t.Errorf("list: %s, want %v", list, want)
		}
	}
}
