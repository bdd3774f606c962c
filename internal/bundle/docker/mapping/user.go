package mapping

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/creel-project/creel/internal/bundle/docker/report"
	"github.com/moby/sys/user"
)

// errNoAccounts says what to do where a name cannot be looked up.
var errNoAccounts = errors.New("names are looked up in the container's /etc/passwd and /etc/group, " +
	"which are not at hand: give its root filesystem with --rootfs DIR")

// user resolves the user and the groups in the container's own files.
func (m *mapper) user() error {
	passwd, group := m.accounts()
	who, err := user.GetExecUser(m.Config.User, nil, passwd, group)
	if err != nil {
		return m.unknown("Config.User", m.Config.User, err)
	}
	if i := slices.Index(m.HostConfig.GroupAdd, ""); i >= 0 { // the library panics
		return bad(report.At("HostConfig.GroupAdd", i), "", "it is empty; it takes a group's name or number")
	}
	_, group = m.accounts()
	more, err := user.GetAdditionalGroups(m.HostConfig.GroupAdd, group)
	if err != nil {
		return m.unknown("HostConfig.GroupAdd", fmt.Sprint(m.HostConfig.GroupAdd), err)
	}
	slices.Sort(more) // they come in the order of a map
	u := &m.spec.Process.User
	u.UID, u.GID = uint32(who.Uid), uint32(who.Gid)
	for _, gid := range slices.Concat([]int{who.Gid}, who.Sgids, more) {
		if !slices.Contains(u.AdditionalGids, uint32(gid)) {
			u.AdditionalGids = append(u.AdditionalGids, uint32(gid))
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
	if m.Accounts.Known {
		return ""
	}
	return "without the container's passwd and group: groups that they give are missing"
}

func (m *mapper) accounts() (passwd, group io.Reader) {
	if !m.Accounts.Known {
		return nil, nil
	}
	return bytes.NewReader(m.Accounts.Passwd), bytes.NewReader(m.Accounts.Group)
}

func (m *mapper) unknown(field, value string, err error) error {
	if !m.Accounts.Known && (errors.Is(err, user.ErrNoPasswdEntries) || errors.Is(err, user.ErrNoGroupEntries)) {
		err = errNoAccounts
	}
	return bad(field, value, "%w", err)
}
