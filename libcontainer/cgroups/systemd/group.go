// Package systemd keeps containers in scopes that systemd makes: it owns the tree of cgroups on the machines where it runs, and
// hands over ("delegates") the part below a scope. What is below is driven through the file system, by the drivers for v1
// and v2; what systemd would set again by itself, it is told. See systemd.scope(5), org.freedesktop.systemd1(5) and systemd's
// "Control Group APIs and Delegation".
package systemd

import (
	"errors"
	"fmt"
	"slices"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/cgroups/driver"
)

// Files is the driver for the cgroups themselves.
type Files interface {
	driver.Group
	// Adopt takes the cgroup of that process, which is the first in it, for the container's.
	Adopt(pid int) error
	// AroundDevices makes a change after which somebody else may have written the list of devices anew. The container
	// notices nothing of it.
	AroundDevices(change func() error) error
	// UpdateThen is Update with a last step, whose failure undoes what was set.
	UpdateThen(res *specs.LinuxResources, last func() error) error
}

// Group is one container's scope. It implements driver.Group.
type Group struct {
	Files
	unit        Unit
	description string // of the unit
	user        bool   // the caller's own systemd made it, not the system's
	properties  map[string]string
	oomGroup    bool
	devices     []specs.LinuxDeviceCgroup
	warnings    func(string)

	manager *manager
	started bool // systemd may have made the scope
	adopted bool // the scope is there

	before [][]string // limits of a new scope, as systemd made it
	unsaid bool       // systemd cannot be told all rules for devices
}

var _ driver.Group = (*Group)(nil)

// New returns the group for a container that gets a scope. files is its place as far as that is known.
func New(u Unit, files Files, o driver.Options) *Group {
	return &Group{
		Files: files, unit: u, description: "creel container " + o.ID + tokenText(files.Record().Token), user: u.User, properties: o.Properties,
		oomGroup: o.OOMGroup, devices: o.Devices, warnings: o.Warn,
	}
}

// tokenText makes a description that no other container has.
func tokenText(token string) string {
	if token == "" {
		return ""
	}
	return " (" + token + ")"
}

// Open returns the group of a record with a Unit.
func Open(files Files, r driver.Record) *Group {
	return &Group{Files: files, unit: Unit{Name: r.Unit}, description: r.Description, user: r.UserUnit, started: true, adopted: true}
}

// Record implements driver.Group.
func (g *Group) Record() driver.Record {
	r := g.Files.Record()
	r.Unit, r.Description, r.UserUnit = g.unit.Name, g.description, g.user
	return r
}

// Create implements driver.Group. A scope is made with its first process in it: Join does that.
func (g *Group) Create() error {
	_, err := g.connect()
	return err
}

// SpawnFD implements driver.Group. An ordinary user cannot start a process in a scope from outside of it: his systemd moves it.
func (g *Group) SpawnFD() (fd int, ok bool) {
	if !g.adopted || g.user {
		return -1, false
	}
	return g.Files.SpawnFD()
}

// Join implements driver.Group.
func (g *Group) Join(pid int, spawned bool) error {
	if !g.adopted {
		return g.start(pid)
	}
	err := g.Files.Join(pid, spawned)
	if !g.user || !errors.Is(err, unix.EACCES) && !errors.Is(err, unix.EPERM) {
		return err
	}
	return g.attach(pid, "/")
}

func (g *Group) start(pid int) error {
	m, err := g.connect()
	var properties []property
	if err == nil {
		defer g.disconnect()
		properties, err = g.scopeProperties(pid)
	}
	if err == nil {
		g.started = true
		if err = m.start(g.unit.Name, properties); unknown(err) {
			err = m.start(g.unit.Name, slices.DeleteFunc(properties, newer))
		}
		g.started = !madeNothing(err) // and then a scope of that name is another's
	}
	if err == nil {
		err = g.Files.Adopt(pid)
	}
	if err != nil {
		return fmt.Errorf("linux.cgroupsPath: unit %s: %w", g.unit.Name, err)
	}
	g.adopted, g.before = true, g.inForce()
	return nil
}

func (g *Group) attach(pid int, sub string) error {
	m, err := g.connect()
	if err == nil {
		defer g.disconnect()
		err = m.attach(g.unit.Name, sub, pid)
	}
	if err != nil {
		return fmt.Errorf("unit %s: attach process %d: %w", g.unit.Name, pid, err)
	}
	return nil
}

// Apply implements driver.Group. It is the last to set limits, so that systemd can be told.
func (g *Group) Apply(res *specs.LinuxResources) error {
	if err := g.Files.Apply(res); err != nil {
		return err
	}
	if err := g.tell(g.before); err != nil || !g.unsaid {
		return err
	}
	return g.Files.ApplyDevices(g.devices)
}

// Update implements driver.Group. What systemd was told of limits that are undone, it is told again.
func (g *Group) Update(res *specs.LinuxResources) error {
	var told [][]string
	before := g.inForce()
	err := g.UpdateThen(res, func() error {
		told = g.inForce()
		return g.tell(before)
	})
	if err != nil && told != nil {
		_ = g.tell(told)
	}
	return err
}

// Close implements driver.Group.
func (g *Group) Close() error {
	g.disconnect()
	return g.Files.Close()
}

// disconnect ends the connection: to each that there is, systemd sends all of its signals.
func (g *Group) disconnect() {
	g.manager.close()
	g.manager = nil
}

// connect returns the connection to systemd, from the first time that it is needed.
func (g *Group) connect() (m *manager, err error) {
	if g.manager == nil {
		g.manager, err = connect(g.user)
	}
	return g.manager, err
}

func (g *Group) warn(msg string) {
	if g.warnings != nil {
		g.warnings(msg)
	}
}

// v1Key is the hierarchy in which systemd keeps its tree on cgroup v1.
const v1Key = "name=systemd"

func (g *Group) onV1() bool {
	_, v1 := g.Files.Record().Dirs[v1Key]
	return v1
}
