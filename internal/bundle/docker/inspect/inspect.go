// Package inspect reads what `docker inspect CONTAINER` prints and what Docker's API answers to GET /containers/ID/json,
// of every version since API 1.20 (Docker 1.8).
package inspect

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/creel-project/creel/internal/bundle/bounded"
	"github.com/moby/moby/api/types/container"
)

// MaxSize is the size in bytes of the largest document that is read.
const MaxSize = 64 << 20

// A Document describes one container. Config and HostConfig are never nil.
type Document struct {
	container.InspectResponse
	// Fields is the whole of the document as it was read, what API 1.56 does not know included. Numbers are json.Number.
	Fields map[string]any
}

// Read reads a document to its end and decodes it.
func Read(r io.Reader) (*Document, error) {
	text, err := bounded.All(r, MaxSize)
	if err != nil {
		return nil, err
	}
	return Decode(text)
}

// Decode decodes the description of one container: the object of the API, or the array of one that the command prints.
// Other kinds of objects, containers of Windows and of other engines are refused.
func Decode(text []byte) (*Document, error) {
	fields, text, err := object(text)
	if err != nil {
		return nil, err
	}
	if err := kind(fields); err != nil {
		return nil, err
	}
	if listed(fields) { // commands were strings before API 1.22
		if text, err = json.Marshal(fields); err != nil {
			return nil, err
		}
	}
	d := &Document{Fields: fields}
	if err := json.Unmarshal(text, &d.InspectResponse); err != nil {
		return nil, fmt.Errorf("it is not the description of a container: %w", err)
	}
	if d.Config == nil || d.HostConfig == nil {
		return nil, errors.New("its Config or HostConfig is null: it is not the whole description of a container")
	}
	return d, nil
}

// object finds the one JSON object, and its text.
func object(text []byte) (map[string]any, []byte, error) {
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")) // of PowerShell
	if len(bytes.TrimSpace(text)) == 0 {
		return nil, nil, errors.New("it is empty; want what `docker inspect CONTAINER` prints")
	}
	if bytes.HasPrefix(bytes.TrimSpace(text), []byte("[")) {
		var list []json.RawMessage
		if err := json.Unmarshal(text, &list); err != nil {
			return nil, nil, fmt.Errorf("it is not JSON: %w", err)
		}
		switch len(list) {
		case 0:
			return nil, nil, errors.New("it is an empty array: docker inspect found nothing")
		case 1:
			text = list[0]
		default:
			return nil, nil, fmt.Errorf("it describes %d objects; want one container", len(list))
		}
	}
	var fields map[string]any
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&fields); err != nil {
		var other *json.UnmarshalTypeError
		if errors.As(err, &other) {
			return nil, nil, fmt.Errorf("it is a JSON %s; want the object that docker inspect prints", other.Value)
		}
		return nil, nil, fmt.Errorf("it is not JSON: %w", err)
	}
	if fields == nil {
		return nil, nil, errors.New("it is null; want the object that docker inspect prints")
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, nil, errors.New("more follows the description of the container")
	}
	return fields, text, nil
}

// listed makes lists of commands that are one string, and says whether there were any.
func listed(fields map[string]any) (changed bool) {
	config, _ := fields["Config"].(map[string]any)
	for _, name := range []string{"Cmd", "Entrypoint"} {
		if s, ok := config[name].(string); ok {
			config[name], changed = []any{s}, true
		}
	}
	return changed
}
