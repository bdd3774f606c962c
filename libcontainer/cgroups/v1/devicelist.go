package v1

import (
	"iter"
	"strings"

	"github.com/creel-project/creel/libcontainer/cgroups/cgfs"
	"github.com/creel-project/creel/libcontainer/cgroups/devrules"
)

func writeDevices(dir *cgfs.Dir, policy *devrules.List) error {
	if policy.Allow {
		// What exceptions there are cannot be read from the kernel: begin without any.
		if err := dir.Write(allowFile, "a"); err != nil {
			return err
		}
		return writeLines(dir, denyFile, lines(policy), "")
	}
	return makeList(dir, lines(policy))
}

// makeList makes a list of devices that denies all others these lines.
func makeList(dir *cgfs.Dir, wanted iter.Seq[string]) error {
	now, err := dir.Read("devices.list")
	if err != nil {
		return err
	}
	if now == allowsAll {
		if err := dir.Write(denyFile, "a"); err != nil {
			return err
		}
		now = ""
	}
	if err := writeLines(dir, allowFile, wanted, now); err != nil {
		return err
	}
	for line := range strings.Lines(now) {
		device, access := cutAccess(line)
		if drop := without(access, accessTo(wanted, device)); drop != "" {
			if err := dir.Write(denyFile, device+" "+drop); err != nil {
				return err
			}
		}
	}
	return nil
}

// writeLines writes those lines that the kernel has not got already.
func writeLines(dir *cgfs.Dir, file string, wanted iter.Seq[string], now string) error {
	for line := range wanted {
		if hasLine(now, line) {
			continue
		}
		if err := dir.Write(file, line); err != nil {
			return err
		}
	}
	return nil
}

// accessTo returns the letters that lines have for a device as the kernel writes it, such as "c 1:3".
func accessTo(lines iter.Seq[string], device string) string {
	for line := range lines {
		if d, access := cutAccess(line); d == device {
			return access
		}
	}
	return ""
}

// cutAccess splits "c 1:3 rwm" before its last word.
func cutAccess(line string) (device, access string) {
	line = strings.TrimSuffix(line, "\n")
	i := strings.LastIndexByte(line, ' ')
	return line[:max(i, 0)], line[i+1:]
}

// without returns the letters of a that are not in b.
func without(a, b string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(b, r) {
			return -1
		}
		return r
	}, a)
}

// lines yields the rules of a policy as the kernel lists them, one type each.
func lines(l *devrules.List) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, r := range l.Rules {
			for _, typ := range [...]devrules.Types{devrules.Block, devrules.Char} {
				one := r
				one.Types = typ
				if r.Types&typ != 0 && !yield(one.String()) {
					return
				}
			}
		}
	}
}

func hasLine(text, want string) bool {
	for line := range strings.Lines(text) {
		if strings.TrimSuffix(line, "\n") == want {
			return true
		}
	}
	return false
}
