package plan

import "github.com/opencontainers/runtime-spec/specs-go"

// Op is one operation of init. The zero value of a slot is slot 0, so ops are
// made by NewOp, which fills in None.
type Op struct {
	Code  Code
	Flags Flags

	Dst, Src, Aux Slot

	Path string    // first string
	Text []byte    // second string or list: data, options, candidates
	N    [4]uint64 // numbers; their meaning is the operation's

	Argv, Envp []Arg // Hook and Exec: what becomes pointer tables
	Late       Late  // Sync: the value that Go answers with, written where LateAt says
	Sync       SyncID
	Helper     bool // Clone: the child helps, it does not become the container

	Source string // JSON pointer-like name of the field that asked: "mounts[4]"
	Doing  string // what is attempted, in words that an error begins with
	Quiet  bool   // the errno adds nothing to Doing and is left out of errors
}

// Arg is one string of an argument or environment list. A late one has the
// bytes of Text in front and is completed by the answer to a Sync.
type Arg struct {
	Text string
	Late Late
}

// Late names a value that is unknown before stage 2 exists.
type Late uint8

// The late values: a closed list.
const (
	NotLate Late = iota
	LateHome
)

// lateRoom is the room kept for each late value, in bytes, terminator included.
var lateRoom = [...]uint32{LateHome: 4096}

// SyncID says what init waits for at a Sync op; package libcontainer answers.
type SyncID uint8

// The points at which init waits for its parent, in their order.
const (
	NoSync      SyncID = iota
	SyncMapped         // id maps and time offsets are to be written
	SyncNetwork        // the network namespace is here: devices are to be moved into it
	SyncHooks          // prestart and createRuntime hooks are to run
	SyncConsole        // the pty master is here
	SyncRlimit         // a limit that init may not set itself
	SyncCreated        // everything is built: limits, state, HOME
	SyncStart          // run only: startContainer hooks need their state
	SyncAgent          // the gate: the agent of seccomp notifications is to be found
	SyncDone           // all is done, and nothing will be executed
)

var syncNames = [...]string{
	"", "id maps", "network", "hooks", "console", "rlimit", "created", "start", "agent", "done",
}

// String returns a name for messages.
func (s SyncID) String() string { return syncNames[s] }

// NewOp returns an op of kind c whose slots are all None.
func NewOp(c Code, source, doing string) Op {
	return Op{Code: c, Dst: None, Src: None, Aux: None, Source: source, Doing: doing}
}

// Label is the sentence that an error of this op begins with: the field, then
// the attempt.
func (o *Op) Label() string {
	if o.Source == "" {
		return o.Doing
	}
	return o.Source + ": " + o.Doing
}

// Plan is everything that happens for one container: what the host side does,
// and the ops of init.
type Plan struct {
	Host      []Step
	TwoStages bool      // init clones stage 2, which becomes the container
	Inherit   []Inherit // what the first slots hold when init starts
	Ops       []Op
}

// Inherit is an fd that init gets with its plan: the i-th is in slot i.
type Inherit struct {
	Kind     InheritKind
	Path     string // Namespace: the file
	Nstype   uintptr
	UID, GID []specs.LinuxIDMapping // IDMap
	Source   string
}

// InheritKind says what an inherited fd is.
type InheritKind uint8

// The kinds of inherited fds.
const (
	StartSocket  InheritKind = iota // the listening socket that start connects to
	Namespace                       // a namespace that is joined
	IDMap                           // a user namespace with other id maps, for id-mapped mounts
	Process                         // pidfd of the container's init, for exec
	ProcessRoot                     // the root of that, where it has no mount namespace of its own
	LockedMounts                    // a mount namespace with the host's mounts, whose flags are locked
)

// Add appends an op and returns its index.
func (p *Plan) Add(o Op) int {
	p.Ops = append(p.Ops, o)
	return len(p.Ops) - 1
}

// When says at which moment the host performs a step.
type When uint8

// The moments of the host's steps, in their order.
const (
	BeforeInit  When = iota // before init is started
	Spawn                   // starting init
	BeforePlan              // init runs and waits for its plan
	AtMapped                // SyncMapped
	AtNetwork               // SyncNetwork
	AtHooks                 // SyncHooks
	AtConsole               // SyncConsole
	AtCreated               // SyncCreated
	AtAgent                 // SyncAgent
	AfterExec               // the process runs
	AfterDelete             // the container is gone
)

var whenNames = [...]string{
	"before init", "spawn", "before plan", "at id maps", "at network", "at hooks", "at console",
	"at created", "at agent", "after exec", "after delete",
}

// String returns the moment's name.
func (w When) String() string { return whenNames[w] }

// Step is one thing that the host side does.
type Step struct {
	When   When
	What   string // "write memory limits"
	Detail string // its object: a path, a map, a value
	Source string // the field that asked for it
}

// AddHost appends a step of the host.
func (p *Plan) AddHost(w When, source, what, detail string) {
	p.Host = append(p.Host, Step{When: w, What: what, Detail: detail, Source: source})
}
