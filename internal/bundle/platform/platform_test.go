package platform

import (
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

func at(text string) *v1.Platform {
	w := append(strings.Split(text, "/"), "")
	return &v1.Platform{OS: w[0], Architecture: w[1], Variant: w[2]}
}

func TestAnIndexGivesTheManifestOfThePlatform(t *testing.T) {
	for _, c := range []struct{ want, have, chosen string }{
		{"linux/amd64", "linux/s390x linux/arm64/v8 linux/amd64", "linux/amd64"},
		{"linux/arm64", "linux/amd64 linux/arm64/v8 linux/s390x", "linux/arm64/v8"},
		{"linux/arm64/v8", "linux/amd64 linux/arm64", "linux/arm64"},
		{"linux/aarch64", "linux/amd64 linux/arm64", "linux/arm64"},
		{"linux/s390x", "linux/amd64 linux/arm64 linux/s390x", "linux/s390x"},
		{"linux/arm", "linux/arm/v5 linux/arm/v7 linux/arm/v6", "linux/arm/v7"},
		{"linux/arm/v6", "linux/arm/v5 linux/arm/v7 linux/arm/v6", "linux/arm/v6"},
		{"linux/arm/v7", "linux/arm/v5 linux/arm/v6 linux/arm/v8", "linux/arm/v6"},
		{"linux/amd64", "linux/amd64/v3 linux/amd64", "linux/amd64"},
		{"linux/amd64/v4", "linux/amd64 linux/amd64/v2 linux/amd64/v3", "linux/amd64/v3"},
		{"linux/amd64", "unknown/unknown linux/amd64", "linux/amd64"},
		{"linux/arm64/v9", "linux/arm64/v8 linux/arm64/v8.2", "linux/arm64/v8.2"},
	} {
		want, err := Parse(c.want)
		if err != nil {
			t.Fatal(err)
		}
		var list []v1.Descriptor
		for _, h := range strings.Fields(c.have) {
			p := at(strings.TrimSuffix(h, "/"))
			list = append(list, v1.Descriptor{Platform: p})
		}
		got, err := Choose(list, want)
		if err != nil {
			t.Errorf("%s of %s: %v", c.want, c.have, err)
		} else if got.Platform.String() != c.chosen {
			t.Errorf("%s of %s: %s was chosen", c.want, c.have, got.Platform)
		}
	}
}

func TestAnIndexWithoutThePlatformSaysWhatItHas(t *testing.T) {
	for want, have := range map[string]string{
		"linux/riscv64": "linux/amd64", "linux/arm/v5": "linux/arm/v6", "linux/amd64": "linux/amd64/v2", "linux/arm64": "windows/arm64",
	} {
		p, err := Parse(want)
		if err != nil {
			t.Fatal(err)
		}
		_, err = Choose([]v1.Descriptor{{Platform: at(have)}, {Platform: at("linux/s390x")}}, p)
		if err == nil || !strings.Contains(err.Error(), "there are "+have+", linux/s390x") {
			t.Errorf("%s of %s: %v", want, have, err)
		}
	}
}

func TestAManifestWithoutAPlatformIsChosenIfItIsTheOnlyOne(t *testing.T) {
	if _, err := Choose([]v1.Descriptor{{Size: 1}}, Host()); err != nil {
		t.Error(err)
	}
	if _, err := Choose([]v1.Descriptor{{Size: 1}, {Size: 2}}, Host()); err == nil {
		t.Error("one of two was chosen")
	}
}

func TestOfOneImageAndItsAttestationAnyIsTheImage(t *testing.T) {
	image := v1.Descriptor{Size: 1, Platform: at("linux/s390x")}
	attestation := v1.Descriptor{Platform: at("unknown/unknown"), Annotations: map[string]string{"vnd.docker.reference.type": "attestation-manifest"}}
	if got, err := Choose([]v1.Descriptor{attestation, image}, Any); err != nil || got.Size != 1 {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := Choose([]v1.Descriptor{image, attestation}, Host()); err == nil || strings.Contains(err.Error(), "unknown") {
		t.Error(err)
	}
	here := Host()
	if got, err := Choose([]v1.Descriptor{image, {Size: 2, Platform: &here}}, Any); err != nil || got.Size != 2 {
		t.Errorf("of two: %v, %v", got, err)
	}
}

func TestAPlatformIsOSSlashArchitecture(t *testing.T) {
	for _, text := range []string{"", "linux", "linux/", "/amd64", "linux/arm/v7/x", "windows/amd64"} {
		if p, err := Parse(text); err == nil {
			t.Errorf("%q is %v", text, p)
		}
	}
}
