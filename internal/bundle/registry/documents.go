package registry

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// describe makes the descriptor of a manifest that came with a media type. id is what it was asked for by: if it is a
// digest, the content has it.
func describe(id string, text []byte, contentType string) (v1.Descriptor, []byte, error) {
	h, size, err := v1.SHA256(bytes.NewReader(text))
	if err != nil {
		return v1.Descriptor{}, nil, err
	}
	if want, err := v1.NewHash(id); err == nil {
		if want.Algorithm != h.Algorithm {
			hasher, err := v1.Hasher(want.Algorithm)
			if err != nil {
				return v1.Descriptor{}, nil, err
			}
			hasher.Write(text)
			h = v1.Hash{Algorithm: want.Algorithm, Hex: fmt.Sprintf("%x", hasher.Sum(nil))}
		}
		if want != h {
			return v1.Descriptor{}, nil, fmt.Errorf("manifest %s: the registry sent another one, %s", want, h)
		}
	}
	var own struct {
		MediaType types.MediaType `json:"mediaType"`
		Schema    int             `json:"schemaVersion"`
	}
	if err := json.Unmarshal(text, &own); err != nil {
		return v1.Descriptor{}, nil, fmt.Errorf("manifest %s: %w", id, err)
	}
	mediaType := own.MediaType
	if mediaType == "" { // OCI lets it be left out
		word, _, _ := mime.ParseMediaType(contentType)
		mediaType = types.MediaType(word)
	}
	if !mediaType.IsImage() && !mediaType.IsIndex() {
		return v1.Descriptor{}, nil, fmt.Errorf("manifest %s: media type %q, schema %d: it is neither an image nor an index of images", id, mediaType, own.Schema)
	}
	return v1.Descriptor{MediaType: mediaType, Digest: h, Size: size}, text, nil
}
