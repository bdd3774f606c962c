package mutants

import "slices"

// shares leaves the container in the runtime's namespace of this type.
func shares(kind string) Mutant {
	return Mutant{Name: "shares the " + kind + " namespace", Config: func(config object) {
		linux := at(config, "linux")
		list, _ := linux["namespaces"].(array)
		linux["namespaces"] = slices.DeleteFunc(list, func(ns any) bool { return ns.(object)["type"] == kind })
		if kind == "uts" {
			delete(config, "hostname")
		}
		if kind == "user" {
			delete(linux, "uidMappings")
			delete(linux, "gidMappings")
		}
	}, Fails: []string{"TestNamespaceIsNew/" + kind}}
}

// isolated adds every namespace that is not there.
func isolated(config object) {
	linux := at(config, "linux")
	list, _ := linux["namespaces"].(array)
	for _, kind := range []string{"pid", "network", "ipc", "uts", "user", "cgroup", "time"} {
		if slices.ContainsFunc(list, func(ns any) bool { return ns.(object)["type"] == kind }) {
			continue
		}
		list = append(list, object{"type": kind})
		if kind == "user" {
			all := array{object{"containerID": 0, "hostID": 0, "size": 65536}}
			linux["uidMappings"], linux["gidMappings"] = all, all
		}
	}
	linux["namespaces"] = list
}

var namespaces = []Mutant{
	shares("pid"), shares("network"), shares("mount"), shares("ipc"), shares("uts"), shares("user"), shares("cgroup"), shares("time"),
	{Name: "inherits no namespace", Config: isolated, Fails: []string{"TestNamespaceIsInherited/*"}},
	{Name: "joins no namespace", Config: func(config object) {
		for _, ns := range objects(at(config, "linux"), "namespaces") {
			delete(ns, "path")
		}
	}, Fails: []string{"TestNamespaceIsJoined/*", "TestNamespaceOfAnotherTypeIsRefused", "TestCreateFailsForWhatCannotBeApplied/namespace"}},
}
