package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/creel-project/creel/internal/bundle/image"
	"github.com/creel-project/creel/internal/bundle/platform"
	"github.com/creel-project/creel/internal/bundle/progress"
	"github.com/creel-project/creel/internal/bundle/registry"
	"github.com/creel-project/creel/internal/bundle/store"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/urfave/cli/v3"
)

func storeFlag() cli.Flag {
	return &cli.StringFlag{Name: "store", Usage: "content store `DIR`ectory (default: /var/lib/creel, for ordinary users creel in $XDG_DATA_HOME)"}
}

func platformFlag() cli.Flag {
	return &cli.StringFlag{Name: "platform", Usage: "`OS/ARCH[/VARIANT]` of the image (default: this machine's)"}
}

func allPlatformsFlag(usage string) cli.Flag {
	return &cli.BoolFlag{Name: "all-platforms", Usage: usage}
}

// onePlatform refuses the flags of one platform and of all together.
func onePlatform(c *cli.Command) error {
	if c.Bool("all-platforms") && c.String("platform") != "" {
		return fmt.Errorf("%s: --platform and --all-platforms: want one of them", c.Name)
	}
	return nil
}

func plainHTTPFlag() cli.Flag {
	return &cli.BoolFlag{Name: "plain-http", Usage: "speak to the registry without TLS"}
}

func quietFlag() cli.Flag {
	return &cli.BoolFlag{Name: "quiet", Aliases: []string{"q"}, Usage: "show no progress"}
}

// openStore opens the store that the command names.
func openStore(ctx context.Context, c *cli.Command) (*store.Store, error) {
	dir, err := storeDir(c)
	if err != nil {
		return nil, err
	}
	return store.Open(ctx, dir)
}

func storeDir(c *cli.Command) (string, error) {
	if dir := c.String("store"); dir != "" {
		return dir, nil
	}
	return store.DefaultDir()
}

func wantedPlatform(c *cli.Command) (v1.Platform, error) {
	if text := c.String("platform"); text != "" {
		return platform.Parse(text)
	}
	return platform.Host(), nil
}

func display(c *cli.Command) *progress.Display {
	if c.Bool("quiet") {
		return nil
	}
	return progress.New(c.Root().ErrWriter)
}

// An address is where an image is: in a layout or an archive, or else in the store and a registry.
type address struct {
	kind string // "oci", "archive", or "" for a reference
	path string
	name string // in the layout or archive; the reference
}

// parseAddress reads oci:DIR[:NAME], archive:FILE[:NAME] (also oci-archive:, docker-archive:), DIR, FILE, or a reference.
// A directory or file is taken for one only if its name has a slash or a dot in front, or nothing else is meant.
func parseAddress(text string) (address, error) {
	kind, rest, ok := strings.Cut(text, ":")
	if ok {
		switch kind {
		case "oci":
			return pathAddress("oci", rest)
		case "archive", "oci-archive", "docker-archive":
			return pathAddress("archive", rest)
		}
	}
	if strings.HasPrefix(text, "/") || strings.HasPrefix(text, "./") || strings.HasPrefix(text, "../") {
		a, err := pathAddress("oci", text)
		if st, e := os.Stat(a.path); err == nil && e == nil && !st.IsDir() {
			a.kind = "archive"
		}
		return a, err
	}
	if _, err := os.Stat(filepath.Join(text, "oci-layout")); err == nil {
		return pathAddress("oci", text)
	}
	return address{name: text}, nil
}

// pathAddress splits PATH[:NAME] where PATH is the longest that exists.
func pathAddress(kind, text string) (address, error) {
	path, name := text, ""
	for {
		if _, err := os.Stat(path); err == nil {
			abs, err := filepath.Abs(path)
			return address{kind, abs, name}, err
		}
		i := strings.LastIndexByte(path, ':')
		if i <= 0 {
			_, err := os.Stat(text)
			return address{}, fmt.Errorf("image %s:%s: %w", kind, text, err)
		}
		path, name = text[:i], text[i+1:]
	}
}

func (a address) String() string {
	if a.kind == "" {
		return a.name
	}
	if a.name == "" {
		return a.kind + ":" + a.path
	}
	return a.kind + ":" + a.path + ":" + a.name
}

// place is that of an address which is no reference.
func (a address) place() image.Place {
	if a.kind == "oci" {
		return image.InLayout(a.path)
	}
	return image.InArchive(a.path)
}

// open reads the image at a place that is no store.
func (a address) open(want v1.Platform) (*image.Image, error) {
	m, err := a.place().Image(a.name, want)
	if err == nil {
		m.Source = a.String()
	}
	return m, err
}

// findImage reads an image. One that is named by a reference is fetched first as pull says: missing, always or never.
func findImage(ctx context.Context, c *cli.Command, s *store.Store, text, pull string, show *progress.Display) (*image.Image, error) {
	want, err := wantedPlatform(c)
	if err != nil {
		return nil, err
	}
	a, err := parseAddress(text)
	if err != nil {
		return nil, err
	}
	if a.kind != "" {
		return a.open(want)
	}
	ref, err := registry.Parse(a.name, c.Bool("plain-http"))
	if err != nil {
		return nil, err
	}
	name := registry.Name(ref)
	if pull != "always" {
		m, err := image.InStore(s).Image(name, want)
		if err == nil {
			m.Source = name
			return m, nil
		}
		missing := errors.Is(err, image.ErrNoSuchName) || errors.Is(err, store.ErrNotFound) || errors.Is(err, platform.ErrNone)
		if pull == "never" || !missing {
			return nil, fmt.Errorf("store %s: %w", s.Dir(), err)
		}
	}
	if _, err := registry.Pull(ctx, s, ref, want, show); err != nil {
		return nil, err
	}
	m, err := image.InStore(s).Image(name, want)
	if err == nil {
		m.Source = name
	}
	return m, err
}

func pullFlag() cli.Flag {
	return &cli.StringFlag{Name: "pull", Value: "missing", Usage: "fetch the image from its registry: `WHEN` is missing, always or never",
		Validator: func(s string) error {
			if s == "missing" || s == "always" || s == "never" {
				return nil
			}
			return fmt.Errorf("--pull %q: want missing, always or never", s)
		}}
}
