package spec

import (
	"path"
	"path/filepath"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// mounts checks what can be known before anything is mounted. Whether a source exists
// is not asked: a hook may make it first.
func (c *checker) mounts() {
	for i := range c.Mounts {
		m := &c.Mounts[i]
		o := ParseMountOptions(m.Options)
		bind := o.Bind || m.Type == "bind" || m.Type == "rbind"
		c.mountWords(i, m)
		switch {
		case !bind && !o.Remount && m.Type == "":
			c.bad(at("mounts", i)+".type", "it is missing, and the options do not ask for a bind mount")
		case bind && m.Source == "":
			c.bad(at("mounts", i)+".source", "it is missing; a bind mount takes the path of a file or directory")
		}
		if bind && len(o.Data) > 0 {
			c.bad(at("mounts", i)+".options", "%q are options of a filesystem, which a bind mount cannot change", o.Data)
		}
		if o.TmpCopyUp && m.Type != "tmpfs" {
			c.warn(at("mounts", i)+".options", "tmpcopyup means something to a tmpfs only, not to %q: it is ignored", m.Type)
		}
		c.mountLinks(i, m, &o, bind)
		c.mountIDs(i, m, &o, bind)
		c.mountOverProc(i, m, bind)
	}
}

// mountWords checks the strings of a mount on their own.
func (c *checker) mountWords(i int, m *specs.Mount) {
	if m.Destination == "" {
		c.bad(at("mounts", i)+".destination", "it is missing; it takes an absolute path in the container")
	} else if !path.IsAbs(m.Destination) {
		c.warn(at("mounts", i)+".destination", "%q is not an absolute path, which is deprecated: it is taken from the container's /", m.Destination)
	}
	if hasNUL(m.Destination) || hasNUL(m.Type) || hasNUL(m.Source) {
		c.text(at("mounts", i)+".destination", m.Destination)
		c.text(at("mounts", i)+".type", m.Type)
		c.text(at("mounts", i)+".source", m.Source)
	}
	for k, option := range m.Options {
		if hasNUL(option) {
			c.text(at(at("mounts", i)+".options", k), option)
		}
	}
}

// mountLinks checks crun's options for symbolic links.
func (c *checker) mountLinks(i int, m *specs.Mount, o *MountOptions, bind bool) {
	switch {
	case o.CopySymlink && (o.SrcNoFollow || o.DestNoFollow):
		c.bad(at("mounts", i)+".options", "copy-symlink excludes src-nofollow and dest-nofollow: nothing is mounted where a link is copied")
	case o.Remount && (o.CopySymlink || o.SrcNoFollow || o.DestNoFollow):
		c.bad(at("mounts", i)+".options", "a remount has no use for copy-symlink, src-nofollow and dest-nofollow")
	case (o.CopySymlink || o.SrcNoFollow) && !bind:
		c.warn(at("mounts", i)+".options", "copy-symlink and src-nofollow mean something to a bind mount only: they are ignored")
	}
}

// mountOverProc refuses what would hide or fake files of procfs (CVE-2019-16884,
// CVE-2019-19921), but for those that userspace filesystems such as lxcfs provide.
func (c *checker) mountOverProc(i int, m *specs.Mount, bind bool) {
	dest := path.Clean("/" + m.Destination)
	if len(dest) < len("/proc") || dest[:len("/proc")] != "/proc" || len(dest) > len("/proc") && dest[len("/proc")] != '/' {
		return
	}
	if dest != "/proc" {
		if !overProcAllowed(dest) {
			c.bad(at("mounts", i)+".destination", "%q is inside /proc, where only files that lxcfs provides may be mounted over", m.Destination)
		}
		return
	}
	switch {
	case !bind && m.Type != "proc":
		c.bad(at("mounts", i)+".type", "%q on /proc would take the place of procfs; only \"proc\" may", m.Type)
	case bind && m.Source != "":
		source := m.Source
		if !filepath.IsAbs(source) {
			source = filepath.Join(c.bundle, source)
		}
		var st unix.Statfs_t
		if err := unix.Statfs(source, &st); err == nil && st.Type != unix.PROC_SUPER_MAGIC {
			c.bad(at("mounts", i)+".source", "%q on /proc would take the place of procfs; only a procfs may", m.Source)
		}
	}
}

func overProcAllowed(dest string) bool {
	switch dest {
	case "/proc/cpuinfo", "/proc/diskstats", "/proc/meminfo", "/proc/stat", "/proc/swaps", "/proc/uptime",
		"/proc/loadavg", "/proc/slabinfo", "/proc/net/dev", "/proc/sys/kernel/ns_last_pid", "/proc/sys/crypto/fips_enabled":
		return true
	}
	return false
}
