package libcontainer

import (
	"bufio"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/creel-project/creel/libcontainer/initproc"
	"github.com/creel-project/creel/libcontainer/plan"
)

// passwdMax is how much of a container's /etc/passwd is read, in bytes.
const passwdMax = 1 << 20

// homeOf finds the home directory of uid in the container's passwd file, "/"
// where there is none. A name is not looked at: a number is a uid, whatever
// the container's file calls somebody (CVE-2016-3697).
func homeOf(passwd io.Reader, uid uint32) string {
	want := strconv.FormatUint(uint64(uid), 10)
	lines := bufio.NewScanner(io.LimitReader(passwd, passwdMax))
	lines.Buffer(make([]byte, 0, 4096), passwdMax)
	for lines.Scan() {
		f := strings.Split(lines.Text(), ":")
		if len(f) >= 6 && f[2] == want && f[5] != "" {
			return f[5]
		}
	}
	return "/"
}

// lateHome answers a wait for HOME, whose message has the container's passwd file.
func lateHome(op *plan.Op, m *initproc.Message, uid uint32) []byte {
	if op.Late != plan.LateHome {
		return nil
	}
	h := home(m.FD, uid)
	m.FD = -1
	return []byte(h)
}

// home answers the late value of HOME from the fd that init sent, -1 for none.
func home(fd int, uid uint32) string {
	if fd < 0 {
		return "/"
	}
	f := os.NewFile(uintptr(fd), "/etc/passwd")
	defer f.Close()
	h := homeOf(f, uid)
	if len(h) >= 4096 || strings.IndexByte(h, 0) >= 0 {
		return "/"
	}
	return h
}
