package machine

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/creel-project/creel/internal/bundle/docker/mapping"
	"golang.org/x/sys/unix"
)

// Facts looks at the kernel. init is the path of an init for containers, "" for Docker's own where it is installed.
func (*Machine) Facts(init string) (mapping.Facts, error) {
	caps, err := capabilities()
	if err != nil {
		return mapping.Facts{}, err
	}
	var cgroup unix.Statfs_t
	f := mapping.Facts{
		Capabilities:      caps,
		CgroupV2:          unix.Statfs("/sys/fs/cgroup", &cgroup) == nil && cgroup.Type == unix.CGROUP2_SUPER_MAGIC,
		TimeNamespaces:    unix.Access("/proc/self/ns/time", unix.F_OK) == nil,
		RecursiveReadonly: !errors.Is(unix.MountSetattr(-1, "", 0, &unix.MountAttr{}), unix.ENOSYS),
		AppArmor:          says("/sys/module/apparmor/parameters/enabled", "Y"),
		SELinux:           unix.Access("/sys/fs/selinux/enforce", unix.F_OK) == nil,
		Init:              init,
	}
	if f.Throttles, err = filepath.Glob("/sys/devices/system/cpu/cpu[0-9]*/thermal_throttle"); err != nil {
		return f, err
	}
	for _, path := range []string{
		"/usr/libexec/docker/docker-init", "/usr/local/libexec/docker/docker-init", "/usr/bin/docker-init",
		"/usr/sbin/docker-init", "/usr/bin/tini-static",
	} {
		if f.Init == "" && unix.Access(path, unix.X_OK) == nil {
			f.Init = path
		}
	}
	return f, nil
}

func says(path, want string) bool {
	text, err := os.ReadFile(path)
	return err == nil && strings.TrimSpace(string(text)) == want
}

// capabilities are the names of those that the kernel has, up to cap_last_cap (proc(5)).
func capabilities() ([]string, error) {
	const file = "/proc/sys/kernel/cap_last_cap"
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	last, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return nil, errors.Join(errors.New(file), err)
	}
	return slices.Clone(names[:min(last+1, len(names))]), nil
}

// names are the capabilities by their numbers (linux/capability.h).
var names = strings.Fields(`
	CAP_CHOWN CAP_DAC_OVERRIDE CAP_DAC_READ_SEARCH CAP_FOWNER CAP_FSETID CAP_KILL CAP_SETGID CAP_SETUID CAP_SETPCAP
	CAP_LINUX_IMMUTABLE CAP_NET_BIND_SERVICE CAP_NET_BROADCAST CAP_NET_ADMIN CAP_NET_RAW CAP_IPC_LOCK CAP_IPC_OWNER
	CAP_SYS_MODULE CAP_SYS_RAWIO CAP_SYS_CHROOT CAP_SYS_PTRACE CAP_SYS_PACCT CAP_SYS_ADMIN CAP_SYS_BOOT CAP_SYS_NICE
	CAP_SYS_RESOURCE CAP_SYS_TIME CAP_SYS_TTY_CONFIG CAP_MKNOD CAP_LEASE CAP_AUDIT_WRITE CAP_AUDIT_CONTROL CAP_SETFCAP
	CAP_MAC_OVERRIDE CAP_MAC_ADMIN CAP_SYSLOG CAP_WAKE_ALARM CAP_BLOCK_SUSPEND CAP_AUDIT_READ CAP_PERFMON CAP_BPF
	CAP_CHECKPOINT_RESTORE`)
