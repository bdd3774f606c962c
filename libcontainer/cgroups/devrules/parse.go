package devrules

import (
	"fmt"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// Parse reads one entry of linux.resources.devices. The error does not name the entry.
func Parse(d *specs.LinuxDeviceCgroup) (Rule, error) {
	r := Rule{Allow: d.Allow, Major: Any, Minor: Any}
	switch d.Type {
	case "", "a":
		r.Types = Both
	case "b":
		r.Types = Block
	case "c":
		r.Types = Char
	default:
		return r, fmt.Errorf("type %q is none of a (all), b (block) and c (char)", d.Type)
	}
	if d.Major != nil {
		r.Major = *d.Major
	}
	if d.Minor != nil {
		r.Minor = *d.Minor
	}
	if r.Major < Any || r.Major > maxMajor {
		return r, fmt.Errorf("major %d is neither -1 (any) nor in 0-%d", r.Major, maxMajor)
	}
	if r.Minor < Any || r.Minor > maxMinor {
		return r, fmt.Errorf("minor %d is neither -1 (any) nor in 0-%d", r.Minor, maxMinor)
	}
	return r, parseAccess(d.Access, &r.Access)
}

func parseAccess(text string, a *Access) error {
	if text == "" {
		return fmt.Errorf("access is empty, it needs some of r (read), w (write) and m (mknod)")
	}
	for i := range len(text) {
		switch text[i] {
		case 'r':
			*a |= Read
		case 'w':
			*a |= Write
		case 'm':
			*a |= Mknod
		default:
			return fmt.Errorf("access %q has %q, which is none of r (read), w (write) and m (mknod)", text, text[i:i+1])
		}
	}
	return nil
}
