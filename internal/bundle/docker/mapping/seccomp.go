package mapping

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/moby/profiles/seccomp"
)

// seccomp is Docker's profile or the container's, resolved for this kernel, the processor and the container's
// capabilities. A privileged container has only what was asked for.
func (m *mapper) seccomp() (err error) {
	field := m.security.seccompField
	switch profile := strings.TrimSpace(m.security.seccomp); {
	case profile == "unconfined":
		m.notes.Default(field, "no filter")
		return nil
	case strings.HasPrefix(profile, "{"):
		if err := wholeRules(profile); err != nil {
			return bad(field, "seccomp", "%w", err)
		}
		if m.linux.Seccomp, err = seccomp.LoadProfile(profile, m.spec); err != nil {
			return bad(field, "seccomp", "%w", err)
		}
		if m.linux.Seccomp == nil {
			m.notes.Default(field, "no filter: the profile is empty")
		}
		return nil
	case profile != "" && profile != "builtin":
		return bad(field, profile, "want a profile as JSON, unconfined or builtin")
	case profile == "" && m.HostConfig.Privileged:
		return nil
	}
	if m.linux.Seccomp, err = seccomp.GetDefaultProfile(m.spec); err != nil {
		return bad("HostConfig.SecurityOpt", "seccomp=builtin", "%w", err)
	}
	return nil
}

// wholeRules refuses rules that are null, at which moby's reader would panic.
func wholeRules(profile string) error {
	var rules struct {
		Syscalls []*struct{} `json:"syscalls"`
	}
	if err := json.Unmarshal([]byte(profile), &rules); err != nil {
		return err
	}
	for i, rule := range rules.Syscalls {
		if rule == nil {
			return fmt.Errorf("syscalls[%d]: it is null", i)
		}
	}
	return nil
}
