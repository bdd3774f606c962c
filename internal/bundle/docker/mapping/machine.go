package mapping

import "github.com/opencontainers/runtime-spec/specs-go"

// Facts are what the mapping has to know of the machine that runs the container.
type Facts struct {
	// Capabilities are the names of all that the kernel knows, as CAP_CHOWN.
	Capabilities []string
	// CgroupV2 says that there is no other version (cgroups(7)).
	CgroupV2 bool
	// TimeNamespaces needs Linux 5.6, RecursiveReadonly 5.12 (mount_setattr(2)).
	TimeNamespaces, RecursiveReadonly bool
	// AppArmor and SELinux say that they are in force.
	AppArmor, SELinux bool
	// Throttles are the directories thermal_throttle of the processors in sysfs, which tell guests of each other's load.
	Throttles []string
	// Init is the path of the init that Docker gives to containers that ask for one, "" if there is none.
	Init string
}

// A Device is a device node of the host.
type Device struct {
	// Path is where it was found, below the path that was asked for.
	Path string
	// Type is b or c.
	Type         string
	Major, Minor int64
	// Mode are the permission bits.
	Mode     uint32
	UID, GID uint32
}

// Lookup finds on the machine what a description names. All paths are the host's.
type Lookup interface {
	// Devices returns a device node, or those in and below a directory. Links are followed.
	Devices(path string) ([]Device, error)
	// BlockDevice returns the number of one.
	BlockDevice(path string) (major, minor int64, err error)
	// Exists says whether something is there.
	Exists(path string) bool
	// NameServers are the addresses in a file resolv.conf(5), none if it cannot be read.
	NameServers(path string) []string
	// Below returns the real path of sub below dir, which it may not leave.
	Below(dir, sub string) (string, error)
	// LockedOptions are the mount options of what is at a path that a user namespace may not take away (mount_namespaces(7)).
	LockedOptions(path string) []string
	// IDMaps returns why the mount that holds path, with those below it if tree is set, cannot be id-mapped, or nil.
	IDMaps(path string, tree bool) error
	// Process returns the process id of the container that is called so.
	Process(container string) (int, error)
	// OwnUserNamespace says whether a process has the caller's user namespace.
	OwnUserNamespace(pid int) (bool, error)
	// SharedMemory returns where the host has the file system that a process has at /dev/shm.
	SharedMemory(pid int) (string, error)
	// InjectCDI applies what the specifications of the Container Device Interface say of devices.
	InjectCDI(s *specs.Spec, devices []string) error
}
