package spec

import "testing"

func TestCapabilitiesThatCannotBeGrantedAreWarnedOf(t *testing.T) {
	check(t, []verdict{
		{change: `{"process":{"capabilities":{"bounding":["CAP_CHOWN"],"permitted":["CAP_CHOWN"],"effective":["CAP_CHOWN"],"inheritable":["CAP_CHOWN"],"ambient":["CAP_CHOWN"]}}}`},
		{change: `{"process":{"capabilities":{"bounding":["CAP_NEW","chown"],"ambient":["CAP_X"],"effective":["CAP_Y"]}}}`,
			warns: []string{
				`process.capabilities.bounding[0]: "CAP_NEW" is not a capability of Linux (capabilities(7)): it is not granted`,
				`process.capabilities.bounding[1]: "chown" is not a capability of Linux (capabilities(7)): it is not granted`,
				`process.capabilities.effective[0]: "CAP_Y" is not a capability of Linux (capabilities(7)): it is not granted`,
				`process.capabilities.ambient[0]: "CAP_X" is not a capability of Linux (capabilities(7)): it is not granted`,
			}},
		{change: `{"process":{"capabilities":{"permitted":["CAP_KILL"],"effective":["CAP_KILL","CAP_CHOWN"]}}}`,
			warns: []string{`process.capabilities.effective: not permitted, and so not granted: CAP_CHOWN`}},
		{change: `{"process":{"user":{"uid":1},"capabilities":{"permitted":["CAP_KILL","CAP_CHOWN"],"inheritable":["CAP_KILL"],"ambient":["CAP_KILL","CAP_CHOWN"]}}}`,
			warns: []string{`process.capabilities.ambient: not both permitted and inheritable, and so not granted: CAP_CHOWN`}},
		{change: `{"process":{"user":{"uid":1},"capabilities":{"permitted":["CAP_KILL","CAP_CHOWN"],"ambient":["CAP_KILL","CAP_CHOWN"]}}}`,
			warns: []string{`process.capabilities.ambient: not both permitted and inheritable, and so not granted: CAP_KILL, CAP_CHOWN`}},
		{change: `{"process":{"user":{"uid":0},"capabilities":{"permitted":["CAP_KILL"],"ambient":["CAP_KILL"]}}}`},
	})
}
