package spec

import (
	"math"
	"path"
	"strings"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// noID is the uid and gid that mean "leave it as it is" to the kernel.
const noID = math.MaxUint32

// process checks what is to be executed. The specification wants it by the time of
// start; as all of it is prepared by create, create wants it.
func (c *checker) process() {
	p := c.Process
	if p == nil {
		c.bad("process", "it is missing: there is nothing to execute")
		return
	}
	if len(p.Args) == 0 {
		c.bad("process.args", "it is empty: there is nothing to execute")
	}
	c.texts("process.args", p.Args)
	switch {
	case p.Cwd == "":
		c.bad("process.cwd", "it is missing; it takes an absolute path")
	case !path.IsAbs(p.Cwd):
		c.bad("process.cwd", "%q is not an absolute path", p.Cwd)
	default:
		c.text("process.cwd", p.Cwd)
	}
	c.environment("process.env", p.Env)
	c.user(&p.User)
	c.rlimits(p.Rlimits)
	c.capabilities(p.Capabilities)
	if p.OOMScoreAdj != nil && (*p.OOMScoreAdj < -1000 || *p.OOMScoreAdj > 1000) {
		c.bad("process.oomScoreAdj", "%d is not from -1000 to 1000", *p.OOMScoreAdj)
	}
	if b := p.ConsoleSize; b != nil && p.Terminal && (b.Height > math.MaxUint16 || b.Width > math.MaxUint16) {
		c.bad("process.consoleSize", "%d by %d is larger than the 65535 by 65535 characters of a terminal", b.Height, b.Width)
	}
	c.scheduling(p)
	c.text("process.apparmorProfile", p.ApparmorProfile)
	c.text("process.selinuxLabel", p.SelinuxLabel)
}

// environment checks NAME=VALUE strings. A name may occur twice: the last one wins.
func (c *checker) environment(field string, env []string) {
	for i, e := range env {
		name, _, ok := strings.Cut(e, "=")
		switch {
		case !ok:
			c.bad(at(field, i), "%q has no \"=\": a variable is NAME=VALUE", e)
		case name == "":
			c.bad(at(field, i), "%q has no name: a variable is NAME=VALUE", e)
		}
	}
	c.texts(field, env)
}

func (c *checker) user(u *specs.User) {
	if u.UID == noID {
		c.bad("process.user.uid", "%d is not the id of a user (credentials(7))", u.UID)
	}
	if u.GID == noID {
		c.bad("process.user.gid", "%d is not the id of a group (credentials(7))", u.GID)
	}
	for i, g := range u.AdditionalGids {
		if g == noID {
			c.bad(at("process.user.additionalGids", i), "%d is not the id of a group (credentials(7))", g)
		}
	}
	const most = 65536 // NGROUPS_MAX, Linux 2.6.4
	if n := len(u.AdditionalGids); n > most {
		c.bad("process.user.additionalGids", "%d groups are more than the %d that a process can have", n, most)
	}
	if u.Umask != nil && *u.Umask > 0o777 {
		c.bad("process.user.umask", "%d is not from 0 to 511 (0777)", *u.Umask)
	}
}

func (c *checker) rlimits(limits []specs.POSIXRlimit) {
	first := make(map[string]int, len(limits))
	for i, l := range limits {
		field := at("process.rlimits", i)
		if !isRlimit(l.Type) {
			c.bad(field+".type", "%q is not a resource that Linux limits (getrlimit(2))", l.Type)
		}
		if k, again := first[l.Type]; again {
			c.bad(field+".type", "%q occurs already in process.rlimits[%d]", l.Type, k)
		} else {
			first[l.Type] = i
		}
		if l.Soft > l.Hard {
			c.bad(field+".soft", "%d is above the hard limit, %d", l.Soft, l.Hard)
		}
	}
}

func isRlimit(name string) bool {
	switch name {
	case "RLIMIT_AS", "RLIMIT_CORE", "RLIMIT_CPU", "RLIMIT_DATA", "RLIMIT_FSIZE", "RLIMIT_LOCKS",
		"RLIMIT_MEMLOCK", "RLIMIT_MSGQUEUE", "RLIMIT_NICE", "RLIMIT_NOFILE", "RLIMIT_NPROC",
		"RLIMIT_RSS", "RLIMIT_RTPRIO", "RLIMIT_RTTIME", "RLIMIT_SIGPENDING", "RLIMIT_STACK":
		return true
	}
	return false
}
