// Package version says which creel this is. The linker sets the values.
package version

// Set by make from git.
var (
	Version = "unknown"
	Commit  = ""
)
