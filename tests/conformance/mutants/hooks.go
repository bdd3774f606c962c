package mutants

import "slices"

// moved gives hooks to other kinds.
func moved(to map[string]string) func(config object) {
	return func(config object) {
		hooks, ok := config["hooks"].(object)
		if !ok {
			return
		}
		other := object{}
		for kind, list := range hooks {
			if to[kind] != "" {
				kind = to[kind]
			}
			had, _ := other[kind].(array)
			other[kind] = append(had, list.(array)...)
		}
		config["hooks"] = other
	}
}

// removes lets a hook in the container remove what the runtime put into /dev.
func removes(config object) {
	hooks, ok := config["hooks"].(object)
	if !ok {
		hooks = object{}
		config["hooks"] = hooks
	}
	hooks["startContainer"] = array{object{"path": "/bin/rm", "args": array{"rm", "-f",
		"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty", "/dev/ptmx", "/dev/fd", "/dev/stdin"}}}
}

var hooks = []Mutant{
	{Name: "runs no hooks", Config: without("hooks"), Fails: []string{
		"TestHookIsCalled/*", "TestHookPathResolves/*", "TestHookNamespaces/*", "TestHooksRunInOrder", "TestHookKindsRunInOrder/*",
		"TestHooksGetTheState", "TestFailingHook/*", "TestFeaturesAreAccepted/hooks",
	}},
	{Name: "runs hooks at other times", Config: moved(map[string]string{
		"prestart": "poststart", "createRuntime": "poststart", "createContainer": "startContainer", "startContainer": "createContainer",
		"poststart": "poststop", "poststop": "poststart",
	}), Fails: []string{"TestHookIsCalled/*"}},
	{Name: "runs hooks in other namespaces", Config: moved(map[string]string{
		"prestart": "createContainer", "createRuntime": "createContainer", "createContainer": "createRuntime",
		"startContainer": "poststart", "poststart": "startContainer", "poststop": "startContainer",
	}), Fails: []string{"TestHookNamespaces/*"}},
	{Name: "looks for hooks on the other side", Config: moved(map[string]string{
		"prestart": "startContainer", "createRuntime": "startContainer", "createContainer": "startContainer",
		"startContainer": "createRuntime", "poststart": "startContainer", "poststop": "startContainer",
	}), Fails: []string{"TestHookPathResolves/*"}},
	{Name: "runs createRuntime hooks last", Config: moved(map[string]string{"createRuntime": "createContainer", "createContainer": "prestart", "prestart": "createContainer"}),
		Fails: []string{"TestHookKindsRunInOrder/createRuntime-createContainer"}},
	{Name: "runs prestart hooks late", Config: moved(map[string]string{"prestart": "createContainer"}),
		Fails: []string{"TestHookKindsRunInOrder/prestart-createRuntime"}},
	{Name: "runs hooks backwards", Config: func(config object) {
		for _, list := range at(config, "hooks") {
			slices.Reverse(list.(array))
		}
	}, Fails: []string{"TestHooksRunInOrder"}},
	{Name: "tells hooks nothing of annotations", Config: without("annotations"), Fails: []string{"TestHooksGetTheState", "TestState/annotations"}},
	{Name: "leaves nothing in /dev", Config: removes, Fails: []string{
		"TestDefaultDevice/null", "TestDefaultDevice/zero", "TestDefaultDevice/full", "TestDefaultDevice/random",
		"TestDefaultDevice/urandom", "TestDefaultDevice/tty", "TestDefaultDevice/ptmx", "TestDevLinks",
	}},
}
