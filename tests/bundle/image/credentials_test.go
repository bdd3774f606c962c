package image

import (
	"encoding/base64"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

const (
	password = "correct-horse-battery"
	wrong    = "wrong-horse-battery"
	htpasswd = "ann:$2a$05$OXtz55nU2v45iF1DQeLa0OISLbcl2DFneebCVxdOzv0Y1gMlk48xG\n" // of password
)

// locked begins a test whose registry wants a password, and has an image.
func locked(t *testing.T) (b *b, img v1.Image) {
	t.Helper()
	b = beginWith(t, func(h *harness.H) string {
		h.WriteFile(h.Path("htpasswd"), htpasswd, 0o600)
		return "auth: {htpasswd: {realm: test, path: " + h.Path("htpasswd") + "}}\n"
	})
	return b, b.keep(&authn.Basic{Username: "ann", Password: password})
}

// keep puts an image into a registry that is locked.
func (b *b) keep(auth authn.Authenticator) v1.Image {
	b.Helper()
	ref, err := name.ParseReference(registry + "/private:1")
	b.Must(err)
	img := b.image("linux/"+runtime.GOARCH, b.files(map[string]string{"file": "of the image"}))
	b.Must(remote.Write(ref, img, remote.WithAuth(auth)))
	return img
}

// secretly runs creel-bundle with a store of its own, in an environment of a few variables. What it prints has no secret.
func (b *b) secretly(env []string, args ...string) harness.Result {
	b.Helper()
	args = append(args[:1:1], append([]string{"-q", "--store", filepath.Join(b.TB.TempDir(), "store")}, args[1:]...)...)
	r := b.GoProgram(func(c *exec.Cmd) {
		c.Env = append([]string{"PATH=" + b.Path("helpers") + ":/usr/bin:/bin"}, env...)
	}, program(), args...).Result()
	for _, secret := range []string{password, wrong, basic("ann", password), basic("ann", wrong), identity, wrongIdentity} {
		if strings.Contains(r.Stdout+r.Stderr, secret) {
			b.Errorf("it prints %q: %v", secret, r)
		}
	}
	if n := strings.Count(r.Stderr, "\n"); r.Status != 0 && n != 1 {
		b.Errorf("the error has %d lines: %v", n, r)
	}
	return r
}

// both pulls the image, and pushes it again under another name.
func (b *b) both(what string, img v1.Image, env ...string) {
	b.Helper()
	h, err := img.Digest()
	b.Must(err)
	if r := b.secretly(env, "pull", registry+"/private:1"); r.Status != 0 || strings.TrimSpace(r.Stdout) != h.String() {
		b.Errorf("%s: %v", what, r)
	}
	dir := b.savedLayout(img)
	if r := b.secretly(env, "push", "oci:"+dir, registry+"/"+strings.ReplaceAll(strings.ToLower(b.TB.Name()), "/", "-")+":1"); r.Status != 0 {
		b.Errorf("%s: %v", what, r)
	}
}

// savedLayout writes an image as an OCI layout.
func (b *b) savedLayout(img v1.Image) string {
	b.Helper()
	dir := filepath.Join(b.TB.TempDir(), "layout")
	l, err := layout.Write(dir, empty.Index)
	b.Must(err)
	b.Must(l.AppendImage(img))
	return dir
}

func basic(user, password string) string {
	return base64.StdEncoding.EncodeToString([]byte(user + ":" + password))
}

// auths is a file with an entry for the registry.
func auths(entry string) string { return fmt.Sprintf(`{"auths":{%q:%s}}`, registry, entry) }

func authOf(user, password string) string { return fmt.Sprintf(`{"auth":%q}`, basic(user, password)) }

// put writes a file into a directory of its own, and returns both.
func (b *b) put(file, text string) (dir, path string) {
	b.Helper()
	dir = b.TB.TempDir()
	path = filepath.Join(dir, file)
	b.Must(os.MkdirAll(filepath.Dir(path), 0o700))
	b.WriteFile(path, text, 0o600)
	return dir, path
}

// helper makes a credential helper. It has credentials for one registry, and writes down what it was asked.
func (b *b) helper(name, body string) {
	b.Helper()
	b.Must(os.MkdirAll(b.Path("helpers"), 0o755))
	b.WriteFile(b.Path("helpers/docker-credential-"+name), "#!/bin/sh\nread -r server\necho \"$1 $server\" >>"+b.Path("asked")+"\n"+body+"\n", 0o755)
}

func TestCredentialsAreTakenFromEveryFileOfDockersAndPodmans(t *testing.T) {
	b, img := locked(t)
	good := auths(authOf("ann", password))
	for _, c := range []struct{ variable, file string }{
		{"HOME", ".docker/config.json"}, {"DOCKER_CONFIG", "config.json"}, {"REGISTRY_AUTH_FILE", "any.json"},
		{"XDG_RUNTIME_DIR", "containers/auth.json"}, {"XDG_CONFIG_HOME", "containers/auth.json"}, {"HOME", ".config/containers/auth.json"},
	} {
		dir, path := b.put(c.file, good)
		if c.variable == "REGISTRY_AUTH_FILE" {
			dir = path
		}
		b.both(c.variable+" "+c.file, img, c.variable+"="+dir)
	}
	home, _ := b.put(".docker/config.json", `{"auths":{"other.example":{}}}`)
	run, _ := b.put("containers/auth.json", good)
	b.both("Podman's, if Docker's has others", img, "HOME="+home, "XDG_RUNTIME_DIR="+run)
	home, _ = b.put(".docker/config.json", auths(authOf("ann", wrong)))
	_, file := b.put("auth.json", good)
	b.both("the file that is named, before Docker's", img, "HOME="+home, "REGISTRY_AUTH_FILE="+file)
	_, file = b.put("auth.json", fmt.Sprintf(`{"auths":{%q:%s,%q:%s}}`, registry, authOf("ann", wrong), registry+"/private", authOf("ann", password)))
	if r := b.secretly([]string{"REGISTRY_AUTH_FILE=" + file}, "pull", registry+"/private:1"); r.Status != 0 {
		t.Errorf("those of the repository, before the registry's: %v", r)
	}
}

func TestCredentialHelpersAreAsked(t *testing.T) {
	b, img := locked(t)
	b.helper("test", `printf '{"ServerURL":"%s","Username":"ann","Secret":"`+password+`"}\n' "$server"`)
	b.helper("empty", `echo credentials not found in native keychain; exit 1`)
	for what, text := range map[string]string{
		"credHelpers":                fmt.Sprintf(`{"credsStore":"empty","credHelpers":{%q:"test"}}`, registry),
		"credsStore":                 fmt.Sprintf(`{"auths":{%q:{}},"credsStore":"test"}`, registry),
		"a helper that has none":     fmt.Sprintf(`{"auths":{%q:%s},"credsStore":"empty"}`, registry, authOf("ann", password)),
		"a helper of other registry": fmt.Sprintf(`{"auths":{%q:%s},"credHelpers":{"other.example":"missing"}}`, registry, authOf("ann", password)),
	} {
		dir, _ := b.put("config.json", text)
		b.both(what, img, "DOCKER_CONFIG="+dir)
	}
	asked, err := os.ReadFile(b.Path("asked"))
	b.Must(err)
	for _, line := range strings.Split(strings.TrimSpace(string(asked)), "\n") {
		if line != "get "+registry {
			t.Errorf("a helper was asked %q", line)
		}
	}
}

func TestHelpersThatFailAreNamedWithTheirFile(t *testing.T) {
	b, img := locked(t)
	push := []string{"push", "oci:" + b.savedLayout(img), registry + "/new:1"}
	b.helper("broken", `printf '{"Username":"ann","Secret":"`+password+`"}\n'; exit 3`)
	b.helper("talking", `echo the wallet is closed; exit 1`)
	b.helper("garbled", `echo `+password)
	for name, want := range map[string]string{
		"broken": "docker-credential-broken: exit status 3", "talking": `docker-credential-talking: exit status 1: "the wallet is closed"`,
		"garbled": "docker-credential-garbled: what it prints is not JSON", "missing": "executable file not found in $PATH", "../x": "it is a path",
	} {
		dir, path := b.put("config.json", fmt.Sprintf(`{"credsStore":%q}`, name))
		for _, args := range [][]string{{"pull", registry + "/private:1"}, push} {
			b.Fails(b.secretly([]string{"DOCKER_CONFIG=" + dir}, args...), path+": ", want)
		}
	}
}

func TestARegistryThatRefusesCredentialsIsNamedWithTheirFile(t *testing.T) {
	b, img := locked(t)
	b.helper("wrong", `printf '{"Username":"ann","Secret":"`+wrong+`"}\n'`)
	push := []string{"push", "oci:" + b.savedLayout(img), registry + "/new:1"}
	for _, text := range []string{auths(authOf("ann", wrong)), auths(`{"username":"ann","password":"` + wrong + `"}`), `{"credsStore":"wrong"}`} {
		dir, path := b.put("config.json", text)
		for _, args := range [][]string{{"pull", registry + "/private:1"}, {"pull", "--all-platforms", registry + "/private:1"}, push} {
			r := b.Fails(b.secretly([]string{"DOCKER_CONFIG=" + dir}, args...), "registry "+registry+" refuses the credentials of ", path, "401 Unauthorized")
			if strings.Contains(text, "credsStore") && !strings.Contains(r.Stderr, "docker-credential-wrong, which "+path+" names") {
				t.Errorf("%v", r)
			}
		}
	}
	dir, path := b.put("config.json", `{"auths":{"other.example":{"auth":"`+basic("ann", password)+`"}}}`)
	b.Fails(b.secretly([]string{"DOCKER_CONFIG=" + dir}, "pull", registry+"/private:1"), "registry "+registry+" wants credentials, and there are none for it in "+path)
	b.Fails(b.secretly(nil, push...), "registry "+registry+" wants credentials, and there is no file with any")
	dir, path = b.put("config.json", `{"auths":{`)
	b.Fails(b.secretly([]string{"DOCKER_CONFIG=" + dir}, push...), path+": unexpected end of JSON input")
	dir, path = b.put("config.json", auths(`{"auth":"?`+password+`"}`))
	b.Fails(b.secretly([]string{"DOCKER_CONFIG=" + dir}, push...), path+": ", "unable to decode auth field")
}
