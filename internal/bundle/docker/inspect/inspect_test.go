package inspect

import (
	"os"
	"strings"
	"testing"
)

const described = `{"Id":"abc","Path":"/bin/true","Config":{"Cmd":["x"]},"HostConfig":{}}`

func TestTheDescriptionOfAContainerIsRead(t *testing.T) {
	for name, text := range map[string]string{
		"of the API":              described,
		"of the command":          "\n[ " + described + " ]\n",
		"of PowerShell":           "\xef\xbb\xbf" + described,
		"of Linux":                strings.Replace(described, "{", `{"Platform":"linux",`, 1),
		"of Docker 1.9":           strings.Replace(described, `["x"]`, `"x"`, 1),
		"with fields of tomorrow": strings.Replace(described, "{", `{"Tomorrow":{"A":[1]},`, 1),
	} {
		d, err := Read(strings.NewReader(text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if d.ID != "abc" || d.Config.Cmd[0] != "x" || d.Fields["Path"] != "/bin/true" {
			t.Errorf("%s: read %+v", name, d)
		}
	}
}

func TestWhatIsNoContainerIsRefused(t *testing.T) {
	read := func(name string) string {
		text, err := os.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	for name, c := range map[string]struct{ text, want string }{
		"nothing":                  {" \n", "it is empty"},
		"no JSON":                  {"FROM scratch", "it is not JSON"},
		"half of one":              {described[:40], "it is not JSON"},
		"more than one":            {described + described, "more follows"},
		"a text":                   {`"abc"`, "it is a JSON string"},
		"a number":                 {"5", "it is a JSON number"},
		"null":                     {"null", "it is null"},
		"null in an array":         {"[null]", "it is null"},
		"none":                     {"[]", "found nothing"},
		"two":                      {"[" + described + "," + described + "]", "it describes 2 objects"},
		"an array of arrays":       {"[[]]", "it is a JSON array"},
		"something else":           {`{"a":1}`, "lacks Config or HostConfig"},
		"half of a container":      {`{"Config":{},"HostConfig":null}`, "HostConfig is null"},
		"another type of a field":  {`{"Config":{"Tty":"yes"},"HostConfig":{}}`, "Config.Tty"},
		"a number that is no port": {`{"Config":{"ExposedPorts":{"x/tcp":{}}},"HostConfig":{}}`, "it is not the description of a container"},
		"a container of Windows":   {strings.Replace(described, "{", `{"Platform":"windows",`, 1), `the platform "windows"`},
		"a container of Podman":    {strings.Replace(described, "{", `{"OCIConfigPath":"/c",`, 1), "of Podman"},
		"an image":                 {read("image.json"), "it is of an image"},
		"a network":                {read("network.json"), "it is of a network"},
		"a volume":                 {read("volume.json"), "it is of a volume"},
		"a config":                 {`{"ociVersion":"1.0.0"}`, "config.json"},
		"an answer of the API":     {`{"message":"No such container: x"}`, "an error that Docker's API answered: No such container: x"},
		"a service":                {`{"ID":"x","Version":{"Index":1},"Spec":{}}`, "of a swarm"},
		"an executed process":      {`{"ID":"x","ProcessConfig":{}}`, "a process that was executed"},
	} {
		if d, err := Decode([]byte(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, %v; want an error with %q", name, d, err, c.want)
		}
	}
}

func TestAnEndlessDescriptionIsRefused(t *testing.T) {
	if _, err := Read(spaces{}); err == nil || !strings.Contains(err.Error(), "more than 67108864 bytes") {
		t.Errorf("the error is %v", err)
	}
}

// spaces is /dev/zero of JSON.
type spaces struct{}

func (spaces) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}
