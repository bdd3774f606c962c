package spec

import (
	"errors"
	"math"
	"path"
	"strings"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// namespace returns the entry of a type, or nil: the container then shares the
// namespace of its runtime.
func (c *checker) namespace(t specs.LinuxNamespaceType) *specs.LinuxNamespace {
	for i := range c.linux.Namespaces {
		if c.linux.Namespaces[i].Type == t {
			return &c.linux.Namespaces[i]
		}
	}
	return nil
}

// namespaces checks types and paths.
func (c *checker) namespaces() {
	list := c.linux.Namespaces
	for i := range list {
		ns := &list[i]
		flag := cloneFlag(ns.Type)
		if flag == 0 {
			c.bad(at("linux.namespaces", i)+".type",
				"%q is not one of cgroup, ipc, mount, network, pid, time, user, uts", ns.Type)
		}
		for k := range i {
			if list[k].Type == ns.Type {
				c.bad(at("linux.namespaces", i)+".type", "%q occurs already in linux.namespaces[%d]", ns.Type, k)
				break
			}
		}
		if ns.Path != "" && flag != 0 {
			c.namespacePath(at("linux.namespaces", i)+".path", ns, flag)
		}
	}
}

func cloneFlag(t specs.LinuxNamespaceType) int {
	switch t {
	case specs.CgroupNamespace:
		return unix.CLONE_NEWCGROUP
	case specs.IPCNamespace:
		return unix.CLONE_NEWIPC
	case specs.MountNamespace:
		return unix.CLONE_NEWNS
	case specs.NetworkNamespace:
		return unix.CLONE_NEWNET
	case specs.PIDNamespace:
		return unix.CLONE_NEWPID
	case specs.TimeNamespace:
		return unix.CLONE_NEWTIME
	case specs.UserNamespace:
		return unix.CLONE_NEWUSER
	case specs.UTSNamespace:
		return unix.CLONE_NEWUTS
	}
	return 0
}

// namespacePath checks that a path leads to a namespace of the type it is for
// (ioctl_ns(2)).
func (c *checker) namespacePath(field string, ns *specs.LinuxNamespace, flag int) {
	if !path.IsAbs(ns.Path) {
		c.bad(field, "%q is not an absolute path", ns.Path)
		return
	}
	if !c.text(field, ns.Path) {
		return
	}
	// Asked first, as opening a device can set it off.
	var st unix.Statfs_t
	if err := unix.Statfs(ns.Path, &st); err != nil {
		if !mayNotLook(err) {
			c.bad(field, "open %s: %w", ns.Path, err)
		}
		return
	}
	if st.Type != unix.NSFS_MAGIC {
		c.bad(field, "%s is not a namespace: %w", ns.Path, unix.EINVAL)
		return
	}
	got, err := nsType(ns.Path)
	switch {
	case err != nil && !mayNotLook(err):
		c.bad(field, "ask %s for its type: %w", ns.Path, err)
	case err == nil && got != flag:
		c.bad(field, "%s is a namespace of type %q, not %q: %w", ns.Path, typeOf(got), ns.Type, unix.EINVAL)
	}
}

func nsType(path string) (int, error) {
	fd, err := retry(func() (int, error) { return unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC, 0) })
	if err != nil {
		return 0, err
	}
	defer unix.Close(fd)
	return unix.IoctlRetInt(fd, unix.NS_GET_NSTYPE)
}

func typeOf(flag int) specs.LinuxNamespaceType {
	for _, t := range [...]specs.LinuxNamespaceType{
		specs.CgroupNamespace, specs.IPCNamespace, specs.MountNamespace, specs.NetworkNamespace,
		specs.PIDNamespace, specs.TimeNamespace, specs.UserNamespace, specs.UTSNamespace,
	} {
		if cloneFlag(t) == flag {
			return t
		}
	}
	return "unknown"
}

// timeOffsets checks the offsets of a time namespace (time_namespaces(7)).
func (c *checker) timeOffsets() {
	if len(c.linux.TimeOffsets) == 0 {
		return
	}
	switch ns := c.namespace(specs.TimeNamespace); {
	case ns == nil:
		c.bad("linux.timeOffsets", "the host's clocks cannot be set off: linux.namespaces has none of type \"time\"")
	case ns.Path != "":
		c.bad("linux.timeOffsets", "the offsets of %s, which exists, cannot be changed", ns.Path)
	}
	const most = math.MaxInt64 / 1000000000 / 2 // KTIME_SEC_MAX / 2
	for _, clock := range sortedKeys(c.linux.TimeOffsets) {
		o := c.linux.TimeOffsets[clock]
		field := key("linux.timeOffsets", clock)
		if clock != "monotonic" && clock != "boottime" {
			c.bad(field, "it is not a clock with an offset; those are monotonic and boottime")
		}
		if o.Secs < -most || o.Secs > most {
			c.bad(field+".secs", "%d is not from %d to %d", o.Secs, -most, most)
		}
		if o.Nanosecs >= 1e9 {
			c.bad(field+".nanosecs", "%d is not from 0 to 999999999", o.Nanosecs)
		}
	}
}

// netDevices checks names: those of devices on the host, and those to give them.
func (c *checker) netDevices() {
	if len(c.linux.NetDevices) == 0 {
		return
	}
	if c.namespace(specs.NetworkNamespace) == nil {
		c.bad("linux.netDevices", "there is nowhere to move them: linux.namespaces has none of type \"network\"")
	}
	taken := map[string]string{}
	for _, host := range sortedKeys(c.linux.NetDevices) {
		field := key("linux.netDevices", host)
		if err := deviceName(host); err != nil {
			c.bad(field, "%q is not a name of a network device: %w", host, err)
		}
		name := c.linux.NetDevices[host].Name
		if name == "" {
			name = host
		} else if err := deviceName(strings.TrimSuffix(name, "%d")); err != nil && name != "%d" {
			c.bad(field+".name", "%q is not a name for a network device: %w", name, err)
		}
		if other, ok := taken[name]; ok && !strings.HasSuffix(name, "%d") {
			c.bad(field+".name", "%q is the name of %q already", name, other)
		}
		taken[name] = host
	}
}

// deviceName says why a network device cannot have a name (dev_valid_name of the kernel).
func deviceName(name string) error {
	const longest = 15 // IFNAMSIZ, less its NUL
	switch {
	case name == "":
		return errors.New("it is empty")
	case len(name) > longest:
		return errors.New("it has more than 15 bytes")
	case name == "." || name == "..":
		return errors.New("it is a directory")
	case strings.ContainsAny(name, "/:% \t\n\v\f\r\x00"), strings.IndexByte(name, 0xa0) >= 0:
		return errors.New("it contains a space or one of / : %")
	}
	return nil
}
