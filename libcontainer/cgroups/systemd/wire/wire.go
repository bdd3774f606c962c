// Package wire is what creel and its helper creel-systemd say to each other: one JSON text a message, on a SOCK_SEQPACKET
// socket that is the helper's standard input. Each Request gets one Answer.
package wire

// What a Request asks for.
const (
	Start  = "start"  // StartTransientUnit of Unit with Properties, and the end of its job
	Stop   = "stop"   // the end of Unit with all of its processes; one that is not there is no error
	Set    = "set"    // SetUnitProperties of Unit, until it ends
	Attach = "attach" // AttachProcessesToUnit of Pids to Sub in Unit (systemd 238)
)

// Request asks systemd for something (org.freedesktop.systemd1(5)).
type Request struct {
	Method      string
	Unit        string
	Description string // of Stop, unless it is empty: that of the unit that is meant
	Sub         string // of Attach: a path below the unit's cgroup, "/" for itself
	Pids        []uint32
	Properties  []Property
}

// Kinds of a Property's value.
const (
	Text     = "s"
	Bool     = "b"     // "true" or "false"
	Number   = "t"     // decimal, 64 bits
	Pids     = "au"    // Request.Pids
	Bits     = "ay"    // a list of numbers as cpuset(7) writes it, sent as a bit mask
	Allowed  = "a(ss)" // pairs of words, "PATH PERMISSIONS" a line
	GVariant = ""      // GVariant text, as org.systemd.property.* annotations have it
)

// Property is a setting of a unit.
type Property struct {
	Name, Kind, Value string
}

// Answer says what came of a Request: nothing if both are empty.
type Answer struct {
	// Error is what went wrong, the cause last.
	Error string
	// Refused is D-Bus's name of the error that systemd answered with, if it was systemd.
	Refused string
}

// MaxMessage is the size of the largest message, in bytes.
const MaxMessage = 128 << 10
