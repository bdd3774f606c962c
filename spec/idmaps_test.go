package spec

import "testing"

func TestAUserNamespaceHasMapsAndMapsHaveAUserNamespace(t *testing.T) {
	check(t, []verdict{
		{change: `{"linux":{"namespaces":[{"type":"user"}],"uidMappings":[{"hostID":1000,"size":1}],"gidMappings":[{"hostID":1000,"size":1}]}}`},
		{change: `{"linux":{"namespaces":[{"type":"user"}]}}`,
			errs: []string{
				`linux.uidMappings: it is missing: a new user namespace maps ids of the container to ids of the host`,
				`linux.gidMappings: it is missing: a new user namespace maps ids of the container to ids of the host`,
			}},
		{change: `{"linux":{"namespaces":[{"type":"user"}],"uidMappings":[{"hostID":1000,"size":1}]}}`,
			errs: []string{`linux.gidMappings: it is missing: a new user namespace maps ids of the container to ids of the host`}},
		{change: `{"linux":{"uidMappings":[{"size":1}],"gidMappings":[{"size":1}]}}`,
			errs: []string{
				`linux.uidMappings: there is nothing to map: linux.namespaces has none of type "user"`,
				`linux.gidMappings: there is nothing to map: linux.namespaces has none of type "user"`,
			}},
		{change: `{"linux":{"uidMappings":[],"gidMappings":[]}}`},
		{change: `{"linux":{"namespaces":[{"type":"user","path":"/proc/self/ns/user"}]}}`},
	})
}

func TestRangesOfMapsAreWithinTheIdsAndApart(t *testing.T) {
	check(t, []verdict{
		{change: `{"linux":{"namespaces":[{"type":"user"}],"uidMappings":[{"size":1},{"containerID":1,"hostID":100000,"size":65536}],"gidMappings":[{"size":4294967295}]}}`},
		{change: `{"linux":{"namespaces":[{"type":"user"}],"uidMappings":[{"size":0}],"gidMappings":[{"containerID":1,"size":4294967295}]}}`,
			errs: []string{
				`linux.uidMappings[0].size: 0 maps nothing; it takes the number of ids`,
				`linux.gidMappings[0].size: 4294967295 from containerID 1 on reaches beyond 4294967294, the last id`,
				`process.user.uid: 0 is not mapped by linux.uidMappings`,
				`process.user.gid: 0 is not mapped by linux.gidMappings`,
			}},
		{change: `{"linux":{"namespaces":[{"type":"user"}],"uidMappings":[{"size":10},{"containerID":9,"hostID":100,"size":10}],"gidMappings":[{"size":10},{"containerID":10,"hostID":9,"size":10}]}}`,
			errs: []string{
				`linux.uidMappings[1].containerID: 9 to 18 overlaps with 0 to 9 of linux.uidMappings[0]`,
				`linux.gidMappings[1].hostID: 9 to 18 overlaps with 0 to 9 of linux.gidMappings[0]`,
			}},
	})
}

func TestTheIdsOfTheProcessAreMapped(t *testing.T) {
	check(t, []verdict{
		{change: `{"process":{"user":{"uid":5,"gid":6,"additionalGids":[0,7]}},"linux":{"namespaces":[{"type":"user"}],"uidMappings":[{"size":5}],"gidMappings":[{"size":6}]}}`,
			errs: []string{
				`process.user.uid: 5 is not mapped by linux.uidMappings`,
				`process.user.gid: 6 is not mapped by linux.gidMappings`,
				`process.user.additionalGids[1]: 7 is not mapped by linux.gidMappings`,
			}},
		{change: `{"process":{"user":{"uid":4,"gid":5,"additionalGids":[0,5]}},"linux":{"namespaces":[{"type":"user"}],"uidMappings":[{"size":5}],"gidMappings":[{"size":6}]}}`},
	})
}
