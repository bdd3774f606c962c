package conformance

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
	"github.com/opencontainers/runtime-spec/specs-go/features"
)

// features are what the runtime says of itself.
func (c *C) features() (f features.Features) {
	c.Helper()
	r := c.Creel("features")
	if r.Status != 0 && !isCreel() {
		c.Skip("a runtime need not have features")
	}
	c.Ok(r)
	if err := json.Unmarshal([]byte(r.Stdout), &f); err != nil {
		c.Fatalf("features: %v in %q", err, r.Stdout)
	}
	return f
}

func TestFeatures(t *testing.T) {
	each(t, "ociVersionMin", func(c *C) {
		if f := c.features(); !semver(f.OCIVersionMin) {
			c.Errorf("it is %q", f.OCIVersionMin)
		}
	})
	each(t, "ociVersionMax", func(c *C) {
		if f := c.features(); !semver(f.OCIVersionMax) {
			c.Errorf("it is %q", f.OCIVersionMax)
		}
	})
	each(t, "order", func(c *C) {
		f := c.features()
		var low, high [3]int
		fmt.Sscanf(f.OCIVersionMin, "%d.%d.%d", &low[0], &low[1], &low[2])
		fmt.Sscanf(f.OCIVersionMax, "%d.%d.%d", &high[0], &high[1], &high[2])
		if slices.Compare(high[:], low[:]) < 0 || high == [3]int{} {
			c.Errorf("from %s to %s", f.OCIVersionMin, f.OCIVersionMax)
		}
	})
	each(t, "properties", func(c *C) {
		d := json.NewDecoder(strings.NewReader(c.Ok(c.Creel("features")).Stdout))
		d.DisallowUnknownFields()
		if err := d.Decode(&features.Features{}); err != nil {
			c.Error(err)
		}
	})
	each(t, "mountOptions", func(c *C) {
		for _, option := range c.features().MountOptions {
			if slices.Contains([]string{"size", "mode", "uid", "gid", "nr_inodes", "newinstance", "ptmxmode", "lowerdir", "upperdir"}, option) || strings.Contains(option, "=") {
				c.Errorf("%s is an option of filesystems", option)
			}
		}
	})
	each(t, "annotations", func(c *C) {
		var raw struct{ Annotations map[string]any }
		c.Must(json.Unmarshal([]byte(c.Ok(c.Creel("features")).Stdout), &raw))
		for key, value := range raw.Annotations {
			if _, ok := value.(string); !ok || key == "" {
				c.Errorf("%q is %v", key, value)
			}
		}
	})
	each(t, "idmap", func(c *C) {
		works := c.Run(c.Bundle(harness.Script("stat -c %u /tmp/file"), c.idmapped("idmap"))).Stdout == "5000\n"
		f := c.features()
		said := f.Linux != nil && f.Linux.MountExtensions != nil && f.Linux.MountExtensions.IDMap != nil &&
			f.Linux.MountExtensions.IDMap.Enabled != nil && *f.Linux.MountExtensions.IDMap.Enabled
		if works != said {
			c.Errorf("it works: %v; it is said to: %v", works, said)
		}
	})
}

// accepted wants create to succeed.
func (c *C) accepted(what string, mutate ...harness.Mutate) {
	c.Helper()
	id := c.ID()
	if r := c.Creel("create", "--bundle", c.Bundle(append([]harness.Mutate{looks}, mutate...)...), id); r.Status != 0 {
		c.Errorf("%s: %s", what, r)
		return
	}
	c.Ok(c.Creel("delete", "--force", id))
}

// recognized wants create to succeed, or to fail otherwise than with a word that
// nobody knows: what is known may not be possible on this machine.
func (c *C) recognized(word string, mutate func(word string) harness.Mutate) {
	c.Helper()
	const unheardOf = "SCMP_UNHEARD_OF"
	try := func(word string) (status int, message string) {
		id, bundle := c.ID(), c.Bundle(looks, mutate(word))
		r := c.Creel("create", "--bundle", bundle, id)
		if r.Status == 0 {
			c.Ok(c.Creel("delete", "--force", id))
		}
		return r.Status, strings.NewReplacer(id, "ID", bundle, "BUNDLE", word, "WORD").Replace(r.LastLine())
	}
	status, message := try(word)
	if status == 0 {
		return
	}
	if _, unknown := try(unheardOf); message == unknown {
		c.Errorf("%s is as unknown as %s: %s", word, unheardOf, message)
	}
}

