package rootfs

import (
	"archive/tar"
	"fmt"
	"slices"
	"strings"

	"github.com/creel-project/creel/internal/bundle/xattrid"
	"golang.org/x/sys/unix"
)

const defaultACL = xattrid.DefaultACL

// An xattr is an extended attribute as it is to be on the host.
type xattr struct {
	name  string
	value []byte
}

// paxXattr is the beginning of the PAX records with extended attributes, as star, tar, Docker and containerd write them.
const paxXattr = "SCHILY.xattr."

// maxXattrName is the length of the longest name of an attribute in bytes (XATTR_NAME_MAX).
const maxXattrName = 255

// xattrs takes the attributes of an entry, sorted by name.
func (x *Extractor) xattrs(h *tar.Header) ([]xattr, error) {
	if len(h.PAXRecords) == 0 {
		return nil, nil
	}
	var all []xattr
	for record, value := range h.PAXRecords {
		name, ok := strings.CutPrefix(record, paxXattr)
		if !ok {
			if strings.HasPrefix(record, "SCHILY.acl.") || strings.HasPrefix(record, "LIBARCHIVE.xattr.") {
				x.report.leaveOut(h.Name, "record "+record, "only attributes in records "+paxXattr+"* are read")
			}
			continue
		}
		if why := refused(name); why != "" {
			x.report.leaveOut(h.Name, "attribute "+name, why)
			continue
		}
		if len(name) > maxXattrName {
			return nil, fmt.Errorf("an attribute with a name of %d bytes; the longest has %d", len(name), maxXattrName)
		}
		a, err := x.shiftXattr(name, []byte(value))
		if err != nil {
			return nil, fmt.Errorf("attribute %s: %w", name, err)
		}
		all = append(all, a)
	}
	slices.SortFunc(all, func(a, b xattr) int { return strings.Compare(a.name, b.name) })
	return all, nil
}

// refused says why an attribute of an archive must not come to the host.
func refused(name string) string {
	switch {
	case strings.HasPrefix(name, "trusted.overlay."), strings.HasPrefix(name, "user.overlay."):
		return "overlayfs would believe it"
	case name == "security.selinux", strings.HasPrefix(name, "security.SMACK64"):
		return "the host's policy labels files"
	case name == "security.ima", name == "security.evm":
		return "it vouches for a file to the host"
	}
	return ""
}

func (x *Extractor) shiftXattr(name string, value []byte) (a xattr, err error) {
	a = xattr{name, value}
	if x.o.Shift.Empty() {
		return a, nil
	}
	switch name {
	case xattrid.AccessACL, xattrid.DefaultACL:
		a.value, err = xattrid.ACL(value, x.mapID("uid"), x.mapID("gid"))
	case xattrid.Capability:
		a.value, err = xattrid.Capabilities(value, x.mapID("uid"))
	}
	return a, err
}

func (x *Extractor) mapID(what string) xattrid.Map {
	return func(id uint32) (uint32, error) {
		host, mapped := x.o.Shift.Host(id)
		if !mapped {
			return 0, fmt.Errorf("%s %d: the user namespace %v has ids up to %d only", what, id, x.o.Shift, x.o.Shift.Length-1)
		}
		return host, nil
	}
}

// setXattr judges what came of setting an attribute. One that this file system or this caller cannot set is left out;
// no room is an error.
func (x *Extractor) setXattr(a *xattr, err error) error {
	switch err {
	case nil:
	case unix.EOPNOTSUPP:
		x.report.leaveOut(x.entry, "attribute "+a.name, "this file system does not keep it")
	case unix.EPERM, unix.EACCES:
		x.report.leaveOut(x.entry, "attribute "+a.name, "it may not be set here: "+err.Error())
	default:
		return fmt.Errorf("set attribute %s of %d bytes: %w", a.name, len(a.value), err)
	}
	return nil
}

// dropXattrs removes the attributes of a directory that it is to have no more. Those of the host's own stay.
func dropXattrs(fd int, keep []xattr) error {
	names, err := listXattrs(fd)
	for _, name := range names {
		if slices.ContainsFunc(keep, func(a xattr) bool { return a.name == name }) || refused(name) != "" {
			continue
		}
		if err := unix.Fremovexattr(fd, name); err != nil && err != unix.ENODATA && err != unix.EOPNOTSUPP && err != unix.EPERM {
			return fmt.Errorf("remove attribute %s: %w", name, err)
		}
	}
	return err
}

// listXattrs names the attributes of an open file; a file system that knows none has none.
func listXattrs(fd int) ([]string, error) {
	buf := make([]byte, 1<<10)
	n, err := unix.Flistxattr(fd, buf)
	if err == unix.ERANGE {
		buf = make([]byte, 64<<10) // XATTR_LIST_MAX
		n, err = unix.Flistxattr(fd, buf)
	}
	if err != nil || n == 0 {
		return nil, ignore(err, unix.EOPNOTSUPP)
	}
	return strings.Split(strings.TrimSuffix(string(buf[:n]), "\x00"), "\x00"), nil
}

// dropACLs removes what a directory inherited from the one it was made in.
func dropACLs(fd int) error {
	for _, name := range []string{xattrid.AccessACL, xattrid.DefaultACL} {
		if err := unix.Fremovexattr(fd, name); err != nil && err != unix.ENODATA && err != unix.EOPNOTSUPP {
			return err
		}
	}
	return nil
}
