package credentials

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/creel-project/creel/internal/spawn"
	"github.com/google/go-containerregistry/pkg/authn"
)

// nothing is what a helper says that has none (docker-credential-helpers, credentials/error.go).
const nothing = "credentials not found in native keychain"

// ask runs a credential helper: it reads the address of the registry, and prints JSON, or why not (docker-login(1)).
// Without credentials the config is nil.
func ask(ctx context.Context, name, server string) (*authn.AuthConfig, string, error) {
	if strings.ContainsRune(name, '/') {
		return nil, "", fmt.Errorf("helper %q: it is a path, want what follows docker-credential- in the program's name", name)
	}
	helper := "docker-credential-" + name
	path, err := spawn.Find(helper)
	if err != nil {
		return nil, "", err
	}
	// It may ask a person for something, on stderr.
	out, err := spawn.Command{Path: path, Args: []string{"get"}, Stdin: server, Stays: true}.Run(ctx)
	if err != nil {
		said := strings.TrimSpace(out)
		var status *spawn.ExitError
		switch {
		case said == nothing:
			return nil, helper, nil
		case !errors.As(err, &status) || said == "" || strings.ContainsAny(said, "\n{"): // that may be a secret
			return nil, "", err
		}
		return nil, "", fmt.Errorf("%w: %.200q", err, said)
	}
	var answer struct{ Username, Secret string }
	if err := json.Unmarshal([]byte(out), &answer); err != nil {
		return nil, "", fmt.Errorf("%s: what it prints is not JSON: %w", helper, err)
	}
	switch {
	case answer.Username == "" && answer.Secret == "":
		return nil, helper, nil
	case answer.Username == "<token>":
		return &authn.AuthConfig{IdentityToken: answer.Secret}, helper, nil
	}
	return &authn.AuthConfig{Username: answer.Username, Password: answer.Secret}, helper, nil
}
