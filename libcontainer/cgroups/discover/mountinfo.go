package discover

import "strings"

// mount is a cgroup line of mountinfo.
type mount struct {
	root, point string
	super       string // options of the superblock, which name v1's controllers
	v2          bool
}

func (m mount) rank() int {
	rank := 0
	if m.root == "/" {
		rank += 2
	}
	if m.point == "/sys/fs/cgroup" || strings.HasPrefix(m.point, "/sys/fs/cgroup/") {
		rank++
	}
	return rank
}

// parseMount reads "36 35 98:0 /root /point opts optional… - type source super".
func parseMount(line string) (mount, bool) {
	left, right, ok := strings.Cut(line, " - ")
	if !ok || !strings.HasPrefix(right, "cgroup") {
		return mount{}, false
	}
	head, tail := strings.Fields(left), strings.Fields(right)
	if len(head) < 5 || len(tail) < 3 || tail[0] != "cgroup" && tail[0] != "cgroup2" {
		return mount{}, false
	}
	return mount{root: Unescape(head[3]), point: Unescape(head[4]), super: tail[len(tail)-1], v2: tail[0] == "cgroup2"}, true
}

// Unescape decodes the octal escapes of mountinfo (\040 is a blank).
func Unescape(s string) string {
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
