package spec

import "testing"

func TestDevicesHaveAPathATypeAndNumbers(t *testing.T) {
	check(t, []verdict{
		{change: `{"linux":{"devices":[{"path":"/dev/fuse","type":"c","major":10,"minor":229,"fileMode":438,"uid":0,"gid":0},{"path":"/fifo","type":"p"},{"path":"/dev/x","type":"b","major":4095,"minor":1048575},{"path":"/dev/y","type":"u"}]}}`},
		{change: `{"linux":{"devices":[{"path":"","type":"c"},{"path":"dev/x","type":"c"},{"path":"/","type":"c"},{"path":"/a\u0000","type":"c"}]}}`,
			errs: []string{
				`linux.devices[0].path: it is missing; it takes an absolute path in the container`,
				`linux.devices[1].path: "dev/x" is not the absolute path of a file`,
				`linux.devices[2].path: "/" is not the absolute path of a file`,
				`linux.devices[3].path: "/a\x00" contains a NUL character, where the kernel would end it`,
			}},
		{change: `{"linux":{"devices":[{"path":"/dev/x","type":"char"},{"path":"/dev/y"}]}}`,
			errs: []string{
				`linux.devices[0].type: "char" is not one of b (block), c or u (character), p (fifo)`,
				`linux.devices[1].type: "" is not one of b (block), c or u (character), p (fifo)`,
			}},
		{change: `{"linux":{"devices":[{"path":"/dev/x","type":"c","major":-1,"minor":-1},{"path":"/dev/y","type":"b","major":4096,"minor":1048576}]}}`,
			errs: []string{
				`linux.devices[0].major: -1 is not from 0 to 4095`,
				`linux.devices[0].minor: -1 is not from 0 to 1048575`,
				`linux.devices[1].major: 4096 is not from 0 to 4095`,
				`linux.devices[1].minor: 1048576 is not from 0 to 1048575`,
			}},
		{change: `{"linux":{"devices":[{"path":"/dev/x","type":"c","fileMode":8630},{"path":"/dev/y","type":"c","fileMode":69206454}]}}`,
			warns: []string{`linux.devices[1].fileMode: 69206454 has bits beyond 4095 (07777): they are ignored`}},
		{change: `{"linux":{"devices":[{"path":"/dev/x","type":"c","uid":4294967295,"gid":4294967295}]}}`,
			errs: []string{
				`linux.devices[0].uid: 4294967295 is not the id of a user (credentials(7))`,
				`linux.devices[0].gid: 4294967295 is not the id of a group (credentials(7))`,
			}},
	})
}

func TestDeviceRulesHaveATypeNumbersAndAccess(t *testing.T) {
	check(t, []verdict{
		{change: `{"linux":{"resources":{"devices":[{"allow":false,"access":"rwm"},{"allow":true,"type":"c","major":10,"minor":229,"access":"rw"},{"allow":true,"type":"a"},{"allow":true,"type":"b","major":-1,"minor":-1,"access":"m"}]}}}`},
		{change: `{"linux":{"resources":{"devices":[{"type":"p"},{"type":"c","access":"rx"},{"major":-2},{"minor":4294967296}]}}}`,
			errs: []string{
				`linux.resources.devices[0].type: "p" is not one of a (all), b (block), c (character)`,
				`linux.resources.devices[1].access: "rx" is not made of r (read), w (write), m (mknod)`,
				`linux.resources.devices[2].major: -2 is not from 0 to 4294967295, or -1 for all`,
				`linux.resources.devices[3].minor: 4294967296 is not from 0 to 4294967295, or -1 for all`,
			}},
	})
}
