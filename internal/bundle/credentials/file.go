package credentials

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/google/go-containerregistry/pkg/authn"
)

// file is a config.json of Docker's, or an auth.json of Podman's.
type file struct {
	Auths       map[string]json.RawMessage `json:"auths"` // read when they are asked for: another registry's may be broken
	CredHelpers map[string]string          `json:"credHelpers"`
	CredsStore  string                     `json:"credsStore"`
}

const maxFile = 4 << 20

func read(path string) (*file, error) {
	r, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	text, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return nil, err
	}
	if len(text) > maxFile {
		return nil, fmt.Errorf("%s: it has more than %d bytes", path, maxFile)
	}
	var f file
	if len(strings.TrimSpace(string(text))) == 0 { // as `podman logout --all` and people leave it
		return &f, nil
	}
	if err := json.Unmarshal(text, &f); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return &f, nil
}

// find returns what the file, or the helper that it names for the registry, has for a repository; nil for nothing.
func (f *file) find(ctx context.Context, repository string) (config *authn.AuthConfig, helper string, err error) {
	host, _, _ := strings.Cut(repository, "/")
	server := host
	if isHub(host) {
		server = hubServer
	}
	for key, name := range f.CredHelpers {
		if canonical(key) == canonical(host) {
			return ask(ctx, name, server)
		}
	}
	if f.CredsStore != "" {
		if config, helper, err = ask(ctx, f.CredsStore, server); config != nil || err != nil {
			return config, helper, err
		}
	}
	config, err = f.entry(repository)
	return config, "", err
}

// entry returns the entry of the repository, of what it is in, or of the registry: the most exact one.
func (f *file) entry(repository string) (*authn.AuthConfig, error) {
	keys := map[string][]string{}
	for key := range f.Auths {
		keys[canonical(key)] = append(keys[canonical(key)], key)
	}
	for place := canonical(repository); ; {
		same := keys[place]
		slices.Sort(same) // with a host alone before https://HOST/v1/
		for _, key := range same {
			var c authn.AuthConfig
			if err := json.Unmarshal(f.Auths[key], &c); err != nil {
				return nil, fmt.Errorf("auths: %q: %w", key, err)
			}
			if c != (authn.AuthConfig{}) { // as Docker leaves it where a helper has them
				return &c, nil
			}
		}
		i := strings.LastIndexByte(place, '/')
		if i < 0 {
			return nil, nil
		}
		place = place[:i]
	}
}

// hubServer is what Docker's files and helpers call its own registry.
const hubServer = "https://index.docker.io/v1/"

func isHub(host string) bool {
	return host == "docker.io" || host == "index.docker.io" || host == "registry-1.docker.io"
}

// canonical writes a key of a file as HOST[:PORT][/PATH]. Docker's may be an address, https://HOST/v1/, whose path says
// nothing.
func canonical(key string) string {
	place, address := strings.CutPrefix(key, "https://")
	if !address {
		place, address = strings.CutPrefix(key, "http://")
	}
	host, path, _ := strings.Cut(place, "/")
	if isHub(host) {
		host = "docker.io"
	}
	path = strings.TrimSuffix(path, "/")
	if address || path == "" || path == "v1" || path == "v2" {
		return host
	}
	return host + "/" + path
}
