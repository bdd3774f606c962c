// Package mountinfo reads what the kernel says of mounts (proc_pid_mountinfo(5)).
package mountinfo

import "strings"

// Mount is a line.
type Mount struct {
	Device string // MAJOR:MINOR
	Root   string // the directory of the file system that is mounted
	Point  string // where
	Type   string // of the file system
	Super  string // options of the superblock, "" if there are none
}

// Parse reads "36 35 98:0 /root /point opts optional… - type source super".
func Parse(line string) (Mount, bool) {
	left, right, _ := strings.Cut(line, " - ")
	head, tail := strings.Fields(left), strings.Fields(right)
	if len(head) < 5 || len(tail) == 0 {
		return Mount{}, false
	}
	m := Mount{Device: head[2], Root: unescape(head[3]), Point: unescape(head[4]), Type: tail[0]}
	if len(tail) > 2 {
		m.Super = tail[len(tail)-1]
	}
	return m, true
}

// unescape decodes the octal escapes (\040 is a blank).
func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+3 < len(s) && octal(s[i+1]) && octal(s[i+2]) && octal(s[i+3]) {
			out = append(out, (s[i+1]-'0')<<6|(s[i+2]-'0')<<3|(s[i+3]-'0'))
			i += 3
			continue
		}
		out = append(out, s[i])
	}
	return string(out)
}

func octal(c byte) bool { return '0' <= c && c <= '7' }
