package machine

import (
	"os"
	"testing"

	"github.com/creel-project/creel/tests/mutate"
	"github.com/opencontainers/runtime-spec/specs-go"
)

func TestNoWrongValueInASpecificationOfCDIPanics(t *testing.T) {
	const right = `{"cdiVersion":"0.7.0","kind":"example.org/lab","annotations":{"a":"b"},"containerEdits":{"env":["X=1"],"intelRdt":{"closID":"x"}},
		"devices":[{"name":"x","annotations":{"a":"b"},"containerEdits":{"env":["A=1"],"additionalGids":[7],
			"deviceNodes":[{"path":"/dev/lab","hostPath":"/dev/null","type":"c","major":1,"minor":3,"fileMode":438,"permissions":"rw","uid":1,"gid":1}],
			"mounts":[{"hostPath":"/lab","containerPath":"/lab","options":["ro"],"type":"bind"}],
			"hooks":[{"hookName":"createContainer","path":"/bin/lab","args":["a"],"env":["A=1"],"timeout":1}]}}]}`
	dir := t.TempDir()
	inject := func(text []byte) error {
		must(t, os.WriteFile(dir+"/lab.json", text, 0o644))
		return (&Machine{CDIDirs: []string{dir}}).InjectCDI(&specs.Spec{Process: &specs.Process{}, Linux: &specs.Linux{}}, []string{"example.org/lab=x"})
	}
	must(t, inject([]byte(right)))
	for path, wrong := range mutate.Each([]byte(right)) {
		mutate.Survives(t, path, func() { _ = inject(wrong) })
	}
}
