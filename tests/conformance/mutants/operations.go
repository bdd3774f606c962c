package mutants

import (
	"os"
	"strings"
)

// instead stands in for one command, and leaves the others to the runtime.
func instead(command string, f func(c *Call) int) func(c *Call) int {
	return func(c *Call) int {
		if c.Command == command {
			return f(c)
		}
		return c.Go()
	}
}

// lies changes what state says.
func lies(key string, edit func(said object)) Mutant {
	return Mutant{Name: "lies about " + key, Call: instead("state", func(c *Call) int { return c.says(edit) }), Fails: []string{"TestState/" + key}}
}

func forgets(key string) Mutant {
	return lies(key, func(said object) { delete(said, key) })
}

var refusals = []string{
	"TestInvalidConfigIsRefused/*", "TestCreateFailsForWhatCannotBeApplied/*", "TestOperationNeedsAnID/*", "TestCreateNeedsABundle",
	"TestCreateRefusesATakenID", "TestCreateRefusesAnInvalidID", "TestStartOfWhatIsNotCreated/*", "TestStartNeedsAProcess",
	"TestKillOfAStoppedContainer", "TestDeleteOfWhatIsNotStopped/running", "TestStateOfNoContainer", "TestIdmapNeedsMappings/*",
	"TestMappingsComeInPairs/*", "TestNamespaceOfAnotherTypeIsRefused", "TestNamespacePathMustBeAbsolute", "TestDeviceInTheWay",
	"TestIntelRdtNeedsResctrl", "TestRootMustExist", "TestBundleConfigIsInItsRoot", "TestFailedCreateLeavesNothing",
	"TestFailingHook/prestart", "TestFailingHook/createRuntime", "TestFailingHook/createContainer", "TestFailingHook/startContainer",
	"TestFailingHook/poststart", "TestUnknownOptionsAreTheFilesystems",
}

func succeeds(c *Call) int {
	c.Go()
	return 0
}

var operations = []Mutant{
	{Name: "knows no failure", Call: succeeds, Fails: refusals},
	{Name: "knows no failure on v2", Call: succeeds, V2: true, Fails: []string{"TestUnified/missing", "TestLimitsThatCannotBeConverted"}},
	{Name: "starts at create", Call: instead("create", func(c *Call) int {
		if st := c.Go(); st != 0 {
			return st
		}
		return c.run("start", c.ID)
	}), Fails: []string{"TestProgramWaitsForStart", "TestCreateMakesAContainer", "TestStatusFollowsTheLifecycle"}},
	{Name: "starts nothing", Call: instead("start", func(*Call) int { return 0 }),
		Fails: []string{"TestProgramWaitsForStart", "TestStatusFollowsTheLifecycle", "TestOperationsAreSupported"}},
	{Name: "reads the config again at start", Call: func(c *Call) int {
		switch c.Command {
		case "create":
			c.note()
		case "start":
			c.run("delete", "--force", c.ID)
			c.run("create", "--bundle", c.noted("bundle"), c.ID)
		}
		return c.Go()
	}, Fails: []string{"TestConfigChangesAfterCreateDoNothing"}},
	{Name: "kills nobody", Call: instead("kill", func(*Call) int { return 0 }),
		Fails: []string{"TestKillSendsTheSignal/*", "TestOperationsAreSupported"}},
	{Name: "kills with KILL", Call: instead("kill", func(c *Call) int { return c.run("kill", c.ID, "KILL") }),
		Fails: []string{"TestKillSendsTheSignal/running"}},
	{Name: "deletes nothing", Call: instead("delete", func(c *Call) int {
		if strings.Contains(strings.Join(c.Args, " "), "--force") { // the suite's own cleaning up
			return c.Go()
		}
		return 0
	}), Fails: []string{"TestDeleteUndoesCreate", "TestOperationsAreSupported"}},
	{Name: "deletes what runs", Call: instead("delete", func(c *Call) int { return c.run("delete", "--force", c.ID) }),
		Fails: []string{"TestDeleteOfWhatIsNotStopped/running"}},
	{Name: "leaves the cgroup", Call: func(c *Call) int {
		if c.Command == "create" {
			c.note()
		}
		st := c.Go()
		if c.Command == "delete" && c.noted("cgroup") != "" {
			_ = os.Mkdir(c.noted("cgroup"), 0o755)
		}
		return st
	}, Fails: []string{"TestDeleteUndoesCreate"}},
	{Name: "deletes the bundle", Call: func(c *Call) int {
		if c.Command == "create" {
			c.note()
		}
		st := c.Go()
		if c.Command == "delete" && c.noted("bundle") != "" {
			_ = os.RemoveAll(c.noted("bundle"))
		}
		return st
	}, Fails: []string{"TestDeleteLeavesWhatItDidNotMake"}},
	{Name: "leaves the cgroup of what failed", Call: instead("create", func(c *Call) int {
		st := c.Go()
		if st != 0 && c.cgroup() != "" {
			_ = os.Mkdir(c.cgroup(), 0o755)
		}
		return st
	}), Fails: []string{"TestFailedCreateLeavesNothing", "TestFailingHook/createRuntime"}},
	forgets("ociVersion"), forgets("id"), forgets("status"), forgets("bundle"), forgets("annotations"),
	lies("pid", func(said object) { said["pid"] = os.Getppid() }),
	lies("schema", func(said object) { said["pid"] = "four" }),
	{Name: "is running for ever", Call: instead("state", func(c *Call) int {
		return c.says(func(said object) { said["status"] = "running" })
	}), Fails: []string{"TestStatusFollowsTheLifecycle", "TestCreateMakesAContainer"}},
}
