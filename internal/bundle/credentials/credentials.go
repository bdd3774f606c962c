// Package credentials finds what to authenticate with to a registry in Docker's and Podman's files
// (docker-login(1), containers-auth.json(5)).
package credentials

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/google/go-containerregistry/pkg/authn"
)

// Found are credentials for a registry. Printed it shows where they are from, and no secret.
type Found struct {
	// Source is the file that they are from, with the helper that it names; empty if there are none.
	Source string
	// Searched are the files that were looked into, if there are none.
	Searched []string

	config authn.AuthConfig
}

// Find looks for the credentials for a repository, HOST[:PORT]/PATH. The first file that has some is taken. A file that
// cannot be read, or a helper that fails, is an error: what it has may be the right ones.
func Find(ctx context.Context, repository string) (*Found, error) {
	found := &Found{}
	for _, path := range places() {
		f, err := read(path)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if errors.Is(err, os.ErrPermission) { // another user's, if $HOME is
			found.Searched = append(found.Searched, path+" (permission denied)")
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("credentials: %w", err)
		}
		config, helper, err := f.find(ctx, repository)
		if err != nil {
			return nil, fmt.Errorf("credentials: %s: %w", path, err)
		}
		if config != nil {
			found.config, found.Source = *config, path
			if helper != "" {
				found.Source = helper + ", which " + path + " names"
			}
			return found, nil
		}
		found.Searched = append(found.Searched, path)
	}
	return found, nil
}

// Refused says in one sentence that a registry does not let in who has these credentials, or none.
func (f *Found) Refused(registry string) string {
	switch {
	case f.Source != "":
		return fmt.Sprintf("registry %s refuses the credentials of %s", registry, f.Source)
	case len(f.Searched) > 0:
		return fmt.Sprintf("registry %s wants credentials, and there are none for it in %s", registry, strings.Join(f.Searched, ", "))
	}
	return fmt.Sprintf("registry %s wants credentials, and there is no file with any", registry)
}

// Hide takes the secrets out of a text, if somebody put them there.
func (f *Found) Hide(text string) string {
	basic := base64.StdEncoding.EncodeToString([]byte(f.config.Username + ":" + f.config.Password))
	for _, secret := range []string{f.config.Password, f.config.IdentityToken, f.config.RegistryToken, f.config.Auth, basic} {
		if len(secret) > 3 { // less is in any text
			text = strings.ReplaceAll(text, secret, "***")
		}
	}
	return text
}

// String shows no secret.
func (f *Found) String() string { return "credentials of " + f.Source }

// GoString shows no secret either.
func (f *Found) GoString() string { return f.String() }

// Authenticator gives the credentials to the library.
func (f *Found) Authenticator() authn.Authenticator {
	if f.Source == "" {
		return authn.Anonymous
	}
	return authn.FromConfig(f.config)
}
