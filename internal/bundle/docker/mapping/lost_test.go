package mapping

import (
	"slices"
	"testing"

	"github.com/creel-project/creel/internal/bundle/docker/report"
)

func TestWhatCannotBeExpressedIsLost(t *testing.T) {
	for patch, want := range map[string][]string{
		`{}`:                                    {"HostConfig.NetworkMode"},
		`{"HostConfig":{"NetworkMode":"none"}}`: nil,
		`{"HostConfig":{"NetworkMode":"none","RestartPolicy":{"Name":"always"},"AutoRemove":true,"ContainerIDFile":"/x","LogConfig":{"Type":"syslog"}}}`: {
			"HostConfig.AutoRemove", "HostConfig.ContainerIDFile", "HostConfig.LogConfig.Type", "HostConfig.RestartPolicy.Name"},
		`{"HostConfig":{"NetworkMode":"none","RestartPolicy":{"Name":"no"},"LogConfig":{"Type":"json-file"},"Runtime":"runc","Isolation":"default"}}`: nil,
		`{"HostConfig":{"NetworkMode":"none","Runtime":"kata","CpuCount":2,"IOMaximumIOps":5,"StorageOpt":{"size":"1G"},"Links":["a:b"],"Cgroup":"container:a"}}`: {
			"HostConfig.Cgroup", "HostConfig.CpuCount", "HostConfig.IOMaximumIOps", "HostConfig.Links", "HostConfig.Runtime", "HostConfig.StorageOpt"},
		`{"HostConfig":{"NetworkMode":"none","PortBindings":{"80/tcp":[{"HostPort":"80"}]},"PublishAllPorts":true,"KernelMemory":5}}`: {
			"HostConfig.KernelMemory", "HostConfig.PortBindings", "HostConfig.PublishAllPorts"},
		`{"HostConfig":{"NetworkMode":"none"},"Config":{"Healthcheck":{"Test":["x"]},"StopTimeout":5,"OnBuild":["x"],"Shell":["x"],"AttachStdin":true,"OpenStdin":true,"StdinOnce":true,"ArgsEscaped":true}}`: {
			"Config.ArgsEscaped", "Config.AttachStdin", "Config.Healthcheck", "Config.OnBuild", "Config.OpenStdin", "Config.Shell", "Config.StdinOnce", "Config.StopTimeout"},
		`{"HostConfig":{"NetworkMode":"none"},"Config":{"Healthcheck":{"Test":["NONE"]}}}`: nil,
		`{"HostConfig":{"NetworkMode":"none"},"Config":{"Volumes":{"/v":{}},"Labels":{"run.oci.x":"1","a":"b"}}}`: {
			`Config.Labels["run.oci.x"]`, `Config.Volumes["/v"]`},
		`{"HostConfig":{"NetworkMode":"none","Binds":["/a:/a:ro","v:/b","/c"],"Mounts":[{"Type":"bind","Source":"/d","Target":"/d/"},{"Type":"tmpfs","Target":"/e"}]},
			"Mounts":[{"Type":"bind","Source":"/a","Destination":"/a"},{"Type":"bind","Source":"/d","Destination":"/d"}]}`: {
			"HostConfig.Binds[1]", "HostConfig.Binds[2]", "HostConfig.Mounts[1]"},
		`{"HostConfig":{"NetworkMode":"host","Sysctls":{"net.core.somaxconn":"5","kernel.shmmax":"6"}}}`:                 {`HostConfig.Sysctls["net.core.somaxconn"]`},
		`{"HostConfig":{"NetworkMode":"none","DeviceRequests":[{"Driver":"x"}]}}`:                                        {"HostConfig.DeviceRequests[0]"},
		`{"HostConfig":{"NetworkMode":"none"},"ResolvConfPath":"/var/lib/docker/165536.165536/c/r"}`:                     {"HostConfig.UsernsMode"},
		`{"HostConfig":{"NetworkMode":"none","UsernsMode":"host"},"ResolvConfPath":"/var/lib/docker/165536.165536/c/r"}`: nil,
		`{"HostConfig":{"NetworkMode":"none","Tomorrow":1},"Volumes":{"/v":"/x"}}`:                                       {"HostConfig.Tomorrow", "Volumes"},
		`{"HostConfig":{"NetworkMode":"none"},"NetworkSettings":{"Networks":{"a":{"Aliases":["abc"]},"b":{"Aliases":["db"]},"c":{"IPAMConfig":{"IPv4Address":"10.0.0.5"}}}}}`: {
			`NetworkSettings.Networks["b"]`, `NetworkSettings.Networks["c"]`},
	} {
		var got []string
		for _, e := range (row{patch: patch}).report(t).Lost() {
			if e.Why == "" {
				t.Errorf("%s: %s is lost for no reason", patch, e.Field)
			}
			got = append(got, e.Field)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s:\nlost %q\nwant %q", patch, got, want)
		}
	}
}

// report is what becomes of the row's fields.
func (r row) report(t *testing.T) *report.Report {
	t.Helper()
	d, s, notes, err := r.make(t)
	if err != nil {
		t.Fatalf("%s: %v", r.patch, err)
	}
	made, err := report.Build(d.Fields, notes, s)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func TestWhatChangesNothingIsNotSaidToBeMapped(t *testing.T) {
	for field, patch := range map[string]string{
		"HostConfig.CapDrop":           `{"HostConfig":{"Privileged":true,"CapDrop":["KILL"]}}`,
		"HostConfig.DeviceCgroupRules": `{"HostConfig":{"Privileged":true,"DeviceCgroupRules":["c 7:* r"]}}`,
		"HostConfig.MaskedPaths":       `{"HostConfig":{"MaskedPaths":[]}}`,
		"HostConfig.ReadonlyPaths":     `{"HostConfig":{"ReadonlyPaths":[]}}`,
		"HostConfig.ConsoleSize":       `{"HostConfig":{"ConsoleSize":[24,80]}}`,
		"HostConfig.ShmSize":           `{"HostConfig":{"IpcMode":"none"}}`,
	} {
		found := false
		for _, e := range (row{patch: patch}).report(t).Fields {
			if e.Field == field {
				found = e.Fate == report.Default && e.Why != ""
			}
		}
		if !found {
			t.Errorf("%s is not a default with its reason", field)
		}
	}
}
