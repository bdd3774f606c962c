package spec

import "testing"

func TestTheVersionIsOneThatCreelSpeaks(t *testing.T) {
	check(t, []verdict{
		{change: `{"ociVersion":"1.0.0"}`},
		{change: `{"ociVersion":"1.0.2-dev"}`},
		{change: `{"ociVersion":"1.0.0-rc5"}`},
		{change: `{"ociVersion":"1.2.0+dev"}`},
		{change: `{"ociVersion":"1.99.0"}`},
		{change: `{"ociVersion":""}`,
			errs: []string{`ociVersion: it is missing; this is creel for version 1.3.0 of the specification`}},
		{change: `{"ociVersion":"0.1.0"}`,
			errs: []string{`ociVersion: "0.1.0" is of another major version than 1.3.0, which creel speaks`}},
		{change: `{"ociVersion":"2.0.0"}`,
			errs: []string{`ociVersion: "2.0.0" is of another major version than 1.3.0, which creel speaks`}},
		{change: `{"ociVersion":"10.0.0"}`,
			errs: []string{`ociVersion: "10.0.0" is of another major version than 1.3.0, which creel speaks`}},
		{change: `{"ociVersion":"1.0"}`,
			errs: []string{`ociVersion: "1.0" is not a version like 1.3.0 (SemVer 2.0.0)`}},
		{change: `{"ociVersion":"1"}`,
			errs: []string{`ociVersion: "1" is not a version like 1.3.0 (SemVer 2.0.0)`}},
		{change: `{"ociVersion":"v1.0.0"}`,
			errs: []string{`ociVersion: "v1.0.0" is not a version like 1.3.0 (SemVer 2.0.0)`}},
		{change: `{"ociVersion":"1.0.0.0"}`,
			errs: []string{`ociVersion: "1.0.0.0" is not a version like 1.3.0 (SemVer 2.0.0)`}},
		{change: `{"ociVersion":"1.01.0"}`,
			errs: []string{`ociVersion: "1.01.0" is not a version like 1.3.0 (SemVer 2.0.0)`}},
		{change: `{"ociVersion":"1.0.0-"}`,
			errs: []string{`ociVersion: "1.0.0-" is not a version like 1.3.0 (SemVer 2.0.0)`}},
		{change: `{"ociVersion":"1.0.0-a..b"}`,
			errs: []string{`ociVersion: "1.0.0-a..b" is not a version like 1.3.0 (SemVer 2.0.0)`}},
		{change: `{"ociVersion":"1.0.0-01"}`,
			errs: []string{`ociVersion: "1.0.0-01" is not a version like 1.3.0 (SemVer 2.0.0)`}},
		{change: `{"ociVersion":"1.0.0+"}`,
			errs: []string{`ociVersion: "1.0.0+" is not a version like 1.3.0 (SemVer 2.0.0)`}},
		{change: `{"ociVersion":"1.0.x"}`,
			errs: []string{`ociVersion: "1.0.x" is not a version like 1.3.0 (SemVer 2.0.0)`}},
		{change: `{"ociVersion":"latest"}`,
			errs: []string{`ociVersion: "latest" is not a version like 1.3.0 (SemVer 2.0.0)`}},
	})
}
