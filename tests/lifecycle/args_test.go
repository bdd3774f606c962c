package lifecycle

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

func env(vars ...string) harness.Mutate {
	return func(s *specs.Spec) { s.Process.Env = vars }
}

func TestTheProgramIsLookedForInThePathOfTheConfig(t *testing.T) {
	h := harness.New(t)
	root := h.OwnRoot()
	h.WriteFile(filepath.Join(root, "first/tool"), "not for the user", 0o700)
	h.WriteFile(filepath.Join(root, "second/tool"), "#!/bin/sh\necho second $0", 0o755)
	h.WriteFile(filepath.Join(root, "usr/local/bin/tool"), "#!/bin/sh\necho default", 0o755)
	h.Must(os.MkdirAll(filepath.Join(root, "third/tool"), 0o755))
	user := func(s *specs.Spec) { s.Process.User = specs.User{UID: 1000, GID: 1000} }
	run := func(args string, m ...harness.Mutate) string {
		return h.Ok(h.Run(h.Bundle(append(m, harness.Root(root), harness.Args(args))...))).Stdout
	}
	expect(t, run("tool", env("PATH=/third:/first:/second"), user), "second /second/tool\n")
	expect(t, run("tool", env("PATH=/nowhere", "PATH=/second"), user), "second /second/tool\n")
	expect(t, run("tool", env("A=b"), user), "default\n")
	expect(t, run("/second/tool", env(), user), "second /second/tool\n")
	expect(t, run("./tool", env(), user, func(s *specs.Spec) { s.Process.Cwd = "/second" }), "second ./tool\n")
	expect(t, run("second/tool", env(), user), "second second/tool\n")
}

func TestArgumentsArriveAsTheyAre(t *testing.T) {
	h := harness.New(t)
	args := []string{"/bin/sh", "-c", `for a; do echo "<$a>"; done`, "zero", "", "a b", "ä\n\t'\"$x", strings.Repeat("x", 100_000)}
	r := h.Ok(h.Run(h.Bundle(harness.Args(args...))))
	expect(t, r.Stdout, "<>\n<a b>\n<ä\n\t'\"$x>\n<"+args[7]+">\n")
	r = h.Ok(h.Run(h.Bundle(harness.Args("cat", "/proc/self/cmdline"))))
	expect(t, r.Stdout, "cat\x00/proc/self/cmdline\x00")
}

func TestTheEnvironmentIsTheConfigsAndHome(t *testing.T) {
	h := harness.New(t)
	r := h.Ok(h.Run(h.Bundle(harness.Args("/bin/cat", "/proc/self/environ"), env("B=2", "A=1", "PATH=/bin", "EMPTY=", "EQ=a=b", "ä=ö"))))
	expect(t, r.Stdout, "B=2\x00A=1\x00PATH=/bin\x00EMPTY=\x00EQ=a=b\x00ä=ö\x00HOME=/root\x00")
	r = h.Ok(h.Run(h.Bundle(harness.Args("/bin/cat", "/proc/self/environ"), env())))
	expect(t, r.Stdout, "HOME=/root\x00")
}

func TestTheLastOfEqualVariablesWins(t *testing.T) {
	h := harness.New(t)
	r := h.Ok(h.Run(h.Bundle(harness.Args("/bin/cat", "/proc/self/environ"), env("A=1", "B=1", "A=2", "HOME=/first", "A=3", "HOME=/last", "AA=1"))))
	expect(t, r.Stdout, "A=3\x00B=1\x00HOME=/last\x00AA=1\x00")
}

func TestALargeEnvironmentArrives(t *testing.T) {
	h := harness.New(t)
	var vars []string
	for i := range 1500 {
		vars = append(vars, strings.Repeat(string(rune('A'+i%26)), 1+i/26)+"="+strings.Repeat("v", 1000))
	}
	r := h.Ok(h.Run(h.Bundle(harness.Args("/bin/cat", "/proc/self/environ"), env(append(vars, "HOME=/")...))))
	if n := strings.Count(r.Stdout, "\x00"); n != 1501 {
		t.Errorf("%d variables arrived", n)
	}
}

func TestHomeComesFromThePasswordFileOfTheContainer(t *testing.T) {
	const passwd = "root:x:0:0:root:/root:/bin/sh\n1000:x:0:0:evil:/evil:/bin/sh\nuser:x:1000:1000::/home/user:\nempty:x:7:7:::/bin/sh\nshort:x:8\n\n:::\n"
	for name, c := range map[string]struct {
		uid  uint32
		env  []string
		want string
	}{
		"root": {0, nil, "/root"}, "a user, not one who is called by his number": {1000, nil, "/home/user"},
		"nobody": {4242, nil, "/"}, "a user without": {7, nil, "/"}, "a line too short": {8, nil, "/"},
		"given": {1000, []string{"HOME=/given"}, "/given"}, "given empty": {1000, []string{"HOME="}, "/home/user"},
	} {
		t.Run(name, func(t *testing.T) {
			h := harness.New(t)
			root := h.OwnRoot()
			h.WriteFile(filepath.Join(root, "etc/passwd"), passwd, 0o644)
			r := h.Ok(h.Run(h.Bundle(harness.Root(root), harness.Args("/bin/cat", "/proc/self/environ"), env(c.env...),
				func(s *specs.Spec) { s.Process.User.UID = c.uid })))
			expect(t, r.Stdout, "HOME="+c.want+"\x00")
		})
	}
}

