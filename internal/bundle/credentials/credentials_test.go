package credentials

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// alone lets no file be found but those below a new directory, $HOME.
func alone(t *testing.T) (home string) {
	t.Helper()
	home = t.TempDir()
	for _, v := range []string{"DOCKER_CONFIG", "XDG_CONFIG_HOME", "REGISTRY_AUTH_FILE"} {
		t.Setenv(v, "")
	}
	t.Setenv("XDG_RUNTIME_DIR", filepath.Join(home, "run"))
	t.Setenv("HOME", home)
	return home
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// password returns the one that is found, which in these tests says from where.
func password(t *testing.T, repository string) string {
	t.Helper()
	f, err := Find(t.Context(), repository)
	if err != nil {
		t.Fatal(err)
	}
	c, err := f.Authenticator().Authorization()
	if err != nil {
		t.Fatal(err)
	}
	return c.Password
}

func auth(password string) string {
	return fmt.Sprintf(`{"auth":%q}`, base64.StdEncoding.EncodeToString([]byte("ann:"+password)))
}

func TestTheMostExactEntryIsTaken(t *testing.T) {
	home := alone(t)
	var entries []string
	for key, password := range map[string]string{
		"registry.example": "host", "registry.example/team": "team", "registry.example/team/web": "web", "registry.example/team/web2": "web2",
		"https://old.example/v1/": "address", "https://both.example": "as an address", "both.example": "as a host",
		"https://index.docker.io/v1/": "hub", "docker.io/library": "library", "port.example:5000": "port",
	} {
		entries = append(entries, fmt.Sprintf("%q:%s", key, auth(password)))
	}
	entries = append(entries, `"empty.example":{}`, `"broken.example":{"auth":"?"}`)
	write(t, filepath.Join(home, ".docker/config.json"), `{"auths":{`+strings.Join(entries, ",")+`}}`)
	for repository, want := range map[string]string{
		"registry.example/x": "host", "registry.example/team/web": "web", "registry.example/team/other/x": "team", "registry.example/teams": "host",
		"old.example/a/b": "address", "both.example/x": "as a host", "index.docker.io/creel/web": "hub", "index.docker.io/library/debian": "library",
		"port.example:5000/x": "port", "port.example/x": "", "empty.example/x": "", "example/x": "", "other.registry.example/x": "",
	} {
		if got := password(t, repository); got != want {
			t.Errorf("%s: %q, want %q", repository, got, want)
		}
	}
	if _, err := Find(t.Context(), "broken.example/x"); err == nil || !strings.Contains(err.Error(), `/.docker/config.json: auths: "broken.example": `) {
		t.Error(err)
	}
}

func TestPodmansNameOfDockersRegistryIsUnderstood(t *testing.T) {
	home := alone(t)
	write(t, filepath.Join(home, "run/containers/auth.json"), `{"auths":{"docker.io":`+auth("hub")+`}}`)
	if got := password(t, "index.docker.io/library/debian"); got != "hub" {
		t.Errorf("%q", got)
	}
}

func TestFilesAreLookedIntoInOrder(t *testing.T) {
	home := alone(t)
	order := []string{".config/containers/auth.json", "run/containers/auth.json", ".docker/config.json"}
	for _, file := range order { // the first last
		write(t, filepath.Join(home, file), `{"auths":{"registry.example":`+auth(file)+`}}`)
		if got := password(t, "registry.example/x"); got != file {
			t.Errorf("%q, want that of %s", got, file)
		}
	}
	write(t, filepath.Join(home, "other/config.json"), "\n")
	t.Setenv("DOCKER_CONFIG", filepath.Join(home, "other"))
	if got := password(t, "registry.example/x"); got != order[1] {
		t.Errorf("with another directory of Docker's: %q", got)
	}
	t.Setenv("REGISTRY_AUTH_FILE", filepath.Join(home, "missing"))
	if got := password(t, "registry.example/x"); got != "" {
		t.Errorf("with a file that is named and is not there: %q", got)
	}
}

func TestSecretsAreNotPrinted(t *testing.T) {
	home := alone(t)
	write(t, filepath.Join(home, ".docker/config.json"), `{"auths":{"registry.example":`+auth("secret-word")+`}}`)
	f, err := Find(t.Context(), "registry.example/x")
	if err != nil {
		t.Fatal(err)
	}
	basic := base64.StdEncoding.EncodeToString([]byte("ann:secret-word"))
	for _, text := range []string{fmt.Sprintf("%v %+v %#v", f, f, f), f.Refused("registry.example"), f.Hide("a secret-word, Basic " + basic)} {
		if strings.Contains(text, "secret-word") || strings.Contains(text, basic) {
			t.Errorf("%q", text)
		}
	}
}
