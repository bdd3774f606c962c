package mutants

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// without leaves out properties: "linux.sysctl".
func without(paths ...string) func(config object) {
	return func(config object) {
		for _, path := range paths {
			keys := strings.Split(path, ".")
			last := len(keys) - 1
			delete(at(config, keys[:last]...), keys[last])
		}
	}
}

// refuses fails create and run where the config's text has one of these words.
func refuses(words ...string) func(c *Call) int {
	return func(c *Call) int {
		text, _ := json.Marshal(c.config())
		for _, word := range words {
			if strings.Contains(string(text), word) {
				fmt.Fprintf(os.Stderr, "%s: unknown\n", word)
				return 1
			}
		}
		return c.Go()
	}
}

// lastOption turns the last option of each mount at /tmp into one that nobody knows.
func lastOption(config object) {
	for _, m := range objects(config, "mounts") {
		options, _ := m["options"].(array)
		if n := len(options); n > 0 && m["destination"] == "/tmp" {
			options[n-1] = fmt.Sprint(options[n-1], "-unknown")
		}
	}
}

// unmapped takes the mappings from mounts.
func unmapped(config object) {
	for _, m := range objects(config, "mounts") {
		delete(m, "uidMappings")
		delete(m, "gidMappings")
		options, _ := m["options"].(array)
		m["options"] = slices.DeleteFunc(options, func(o any) bool { return o == "idmap" || o == "ridmap" })
	}
}

// bare leaves of a process what it must have.
func bare(config object) {
	config["process"] = object{"args": array{"/bin/probe"}, "cwd": "/", "user": object{"uid": 0, "gid": 0}, "env": array{"PATH=/bin"}}
}

// backwards turns the order of the mounts below /tmp round.
func backwards(config object) {
	mounts, _ := config["mounts"].(array)
	var ours, others array
	for _, m := range mounts {
		if path, _ := m.(object)["destination"].(string); strings.HasPrefix(path, "/tmp") {
			ours = append(ours, m)
		} else {
			others = append(others, m)
		}
	}
	slices.Reverse(ours)
	config["mounts"] = append(others, ours...)
}

var configs = []Mutant{
	{Name: "takes options for the filesystem's", Config: lastOption, Fails: []string{"TestMountOption/*"}},
	{Name: "does not map the ids of mounts", Config: unmapped, Fails: []string{"TestMountOption/idmap", "TestMountOption/ridmap"}},
	{Name: "mounts backwards", Config: backwards, Fails: []string{"TestMountsAreMadeInOrder"}},
	{Name: "mounts nothing", Config: without("mounts"), Fails: []string{
		"TestDefaultFilesystems", "TestRelativeDestination", "TestEnvironmentExistsOnceCreated", "TestUnknownOptionsAreTheFilesystems",
		"TestMountsAreMadeInOrder", "TestCreateFailsForWhatCannotBeApplied/mount",
	}},
	{Name: "leaves the root writable", Config: without("root.readonly"), Fails: []string{"TestReadonlyRoot"}},
	{Name: "knows of a process only what to run", Config: bare, Fails: []string{
		"TestProcess/*", "TestRlimitsAreSet/*", "TestOOMScoreAdjIsSet", "TestDefaultDevice/console", "TestUnknownCapabilityIsNoError",
	}},
	{Name: "sets oom_score_adj at all times", Config: func(config object) { at(config, "process")["oomScoreAdj"] = 500 },
		Fails: []string{"TestOOMScoreAdjStays", "TestOOMScoreAdjIsSet"}},
	{Name: "has a terminal wherever it has a size", Config: func(config object) {
		if p := at(config, "process"); p["consoleSize"] != nil {
			p["terminal"] = true
		}
	}, Fails: []string{"TestConsoleSizeWithoutTerminal"}},
	{Name: "refuses what it does not know", Call: refuses("CAP_OF_NO_KERNEL", `"unknown"`, "nothing-known"), Fails: []string{
		"TestWarningChangesNothing", "TestUnknownCapabilityIsNoError", "TestUnknownAnnotationsAreIgnored", "TestUnknownPropertiesAreIgnored",
	}},
	{Name: "knows little of Linux", Config: without("hostname", "domainname", "linux.sysctl", "linux.maskedPaths", "linux.readonlyPaths",
		"linux.rootfsPropagation", "linux.personality", "linux.timeOffsets", "linux.resources", "linux.seccomp", "linux.devices"), Fails: []string{
		"TestHostname", "TestDomainname", "TestSysctl", "TestMaskedPaths", "TestReadonlyPaths", "TestRootfsPropagation/shared",
		"TestRootfsPropagation/slave", "TestRootfsPropagation/unbindable", "TestPersonality", "TestTimeOffsets", "TestPidsLimit",
		"TestPidsLimitOfZero", "TestMemoryLimit", "TestCPUShares", "TestSeccompRules", "TestSeccompDefaultAction", "TestDevicesAreThere",
	}},
	{Name: "leaves network devices where they are", Config: without("linux.netDevices"), Fails: []string{"TestNetDevices/*"}},
	{Name: "asks no seccomp agent", Config: func(config object) {
		for _, rule := range objects(at(config, "linux", "seccomp"), "syscalls") {
			rule["action"] = "SCMP_ACT_ALLOW"
		}
	}, Fails: []string{"TestSeccompListener/*"}},
	{Name: "shares every root", Config: func(config object) { at(config, "linux")["rootfsPropagation"] = "shared" },
		Fails: []string{"TestRootfsPropagation/slave", "TestRootfsPropagation/private", "TestRootfsPropagation/unbindable"}},
	{Name: "maps ids elsewhere", Config: func(config object) {
		for _, m := range objects(at(config, "linux"), "uidMappings") {
			m["hostID"], m["size"] = 99999, 65537
		}
	}, Fails: []string{"TestUserNamespaceMappings"}},
	{Name: "gives files of the root away", Call: func(c *Call) int {
		if root, _ := at(c.config(), "root")["path"].(string); root != "" {
			_ = os.Chown(filepath.Join(root, "etc/passwd"), 0, 0)
		}
		return c.Go()
	}, Fails: []string{"TestOwnershipOfTheRootStays"}},
	{Name: "applies device rules backwards", Config: func(config object) {
		if rules, ok := at(config, "linux", "resources")["devices"].(array); ok {
			slices.Reverse(rules)
		}
	}, Fails: []string{"TestDeviceRulesInOrder/*"}},
}
