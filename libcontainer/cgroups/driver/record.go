package driver

// Record is what the container's state keeps: enough for another process to find, signal and remove the
// cgroup. It is complete before anything is made; what Create adds in Existed and Made can be read from the cgroups
// as well, so that it need not be saved at once.
type Record struct {
	// Driver is "v1" (which covers hybrid machines), "v2", or "disabled" where there is no cgroup.
	Driver string `json:"driver"`
	// Path is the cgroup below each hierarchy's mount point, for example "/web".
	Path string `json:"path"`
	// Dirs maps a hierarchy to the cgroup's absolute directory in it. The key is the hierarchy's
	// controller set as its mount options write it ("cpu,cpuacct", "name=systemd"), and "" for cgroup v2.
	Dirs map[string]string `json:"dirs"`
	// Mounts maps the same keys to the mount points, on v1.
	Mounts map[string]string `json:"mounts,omitempty"`
	// Token marks the container's cgroups, so that a record written before they were made never leads to a
	// cgroup of somebody else. Create empties it where the kernel keeps no marks.
	Token string `json:"token,omitempty"`
	// Existed holds the keys of Dirs whose directory was there, empty, before Create: Destroy ends
	// their processes but leaves the directories, which belong to somebody else (runtime-spec, delete).
	Existed []string `json:"existed,omitempty"`
	// Made holds the absolute parent directories that Create made on the way, outermost first. Destroy
	// removes those that nobody else uses. The marks tell the same: it matters only without a Token.
	Made []string `json:"made,omitempty"`
	// Unit is the scope that systemd made, Description how it tells that one from others of that name, and UserUnit says
	// that it was the user's own systemd.
	Unit        string `json:"unit,omitempty"`
	Description string `json:"description,omitempty"`
	UserUnit    bool   `json:"userUnit,omitempty"`
	// Rootless repeats Options.Rootless.
	Rootless bool `json:"rootless,omitempty"`
}
