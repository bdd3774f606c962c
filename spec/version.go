package spec

import (
	"strings"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// version checks ociVersion: SemVer 2.0.0, of the major version that creel speaks.
func (c *checker) version() {
	v := c.Version
	switch {
	case v == "":
		c.bad("ociVersion", "it is missing; this is creel for version %s of the specification", specs.Version)
	case !isSemver(v):
		c.bad("ociVersion", "%q is not a version like %s (SemVer 2.0.0)", v, specs.Version)
	case !strings.HasPrefix(v, "1."):
		c.bad("ociVersion", "%q is of another major version than %s, which creel speaks", v, specs.Version)
	}
}

// isSemver tells whether v is MAJOR.MINOR.PATCH[-PRERELEASE][+BUILD] (semver.org, 2.0.0).
func isSemver(v string) bool {
	v, build, hasBuild := strings.Cut(v, "+")
	if hasBuild && !dotted(build, false) {
		return false
	}
	core, pre, hasPre := strings.Cut(v, "-")
	if hasPre && !dotted(pre, true) {
		return false
	}
	for i := range 3 {
		part, rest, more := strings.Cut(core, ".")
		if !isNumber(part) || len(part) > 1 && part[0] == '0' || more != (i < 2) {
			return false
		}
		core = rest
	}
	return true
}

// dotted tells whether s holds identifiers with dots between them; strict ones that
// are numbers begin with no zero.
func dotted(s string, strict bool) bool {
	for id := range strings.SplitSeq(s, ".") {
		if id == "" || strict && len(id) > 1 && id[0] == '0' && isNumber(id) {
			return false
		}
		for _, r := range id {
			if r != '-' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') {
				return false
			}
		}
	}
	return true
}

func isNumber(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
