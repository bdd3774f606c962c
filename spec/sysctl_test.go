package spec

import "testing"

func TestOnlyKernelParametersOfNamespacesCanBeSet(t *testing.T) {
	check(t, []verdict{
		{change: `{"linux":{"sysctl":{"net.ipv4.ip_forward":"1","net/ipv4/conf/eth0.1/rp_filter":"1","net.ipv4.conf.eth0/1.rp_filter":"1","kernel.sem":"250 32000 100 128","kernel.shm_rmid_forced":"1","fs.mqueue.msg_max":"10","kernel/msgmax":"65536","kernel.domainname":"d"}}}`},
		{change: `{"linux":{"namespaces":[{"type":"user"},{"type":"mount"},{"type":"uts"}],"uidMappings":[{"size":1}],"gidMappings":[{"size":1}],"sysctl":{"user.max_user_namespaces":"5"}}}`},
		{change: `{"linux":{"sysctl":{"user.max_user_namespaces":"5"}}}`,
			errs: []string{`linux.sysctl["user.max_user_namespaces"]: it would change the host: linux.namespaces has none of type "user"`}},
		{change: `{"linux":{"sysctl":{"kernel.panic":"1","vm.swappiness":"1","fs.file-max":"5"}}}`,
			errs: []string{
				`linux.sysctl["fs.file-max"]: it belongs to no namespace: it would change the host`,
				`linux.sysctl["kernel.panic"]: it belongs to no namespace: it would change the host`,
				`linux.sysctl["vm.swappiness"]: it belongs to no namespace: it would change the host`,
			}},
		{change: `{"linux":{"sysctl":{"kernel.hostname":"x"}}}`,
			errs: []string{`linux.sysctl["kernel.hostname"]: it is set by the field hostname`}},
		{change: `{"domainname":"a","linux":{"sysctl":{"kernel.domainname":"x"}}}`,
			errs: []string{`linux.sysctl["kernel.domainname"]: it is set by the field domainname already, to "a"`}},
		{change: `{"linux":{"namespaces":[{"type":"pid"},{"type":"mount"},{"type":"cgroup"},{"type":"time"}],"sysctl":null}}`},
		{change: `{"linux":{"namespaces":[{"type":"network","path":"/proc/self/ns/net"}],"sysctl":{"net.ipv4.ip_forward":"1"}}}`,
			errs: []string{`linux.sysctl["net.ipv4.ip_forward"]: it would change the host: /proc/self/ns/net is the host's network namespace`}},
		{change: `{"linux":{"sysctl":{"":"1","net":"1","net..ipv4":"1",".net.x":"1","net.x.":"1","net/../kernel/panic":"1","net.//.kernel.panic":"1","net/./x":"1","/proc/sys/net/x":"1"}}}`,
			errs: []string{
				`linux.sysctl[""]: "" is not the name of a kernel parameter, like net.ipv4.ip_forward or net/ipv4/ip_forward`,
				`linux.sysctl[".net.x"]: ".net.x" is not the name of a kernel parameter, like net.ipv4.ip_forward or net/ipv4/ip_forward`,
				`linux.sysctl["/proc/sys/net/x"]: "/proc/sys/net/x" is not the name of a kernel parameter, like net.ipv4.ip_forward or net/ipv4/ip_forward`,
				`linux.sysctl["net"]: "net" is not the name of a kernel parameter, like net.ipv4.ip_forward or net/ipv4/ip_forward`,
				`linux.sysctl["net..ipv4"]: "net..ipv4" is not the name of a kernel parameter, like net.ipv4.ip_forward or net/ipv4/ip_forward`,
				`linux.sysctl["net.//.kernel.panic"]: "net.//.kernel.panic" is not the name of a kernel parameter, like net.ipv4.ip_forward or net/ipv4/ip_forward`,
				`linux.sysctl["net.x."]: "net.x." is not the name of a kernel parameter, like net.ipv4.ip_forward or net/ipv4/ip_forward`,
				`linux.sysctl["net/../kernel/panic"]: "net/../kernel/panic" is not the name of a kernel parameter, like net.ipv4.ip_forward or net/ipv4/ip_forward`,
				`linux.sysctl["net/./x"]: "net/./x" is not the name of a kernel parameter, like net.ipv4.ip_forward or net/ipv4/ip_forward`,
			}},
		{change: `{"linux":{"sysctl":{"net.ipv4.ip_forward":"1\u0000"}}}`,
			errs: []string{`linux.sysctl["net.ipv4.ip_forward"]: "1\x00" contains a NUL character, where the kernel would end it`}},
	})
}
