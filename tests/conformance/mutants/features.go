package mutants

// claims changes what features says.
func claims(what string, edit func(said object), fails ...string) Mutant {
	return Mutant{Name: "claims " + what, Call: instead("features", func(c *Call) int { return c.says(edit) }), Fails: fails}
}

// more adds a word to a list.
func more(o object, key, word string) {
	list, _ := o[key].(array)
	o[key] = append(list, word)
}

var features = []Mutant{
	claims("versions that are none", func(said object) { said["ociVersionMin"], said["ociVersionMax"] = "one", "two" },
		"TestFeatures/ociVersionMin", "TestFeatures/ociVersionMax", "TestFeaturesAreAccepted/ociVersionMin", "TestFeaturesAreAccepted/ociVersionMax"),
	claims("to end before it begins", func(said object) { said["ociVersionMax"] = "0.9.0" }, "TestFeatures/order"),
	claims("more than there is to claim", func(said object) { said["speed"] = "high" }, "TestFeatures/properties"),
	claims("options of filesystems", func(said object) { more(said, "mountOptions", "size") }, "TestFeatures/mountOptions"),
	claims("annotations that are none", func(said object) { said["annotations"] = object{"": "x"} }, "TestFeatures/annotations"),
	claims("no mappings of mounts", func(said object) { delete(at(said, "linux"), "mountExtensions") }, "TestFeatures/idmap"),
	claims("what it cannot do", func(said object) {
		more(said, "hooks", "preboot")
		more(said, "mountOptions", "nonsense")
		linux := at(said, "linux")
		more(linux, "namespaces", "weather")
		more(linux, "capabilities", "CAP_OF_NO_KERNEL")
		seccomp := at(linux, "seccomp")
		more(seccomp, "actions", "SCMP_ACT_PONDER")
		more(seccomp, "operators", "SCMP_CMP_LIKE")
		more(seccomp, "archs", "SCMP_ARCH_PDP11")
		more(seccomp, "knownFlags", "SECCOMP_FILTER_FLAG_HALF")
		more(seccomp, "supportedFlags", "SECCOMP_FILTER_FLAG_HALF")
		linux["memoryPolicy"] = object{"modes": array{"MPOL_FORGET"}, "flags": array{"MPOL_F_LESS"}}
	}, "TestFeaturesAreAccepted/hooks", "TestFeaturesAreAccepted/mountOptions", "TestFeaturesAreAccepted/namespaces",
		"TestFeaturesAreAccepted/capabilities", "TestFeaturesAreAccepted/seccomp-actions", "TestFeaturesAreAccepted/seccomp-operators",
		"TestFeaturesAreAccepted/seccomp-archs", "TestFeaturesAreAccepted/seccomp-knownFlags", "TestFeaturesAreAccepted/seccomp-supportedFlags",
		"TestFeaturesAreAccepted/memoryPolicy-modes", "TestFeaturesAreAccepted/memoryPolicy-flags"),
}
