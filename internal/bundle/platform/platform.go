// Package platform chooses among the manifests of an index the one for a platform, os/arch[/variant] (image-spec 1.1,
// image-index.md).
package platform

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// Host is the platform that this program was built for.
func Host() v1.Platform { return v1.Platform{OS: "linux", Architecture: runtime.GOARCH} }

// Any stands for whatever the only image there is for, and for Host where there are several.
var Any = v1.Platform{OS: "any"}

// Parse reads os/arch[/variant], as linux/arm64/v8. The names of uname(2) are taken as well.
func Parse(text string) (v1.Platform, error) {
	words := strings.Split(text, "/")
	if len(words) < 2 || len(words) > 3 || slices.Contains(words, "") {
		return v1.Platform{}, fmt.Errorf("platform %q: want os/arch[/variant], as linux/arm64/v8", text)
	}
	p := v1.Platform{OS: words[0], Architecture: words[1]}
	if len(words) == 3 {
		p.Variant = words[2]
	}
	if p.OS != "linux" {
		return p, fmt.Errorf("platform %q: containers of this runtime are linux, not %s", text, p.OS)
	}
	return Normal(p), nil
}

// Normal writes a platform as Go does, with the variant that is meant if there is none: v8 for arm64, v7 for arm.
func Normal(p v1.Platform) v1.Platform {
	p.OS, p.Architecture, p.Variant = strings.ToLower(p.OS), strings.ToLower(p.Architecture), strings.ToLower(p.Variant)
	switch p.Architecture {
	case "x86_64", "x86-64":
		p.Architecture = "amd64"
	case "aarch64":
		p.Architecture = "arm64"
	case "armhf":
		p.Architecture, p.Variant = "arm", "v7"
	case "armel":
		p.Architecture, p.Variant = "arm", "v6"
	case "i386", "i686":
		p.Architecture = "386"
	}
	if p.Variant != "" && p.Variant[0] >= '0' && p.Variant[0] <= '9' {
		p.Variant = "v" + p.Variant
	}
	if p.Variant == "" {
		p.Variant = map[string]string{"amd64": "v1", "arm64": "v8", "arm": "v7"}[p.Architecture]
	}
	return p
}

// Runs says whether what was made for have runs where want is, and how well: the higher, the better. Variants are
// levels, v1 to v4 of amd64 as v5 to v8 of arm, and a processor of one runs what was made for those below.
func Runs(have, want v1.Platform) (level float64, ok bool) {
	have, want = Normal(have), Normal(want)
	if have.OS != want.OS || have.Architecture != want.Architecture {
		return 0, false
	}
	h, hok := number(have.Variant)
	w, wok := number(want.Variant)
	if !hok || !wok {
		return 0, have.Variant == want.Variant
	}
	return h, h <= w
}

// number reads v8, or v8.1.
func number(variant string) (float64, bool) {
	if variant == "" {
		return 0, true
	}
	n, err := strconv.ParseFloat(strings.TrimPrefix(variant, "v"), 64)
	return n, err == nil
}

// Running are those of a list that run where want is, or do not say.
func Running(list []v1.Descriptor, want v1.Platform) []v1.Descriptor {
	if want.OS == Any.OS {
		want = Host()
	}
	return slices.DeleteFunc(slices.Clone(list), func(d v1.Descriptor) bool {
		if d.Platform == nil {
			return false
		}
		_, ok := Runs(*d.Platform, want)
		return !ok
	})
}

// ErrNone is wrapped by errors about a platform that an index has no manifest for.
var ErrNone = errors.New("none of its manifests is for")

// Choose returns the manifest for a platform: the one with the highest variant that runs there, the first of equals.
// One without a platform is chosen if it is the only one. An error lists what there is. Attestations (BuildKit's) are no images.
func Choose(list []v1.Descriptor, want v1.Platform) (v1.Descriptor, error) {
	list = slices.DeleteFunc(slices.Clone(list), func(d v1.Descriptor) bool { return d.Annotations["vnd.docker.reference.type"] != "" })
	if want.OS == Any.OS {
		if len(list) == 1 {
			return list[0], nil
		}
		want = Host()
	}
	best, level := -1, 0.0
	var there []string
	for i, d := range list {
		if d.Platform == nil {
			if len(list) == 1 {
				return d, nil
			}
			continue
		}
		if name := d.Platform.String(); !slices.Contains(there, name) {
			there = append(there, name)
		}
		if n, ok := Runs(*d.Platform, want); ok && (best < 0 || n > level) {
			best, level = i, n
		}
	}
	if best >= 0 {
		return list[best], nil
	}
	if len(there) == 0 {
		return v1.Descriptor{}, fmt.Errorf("%w %s: there are %d, none of which names its platform", ErrNone, want, len(list))
	}
	return v1.Descriptor{}, fmt.Errorf("%w %s: there are %s", ErrNone, want, strings.Join(there, ", "))
}
