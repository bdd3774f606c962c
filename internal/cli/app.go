// Package cli is creel's command line: one file a command, each of which turns
// flags into one call of libcontainer. Flags, statuses and output are runc's.
package cli

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/creel-project/creel/internal/log"
	"github.com/creel-project/creel/internal/version"
	"github.com/creel-project/creel/libcontainer"
	"github.com/creel-project/creel/libcontainer/seccomp"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// program is what every command works with.
type program struct {
	log   *slog.Logger
	toLog bool // the log is a file, so errors go to stderr as well
	rt    *libcontainer.Runtime
}

// exitStatus ends the program with a container's own status.
type exitStatus int

func (e exitStatus) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

// Main runs the command line args and returns the exit status.
func Main(args []string) int {
	p := &program{}
	p.log, _ = log.Open("", log.Text, false)
	err := p.run(args[1:])
	var status exitStatus
	switch {
	case err == nil:
		return 0
	case errors.As(err, &status):
		return int(status)
	}
	p.log.Error(err.Error())
	if p.toLog {
		fmt.Fprintln(os.Stderr, err)
	}
	if errors.Is(err, errUnknown) {
		return 3 // as runc
	}
	return 1
}

var errUnknown = errors.New("`creel help` lists the commands")

// run reads the global flags and hands over to the command.
func (p *program) run(args []string) error {
	f := globalFlags()
	if err := f.set.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			p.writeHelp(os.Stdout)
			return nil
		}
		fmt.Fprintf(os.Stderr, "Incorrect Usage.\n\n")
		p.writeHelp(os.Stderr)
		return err
	}
	rest := f.set.Args()
	switch {
	case f.get("version").(bool):
		fmt.Println("creel version " + versionText())
		return nil
	case len(rest) == 0:
		p.writeHelp(os.Stdout)
		return nil
	}
	if err := p.before(f); err != nil {
		return err
	}
	if rest[0] == "help" || rest[0] == "h" {
		return p.help(rest[1:])
	}
	if s := siblingNamed(rest[0]); s != nil {
		return s.exec(rest[1:])
	}
	c, err := p.find(rest[0])
	if err != nil {
		return err
	}
	return c.run(rest[1:])
}

// commandTable lists the commands in the order of the help. Only the one that is
// asked for is made.
var commandTable = [...]struct {
	name string
	make func(*program) *command
}{
	{"create", (*program).createCommand},
	{"delete", (*program).deleteCommand},
	{"events", (*program).eventsCommand},
	{"exec", (*program).execCommand},
	{"features", (*program).featuresCommand},
	{"kill", (*program).killCommand},
	{"list", (*program).listCommand},
	{"mount", (*program).mountCommand},
	{"pause", (*program).pauseCommand},
	{"plan", (*program).planCommand},
	{"ps", (*program).psCommand},
	{"resume", (*program).resumeCommand},
	{"run", (*program).runCommand},
	{"spec", (*program).specCommand},
	{"start", (*program).startCommand},
	{"state", (*program).stateCommand},
	{"update", (*program).updateCommand},
}

func (p *program) commands() []*command {
	all := make([]*command, len(commandTable))
	for i := range commandTable {
		all[i] = commandTable[i].make(p)
	}
	return all
}

func (p *program) find(name string) (*command, error) {
	for i := range commandTable {
		if commandTable[i].name == name {
			return commandTable[i].make(p), nil
		}
	}
	return nil, fmt.Errorf("unknown command %q: %w", name, errUnknown)
}

// help prints the help of a command, or of all.
func (p *program) help(args []string) error {
	if len(args) == 0 {
		p.writeHelp(os.Stdout)
		return nil
	}
	if s := siblingNamed(args[0]); s != nil {
		return s.exec(append([]string{"help"}, args[1:]...))
	}
	c, err := p.find(args[0])
	if err != nil {
		return err
	}
	c.writeHelp(os.Stdout)
	return nil
}

func (p *program) writeHelp(w io.Writer) {
	fmt.Fprintf(w, "NAME:\n   creel - run OCI bundles as isolated processes\n\n"+
		"USAGE:\n   creel [global options] command [command options] [arguments...]\n\n"+
		"VERSION:\n   %s\n\nCOMMANDS:\n", versionText())
	for _, c := range p.commands() {
		fmt.Fprintf(w, "   %-9s %s\n", c.name, c.usage)
	}
	for _, s := range siblings {
		fmt.Fprintf(w, "   %-9s %s\n", s.name, s.usage)
	}
	fmt.Fprintf(w, "   %-9s %s\n\nGLOBAL OPTIONS:\n", "help, h", "shows a list of commands or help for one command")
	globalFlags().writeHelp(w)
}

func globalFlags() *flags {
	f := newFlags("creel")
	f.text("cgroupfs", "set the cgroup manager ('cgroupfs', 'systemd', or 'disabled' for no cgroup)", "cgroup-manager")
	f.yes("enable debug logging", "debug")
	f.text("", "set the log file to write creel logs to (default is '/dev/stderr')", "log")
	f.text("text", "set the log format ('text', or 'json')", "log-format")
	f.text("", "root directory for storage of container state (this should be located in tmpfs) (default: \""+defaultRoot+"\", or \"$XDG_RUNTIME_DIR/creel\" for an ordinary user)", "root")
	f.yes("enable systemd cgroup support, expects cgroupsPath to be of form \"slice:prefix:name\" for e.g. \"system.slice:creel:434234\"", "systemd-cgroup")
	f.text("auto", "ignore cgroup permission errors ('true', 'false', or 'auto')", "rootless")
	f.yes("print the version", "version", "v")
	return f
}

// before acts on the global flags. The log is opened first, so that every later
// mistake is written where the engine looks.
func (p *program) before(f *flags) error {
	format, err := log.ParseFormat(f.get("log-format").(string))
	if err != nil {
		return err
	}
	path := f.get("log").(string)
	l, err := log.Open(path, format, f.get("debug").(bool))
	if err != nil {
		return err
	}
	p.log, p.toLog = l, path != ""
	systemd, noCgroup, err := cgroupManager(f.get("cgroup-manager").(string), f.get("systemd-cgroup").(bool))
	if err != nil {
		return err
	}
	rootless, err := rootlessFlag(f.get("rootless").(string))
	if err != nil {
		return err
	}
	root, err := rootDir(f.get("root").(string))
	if err != nil {
		return err
	}
	p.rt = &libcontainer.Runtime{
		Root: root, Rootless: rootless, SystemdCgroup: systemd, NoCgroup: noCgroup, Expendable: true,
		Warn: func(msg string) { p.log.Warn(msg) },
	}
	if f.get("debug").(bool) {
		begun := time.Now()
		p.rt.Debug = func(msg string) {
			p.log.Debug(fmt.Sprintf("after %.3f ms: %s", float64(time.Since(begun).Microseconds())/1000, msg))
		}
	}
	return nil
}

// debug tells of a step that is done, where --debug asks for it.
func (p *program) debug(format string, args ...any) {
	if p.rt.Debug != nil {
		p.rt.Debug(fmt.Sprintf(format, args...))
	}
}

// versionText is the text behind "creel version ": engines read its lines.
func versionText() string {
	var b strings.Builder
	b.WriteString(version.Version)
	if version.Commit != "" {
		b.WriteString("\ncommit: " + version.Commit)
	}
	b.WriteString("\nspec: " + specs.Version)
	b.WriteString("\ngo: " + runtime.Version())
	if v, err := seccomp.LibseccompVersion(seccomp.Options{}); err == nil {
		b.WriteString("\nlibseccomp: " + v)
	}
	return b.String()
}
