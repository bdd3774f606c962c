package mapping

import (
	"math"
	"slices"
	"strings"

	"github.com/creel-project/creel/internal/bundle/docker/report"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// defaultPath is PATH where the image sets none.
const defaultPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// process is the command, its environment and its terminal.
func (m *mapper) process() error {
	p := m.spec.Process
	p.Args = slices.Concat([]string{m.Path}, m.Args)
	if m.Path == "" {
		p.Args = slices.Concat(m.Config.Entrypoint, m.Config.Cmd)
	}
	if len(p.Args) == 0 {
		return bad("Path", m.Path, "there is no command, neither in Path and Args nor in Config")
	}
	if err := m.initProgram(); err != nil {
		return err
	}
	p.Terminal = m.Config.Tty
	if size := m.HostConfig.ConsoleSize; size[0] != 0 || size[1] != 0 {
		if p.Terminal {
			p.ConsoleSize = &specs.Box{Height: size[0], Width: size[1]}
		} else {
			m.notes.Default("HostConfig.ConsoleSize", "there is no terminal")
		}
	}
	p.Env = m.environment()
	p.Cwd = m.Config.WorkingDir
	if p.Cwd == "" {
		p.Cwd = "/"
	}
	m.labels()
	return nil
}

// initProgram puts Docker's init before the command, unless the process is not the first of its pid namespace.
func (m *mapper) initProgram() error {
	wanted := m.HostConfig.Init
	if wanted == nil || !*wanted {
		return nil
	}
	if !m.HostConfig.PidMode.IsPrivate() {
		m.notes.Default("HostConfig.Init", "another process is the first of the pid namespace")
		return nil
	}
	if m.Facts.Init == "" {
		return bad("HostConfig.Init", true, "there is neither docker-init nor tini-static on this machine; name one with --init-path")
	}
	m.spec.Process.Args = slices.Concat([]string{report.Init, "--"}, m.spec.Process.Args)
	return nil
}

// environment is Docker's own variables, then those of the container, which win. One without a value takes a variable away.
func (m *mapper) environment() []string {
	env := []string{defaultPath, "HOSTNAME=" + m.Config.Hostname}
	if m.Config.Tty {
		env = append(env, "TERM=xterm")
	}
	for i, variable := range m.Config.Env {
		name, _, ok := strings.Cut(variable, "=")
		at := slices.IndexFunc(env, func(e string) bool { return strings.HasPrefix(e, name+"=") })
		switch {
		case !ok:
			m.notes.Default(report.At("Config.Env", i), "a variable without a value is none")
			if at >= 0 {
				env = slices.Delete(env, at, at+1)
			}
		case at >= 0:
			env[at] = variable
		default:
			env = append(env, variable)
		}
	}
	for i, variable := range m.Config.Env {
		if name, _, ok := strings.Cut(variable, "="); ok {
			m.notes.Mapped(report.At("Config.Env", i), "", "/process/env?="+name+"=")
		}
	}
	return env
}

// limitsOfProcess are resource limits and the badness for the OOM killer.
func (m *mapper) limitsOfProcess() error {
	for i, u := range m.HostConfig.Ulimits {
		if u == nil {
			continue
		}
		field := report.At("HostConfig.Ulimits", i)
		if u.Name == "" {
			return bad(field+".Name", u.Name, "it is empty; one is nofile")
		}
		limit := specs.POSIXRlimit{Type: "RLIMIT_" + strings.ToUpper(u.Name), Soft: rlimit(u.Soft), Hard: rlimit(u.Hard)}
		if limit.Soft > limit.Hard {
			return bad(field+".Soft", u.Soft, "it is more than Hard, %d", u.Hard)
		}
		m.spec.Process.Rlimits = append(m.spec.Process.Rlimits, limit)
		m.notes.Mapped(field, "", "/process/rlimits?type="+limit.Type)
	}
	if adj := m.HostConfig.OomScoreAdj; adj != 0 {
		m.spec.Process.OOMScoreAdj = &adj
	}
	return nil
}

// rlimit is a limit, of which -1 stands for none (setrlimit(2), RLIM_INFINITY).
func rlimit(n int64) uint64 {
	if n < 0 {
		return math.MaxUint64
	}
	return uint64(n)
}
