package cli

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/creel-project/creel/internal/bundle/store"
	"github.com/creel-project/creel/tests/completion"
	v1 "github.com/google/go-containerregistry/pkg/v1"
)

var shells = completion.Of("creel-bundle", "../../../contrib/completions", completion.FlagsOf(commands()))

func TestShellsCompleteEveryFlagOfEveryCommandAndNoOther(t *testing.T) { shells.Compare(t) }

func TestBashCompletesWhatAFlagTakes(t *testing.T) {
	shells.Offers(t, map[string]string{
		"creel-bundle un":                           "unmount unpack",
		"creel-bundle help p":                       "pull push",
		"creel-bundle pull --pl":                    "--plain-http --platform",
		"creel-bundle pull --platform linux/arm6":   "linux/arm64",
		"creel-bundle pull --platform = linux/arm6": "linux/arm64",
		"creel-bundle unpack --pull ":               "always missing never",
		"creel-bundle from-docker --network ":       "cni host netns none",
		"creel-bundle run --network ":               "cni host netns none",
		"creel-bundle from-docker --report j":       "json",
		"creel-bundle from-docker --set ":           "",
		"creel-bundle run --user www --ov":          "--overlay",
		"creel-bundle run image --ov":               "",
		"creel-bundle run image cmd --":             "",
		"creel-bundle unpack image --no":            "--no-terminal",
		"creel-bundle unpack image dir --no":        "",
		"creel-bundle run web : 1 --ov":             "",
		"creel-bundle shift . ":                     "",
	})
}

// withStore makes a program that lists a store with images where the command line says that it is.
func withStore(t *testing.T, names ...string) (fake string) {
	t.Helper()
	dir := t.TempDir()
	s, err := store.Open(t.Context(), filepath.Join(dir, "store"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, name := range names {
		if err := s.Tag(t.Context(), name, v1.Descriptor{Digest: v1.Hash{Algorithm: "sha256", Hex: strings.Repeat("a", 64)}}); err != nil {
			t.Fatal(err)
		}
	}
	var out strings.Builder
	if status := Main(context.Background(), []string{"creel-bundle", "images", "--store", s.Dir()}, nil, &out, os.Stderr); status != 0 {
		t.Fatal(status)
	}
	fake = filepath.Join(dir, "creel-bundle")
	for path, text := range map[string]string{
		"list":         out.String(),
		"creel-bundle": "#!/bin/sh\n[ \"$*\" = 'images --store /some where' ] && cat " + dir + "/list\n",
		"docker":       "#!/bin/sh\n[ \"$1\" = --host ] && { echo $2; shift 2; }; [ $1 = ps ] && printf 'web\\ndb\\n'\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, path), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(t.TempDir()) // where there are no files
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	return fake
}

func TestBashCompletesImagesOfTheStoreOfTheCommandLine(t *testing.T) {
	fake := withStore(t, "docker.io/library/debian:12", "docker.io/creel/web:1", "localhost:5000/web:1", "localhost:5000/db:1")
	all := []string{"creel/web:1", "debian:12", "localhost:5000/db:1", "localhost:5000/web:1"}
	shells.Completes(t, fake, []struct{ Words, Want []string }{
		{[]string{"pull", "--store", "/some where", ""}, all},
		{[]string{"unpack", "--store", "=", "/some where", "deb"}, []string{"debian:12"}},
		{[]string{"rmi", "--store", "/some where", "docker.io/l"}, []string{"docker.io/library/debian:12"}},
		{[]string{"push", "--store", "/some where", "debian", ":"}, []string{"12"}},
		{[]string{"push", "--store", "/some where", "debian", ":", "12", "localhost", ":", "5000/"}, []string{"5000/db:1", "5000/web:1"}},
		{[]string{"repack", "--store", "/some where", "bundle", "localhost", ":", "5000/web", ":", ""}, []string{"1"}},
		{[]string{"rmi", "--store", "/some where", "debian", ":", "12", ""}, nil},
		{[]string{"run", "--store", "/some where", "docker", ":", "w"}, []string{"web"}},
		{[]string{"rmi", ""}, nil},
	})
}

func TestBashCompletesDockersContainers(t *testing.T) {
	fake := withStore(t)
	shells.Completes(t, fake, []struct{ Words, Want []string }{
		{[]string{"from-docker", ""}, []string{"db", "web"}},
		{[]string{"rootfs", ""}, []string{"docker:db", "docker:web"}},
		{[]string{"from-docker", "--host", "tcp", ":", "//h", ""}, []string{"db", "tcp://h", "web"}},
	})
}

func TestImagesOfAStoreThatIsNotThereAreNone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "none")
	var out strings.Builder
	if status := Main(context.Background(), []string{"creel-bundle", "images", "--store", dir}, nil, &out, os.Stderr); status != 0 || strings.Count(out.String(), "\n") != 1 {
		t.Errorf("%d, %q", status, out.String())
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("it made one: %v", err)
	}
}