func TestFeaturesAreAccepted(t *testing.T) {
	list := func(name string, of func(f features.Features) []string, mutate func(word string) harness.Mutate) {
		each(t, name, func(c *C) {
			f := c.features()
			if f.Linux == nil {
				c.Fatal("the features have no linux")
			}
			if f.Linux.Seccomp == nil {
				f.Linux.Seccomp = &features.Seccomp{}
			}
			if f.Linux.MemoryPolicy == nil {
				f.Linux.MemoryPolicy = &features.MemoryPolicy{}
			}
			for _, word := range of(f) {
				c.accepted(word, mutate(word))
			}
		})
	}
	version := func(word string) harness.Mutate { return func(s *S) { s.Version = word } }
	list("ociVersionMin", func(f features.Features) []string { return []string{f.OCIVersionMin} }, version)
	list("ociVersionMax", func(f features.Features) []string { return []string{f.OCIVersionMax} }, version)
	each(t, "hooks", func(c *C) {
		dir, logged := c.log()
		for _, kind := range c.features().Hooks {
			if !slices.Contains(kinds, kind) {
				c.Errorf("there are no hooks called %s", kind)
				continue
			}
			c.Ok(c.Run(c.Bundle(looks, logged, hooks(kind, "echo ran >"+dir+"/"+kind))))
			if read(dir+"/"+kind) == "" {
				c.Errorf("the %s hook was not run", kind)
			}
		}
	})
	list("mountOptions", func(f features.Features) []string {
		return slices.DeleteFunc(f.MountOptions, needsMore)
	}, func(word string) harness.Mutate { return tmpfs("/tmp", word) })
	list("namespaces", func(f features.Features) []string { return f.Linux.Namespaces }, func(word string) harness.Mutate {
		if word == "user" {
			return harness.UserNS(0, 1<<16)
		}
		return harness.Namespace(specs.LinuxNamespaceType(word), "")
	})
	// that a capability is not known shows only in that it is not there
	each(t, "capabilities", func(c *C) {
		var asked []string
		for _, name := range c.features().Linux.Capabilities {
			if available(name) {
				asked = append(asked, name)
			}
		}
		r := c.see(harness.Caps(asked...))
		if got := bits(r.Status["CapBnd"]); got != len(asked) || got == 0 {
			c.Errorf("of %d capabilities %d are there", len(asked), got)
		}
	})
	sec := func(f func(p *specs.LinuxSeccomp, word string)) func(word string) harness.Mutate {
		return func(word string) harness.Mutate {
			p := specs.LinuxSeccomp{DefaultAction: specs.ActAllow}
			f(&p, word)
			return seccomp(p)
		}
	}
	rule := func(p *specs.LinuxSeccomp, action string, args ...specs.LinuxSeccompArg) {
		p.Syscalls = []specs.LinuxSyscall{{Names: []string{"acct"}, Action: specs.LinuxSeccompAction(action), Args: args}}
	}
	list("seccomp-actions", func(f features.Features) []string {
		return slices.DeleteFunc(f.Linux.Seccomp.Actions, func(a string) bool { return a == string(specs.ActNotify) }) // it wants a listener
	}, sec(func(p *specs.LinuxSeccomp, word string) { rule(p, word) }))
	list("seccomp-operators", func(f features.Features) []string { return f.Linux.Seccomp.Operators },
		sec(func(p *specs.LinuxSeccomp, word string) {
			rule(p, "SCMP_ACT_ERRNO", specs.LinuxSeccompArg{Value: 1, ValueTwo: 1, Op: specs.LinuxSeccompOperator(word)})
		}))
	arch := sec(func(p *specs.LinuxSeccomp, word string) {
		rule(p, "SCMP_ACT_ERRNO")
		p.Architectures = []specs.Arch{specs.Arch(word)}
	})
	each(t, "seccomp-archs", func(c *C) {
		for _, word := range c.features().Linux.Seccomp.Archs {
			c.recognized(word, arch)
		}
	})
	flag := sec(func(p *specs.LinuxSeccomp, word string) {
		rule(p, "SCMP_ACT_ERRNO")
		p.Flags = []specs.LinuxSeccompFlag{specs.LinuxSeccompFlag(word)}
	})
	list("seccomp-knownFlags", func(f features.Features) []string { return f.Linux.Seccomp.KnownFlags }, flag)
	list("seccomp-supportedFlags", func(f features.Features) []string { return f.Linux.Seccomp.SupportedFlags }, flag)
	list("memoryPolicy-modes", func(f features.Features) []string { return f.Linux.MemoryPolicy.Modes }, func(word string) harness.Mutate {
		return func(s *S) {
			p := &specs.LinuxMemoryPolicy{Mode: specs.MemoryPolicyModeType(word)}
			if word != "MPOL_DEFAULT" && word != "MPOL_LOCAL" {
				p.Nodes = "0"
			}
			s.Linux.MemoryPolicy = p
		}
	})
	list("memoryPolicy-flags", func(f features.Features) []string { return f.Linux.MemoryPolicy.Flags }, func(word string) harness.Mutate {
		return func(s *S) {
			mode := specs.MemoryPolicyModeType("MPOL_INTERLEAVE")
			if strings.Contains(word, "BALANCING") {
				mode = "MPOL_BIND"
			}
			s.Linux.MemoryPolicy = &specs.LinuxMemoryPolicy{Mode: mode, Nodes: "0", Flags: []specs.MemoryPolicyFlagType{specs.MemoryPolicyFlagType(word)}}
		}
	})
}

// needsMore are options that a tmpfs of a mount namespace of its own cannot have
// alone: mappings, something to copy or bind, something to remount, or what the
// filesystem refuses whoever names it.
func needsMore(option string) bool {
	return slices.Contains([]string{"idmap", "ridmap", "bind", "rbind", "remount", "mand", "nomand", "acl", "noacl"}, option)
}

// bits counts the bits of a set of capabilities.
func bits(hex string) (n int) {
	for _, digit := range hex {
		n += strings.Count(fmt.Sprintf("%b", strings.IndexRune("0123456789abcdef", digit)), "1")
	}
	return n
}

// available says whether the caller has a capability, and of one that Linux does not
// know that it has.
func available(name string) bool {
	var set uint64
	for line := range strings.Lines(read("/proc/self/status")) {
		fmt.Sscanf(line, "CapBnd:\t%x", &set)
	}
	number := slices.Index(capabilities, strings.TrimPrefix(name, "CAP_"))
	return number < 0 || set&(1<<number) != 0
}

// capabilities are Linux's, by number.
var capabilities = strings.Fields(`CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP
	LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO
	SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE
	AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON
	BPF CHECKPOINT_RESTORE`)