func TestAnOddPasswordFileHarmsNobody(t *testing.T) {
	for name, c := range map[string]struct {
		script string // on the host, in the directory of the file
		want   string
	}{
		"missing":       {"rm passwd", "/"},
		"fifo":          {"rm passwd; mkfifo passwd", "/"},
		"directory":     {"rm passwd; mkdir passwd", "/"},
		"device":        {"rm passwd; mknod passwd c 1 5", "/"},
		"loop":          {"rm passwd; ln -s passwd passwd", "/"},
		"dangling link": {"rm passwd; ln -s /nowhere passwd", "/"},
		"link inside":   {"mv passwd real; ln -s ../../../../../etc/real passwd", "/root"},
		"magic link":    {"rm passwd; ln -s /proc/self/exe passwd", "/"},
		"huge":          {"(yes '#' | head -c 3000000; echo root:x:0:0::/late:) > passwd", "/"},
		"one long line": {"(head -c 3000000 /dev/zero; echo) > passwd; echo root:x:0:0::/late: >> passwd", "/"},
		"garbage":       {"head -c 100000 /dev/urandom > passwd", "/"},
		"no newline":    {"printf root:x:0:0::/home/last: > passwd", "/home/last"},
	} {
		t.Run(name, func(t *testing.T) {
			h := harness.New(t)
			root := h.OwnRoot()
			h.Host("cd " + filepath.Join(root, "etc") + " && " + c.script)
			r := h.Ok(h.Run(h.Bundle(harness.Root(root), harness.Args("/bin/cat", "/proc/self/environ"), env())))
			expect(t, r.Stdout, "HOME="+c.want+"\x00")
		})
	}
}

// TestAPasswordFileThatCannotBeReadIsAnError, and not one that is missing: the
// process would get another HOME than the one that it has there.
func TestAPasswordFileThatCannotBeReadIsAnError(t *testing.T) {
	h := harness.New(t)
	root := shifted(h)
	h.Must(os.Chown(h.Path("rootfs/etc/passwd"), 0, 0)) // of nobody inside
	h.Must(os.Chmod(h.Path("rootfs/etc/passwd"), 0o600))
	h.Fails(h.Run(h.Bundle(root, env())), "process.user: open /etc/passwd: permission denied")
	expect(t, h.Sh("echo $HOME", root, env("HOME=/given")), "/given")
}

func TestAMountedPasswordFileCounts(t *testing.T) {
	h := harness.New(t)
	h.WriteFile(h.Path("passwd"), "root:x:0:0::/mounted:\n", 0o644)
	expect(t, h.Sh("echo $HOME", harness.Bind(h.Path("passwd"), "/etc/passwd", "ro")), "/mounted")
}

func cwd(dir string) harness.Mutate { return func(s *specs.Spec) { s.Process.Cwd = dir } }

func TestTheProcessStartsInItsDirectory(t *testing.T) {
	h := harness.New(t)
	root := h.OwnRoot()
	h.Must(os.Symlink("/tmp", filepath.Join(root, "link")))
	h.Must(os.Symlink("../../../../../../tmp", filepath.Join(root, "climb")))
	pwd := "readlink /proc/self/cwd"
	expect(t, h.Sh(pwd, harness.Root(root), cwd("/tmp")), "/tmp")
	expect(t, h.Sh(pwd, harness.Root(root), cwd("/link")), "/tmp")
	expect(t, h.Sh(pwd, harness.Root(root), cwd("/climb")), "/tmp")
	expect(t, h.Sh(pwd, harness.Root(root), cwd("/../../tmp/../etc/.")), "/etc")
	expect(t, h.Sh(pwd, harness.Root(root), cwd("/dev/shm")), "/dev/shm")
}

func TestAMissingDirectoryOfTheProcessIsMade(t *testing.T) {
	h := harness.New(t)
	for i, m := range []harness.Mutate{func(*specs.Spec) {}, func(s *specs.Spec) { s.Root.Readonly = true }, harness.UserNS(0, 65536)} {
		root := h.OwnRootAt(string(rune('a' + i)))
		got := h.Sh("pwd; stat -c '%a %u:%g' . ..", harness.Root(root), cwd("/made/for/me"), m)
		expect(t, got, "/made/for/me\n755 0:0\n755 0:0")
	}
}

// A private directory may be open to root alone, or on a network file system to the user alone.
func TestTheDirectoryOfTheProcessIsTriedBeforeAndAfterTheChangeOfUser(t *testing.T) {
	h := harness.New(t)
	root := h.OwnRoot()
	h.Must(os.Mkdir(filepath.Join(root, "private"), 0o700))
	r := h.Ok(h.Run(h.Bundle(harness.Root(root), harness.Args("readlink", "/proc/self/cwd"), cwd("/private"), harness.Caps("CAP_KILL"),
		func(s *specs.Spec) { s.Process.User = specs.User{UID: 1000, GID: 1000} })))
	expect(t, r.Stdout, "/private\n")
}
