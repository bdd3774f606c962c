package shift

import (
	"bytes"
	"fmt"
	"strconv"

	"github.com/creel-project/creel/internal/bundle/xattrid"
	"golang.org/x/sys/unix"
)

// An inode is what a file has that a change of its owner concerns: chown(2) clears the setuid bits and capabilities of a
// file, and does not reach the ids of its ACLs.
type inode struct {
	ino      uint64
	uid, gid uint32
	mode     uint32
	xattrs   [len(withIDs)][]byte // nil for one that is not there
}

// withIDs are the attributes with ids in them.
var withIDs = [...]string{xattrid.Capability, xattrid.AccessACL, xattrid.DefaultACL}

// mapped is what becomes of the inode.
func (n *inode) mapped(m Mapping) (*inode, error) {
	out := &inode{ino: n.ino, uid: m.ID(n.uid), gid: m.ID(n.gid), mode: n.mode}
	id := func(id uint32) (uint32, error) { return m.ID(id), nil }
	for i, value := range n.xattrs {
		if value == nil {
			continue
		}
		var err error
		if withIDs[i] == xattrid.Capability {
			out.xattrs[i], err = xattrid.Capabilities(value, id)
		} else {
			out.xattrs[i], err = xattrid.ACL(value, id, id)
		}
		if err != nil {
			return nil, fmt.Errorf("attribute %s: %w", withIDs[i], err)
		}
	}
	return out, nil
}

// idsIn calls do with each id in an attribute.
func idsIn(i int, value []byte, do func(uint32)) error {
	see := func(id uint32) (uint32, error) { do(id); return id, nil }
	var err error
	if withIDs[i] == xattrid.Capability {
		_, err = xattrid.Capabilities(value, see)
	} else {
		_, err = xattrid.ACL(value, see, see)
	}
	return err
}

// plain says that a change of owner, which is one step, is all that n needs to become out.
func (n *inode) plain(out *inode) bool {
	if n.mode&unix.S_IFMT == unix.S_IFREG && (n.mode&(unix.S_ISUID|unix.S_ISGID) != 0 || n.xattrs[0] != nil) {
		return false
	}
	for i := range n.xattrs {
		if !bytes.Equal(n.xattrs[i], out.xattrs[i]) {
			return false
		}
	}
	return true
}

// same says that there is nothing to do.
func (n *inode) same(out *inode) bool {
	if n.uid != out.uid || n.gid != out.gid {
		return false
	}
	for i := range n.xattrs {
		if !bytes.Equal(n.xattrs[i], out.xattrs[i]) {
			return false
		}
	}
	return true
}

// bare says that a file has no attributes.
func (p *place) bare() (bool, error) {
	if p.st.Mode&unix.S_IFMT == unix.S_IFLNK { // which has neither ACLs nor capabilities
		return true, nil
	}
	has, err := hasXattrs(p.name)
	if err != nil {
		return false, fmt.Errorf("list attributes: %w", err)
	}
	return !has, nil
}

// read takes what is known of a file, and looks for the attributes.
func (n *inode) read(p *place) error {
	*n = inode{ino: p.st.Ino, uid: p.st.Uid, gid: p.st.Gid, mode: p.st.Mode}
	if bare, err := p.bare(); err != nil || bare {
		return err
	}
	name, value := text(p.name), make([]byte, 64<<10) // XATTR_SIZE_MAX
	for i, attr := range withIDs {
		got, err := unix.Lgetxattr(name, attr, value)
		if err == unix.ENODATA || err == unix.EOPNOTSUPP {
			continue
		}
		if err != nil {
			return fmt.Errorf("attribute %s: %w", attr, err)
		}
		n.xattrs[i] = append([]byte{}, value[:got]...)
	}
	return nil
}

// set gives all of it to a file that is open with O_PATH, the owner first. Done again, it changes nothing.
func (n *inode) set(fd int) error {
	if err := unix.Fchownat(fd, "", int(n.uid), int(n.gid), unix.AT_EMPTY_PATH); err != nil {
		return fmt.Errorf("set owner %d:%d: %w", n.uid, n.gid, err)
	}
	path := "/proc/self/fd/" + strconv.Itoa(fd)
	if n.mode&unix.S_IFMT != unix.S_IFLNK {
		if err := unix.Chmod(path, n.mode&0o7777); err != nil {
			return fmt.Errorf("set mode %04o: %w", n.mode&0o7777, err)
		}
	}
	for i, value := range n.xattrs {
		if value == nil {
			continue
		}
		if err := unix.Setxattr(path, withIDs[i], value, 0); err != nil {
			return fmt.Errorf("set attribute %s: %w", withIDs[i], err)
		}
	}
	return nil
}
