// Package xattrid maps the ids inside extended attributes, which chown(2) does not reach: those of POSIX ACLs and of file
// capabilities.
package xattrid

import (
	"encoding/binary"
	"fmt"
)

// Names of the attributes that have ids in them.
const (
	AccessACL  = "system.posix_acl_access"
	DefaultACL = "system.posix_acl_default"
	Capability = "security.capability"
)

// A Map returns what becomes of an id, or why nothing can.
type Map func(uint32) (uint32, error)

// Entries of an ACL that name an id (linux/posix_acl.h).
const (
	aclUser  = 0x02
	aclGroup = 0x08
)

// ACL maps the users and groups of a POSIX ACL as the attribute holds it (linux/posix_acl_xattr.h): a version, 2, then
// entries of 8 bytes. The value that it returns is a new one.
func ACL(value []byte, uid, gid Map) ([]byte, error) {
	if len(value) < 4 || len(value)%8 != 4 || binary.LittleEndian.Uint32(value) != 2 {
		return nil, fmt.Errorf("an ACL of %d bytes: want version 2 and entries of 8", len(value))
	}
	out := append([]byte(nil), value...)
	for e := out[4:]; len(e) > 0; e = e[8:] {
		ids := uid
		switch binary.LittleEndian.Uint16(e) {
		case aclUser:
		case aclGroup:
			ids = gid
		default:
			continue
		}
		id, err := ids(binary.LittleEndian.Uint32(e[4:]))
		if err != nil {
			return nil, fmt.Errorf("an ACL entry: %w", err)
		}
		binary.LittleEndian.PutUint32(e[4:], id)
	}
	return out, nil
}
