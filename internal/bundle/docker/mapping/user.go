package mapping

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/creel-project/creel/internal/bundle/docker/report"
	"github.com/creel-project/creel/internal/bundle/user"
)

// errNoAccounts says what to do where a name cannot be looked up.
var errNoAccounts = errors.New("names are looked up in the container's /etc/passwd and /etc/group, " +
	"which are not at hand: give its root filesystem with --rootfs DIR")

// user resolves the user and the groups in the container's own files.
func (m *mapper) user() error {
	files := m.Accounts
	if files == nil {
		files = &user.Files{}
	}
	wanted := strings.TrimSuffix(m.Config.User, ":") // Docker takes an empty user for root, and an empty group for none
	if strings.HasPrefix(wanted, ":") {
		wanted = "0" + wanted
	}
	who, err := files.Lookup(wanted)
	if err != nil {
		return m.unknown("Config.User", m.Config.User, err)
	}
	var more []uint32
	for i, name := range m.HostConfig.GroupAdd {
		if name == "" {
			return bad(report.At("HostConfig.GroupAdd", i), "", "it is empty; it takes a group's name or number")
		}
		gid, err := files.FindGroup(name)
		if err != nil {
			return m.unknown("HostConfig.GroupAdd", fmt.Sprint(m.HostConfig.GroupAdd), err)
		}
		more = append(more, gid)
	}
	slices.Sort(more)
	u := &m.spec.Process.User
	u.UID, u.GID = who.UID, who.GID
	for _, gid := range slices.Concat([]uint32{who.GID}, who.AdditionalGIDs, more) {
		if !slices.Contains(u.AdditionalGids, gid) {
			u.AdditionalGids = append(u.AdditionalGids, gid)
		}
	}
	u.Umask = m.HostConfig.Umask
	m.notes.Mapped("Config.User", m.unseen(), "/process/user")
	if u.Umask != nil {
		m.notes.Mapped("HostConfig.Umask", "", "/process/user/umask")
	}
	if _, ok := m.Userns.Host(max(u.UID, u.GID, slices.Max(u.AdditionalGids))); !ok {
		return bad("Config.User", m.Config.User, "user %d, groups %v: an id is beyond the %d that --userns maps",
			u.UID, u.AdditionalGids, m.Userns.Length)
	}
	return nil
}

// unseen warns that groups may be missing.
func (m *mapper) unseen() string {
	if m.Accounts != nil {
		return ""
	}
	return "without the container's passwd and group: groups that they give are missing"
}

// unknown says in Docker's words that there is no such user or group.
func (m *mapper) unknown(field, value string, err error) error {
	if none := (*user.NotFoundError)(nil); errors.As(err, &none) {
		if m.Accounts == nil {
			return bad(field, value, "%w", errNoAccounts)
		}
		return bad(field, value, "unable to find %s %s: no matching entries in %s file", none.Kind, none.Name, none.File)
	}
	return bad(field, value, "%w", err)
}
