package compile

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"testing"

	"github.com/creel-project/creel/libcontainer/plan"
	"golang.org/x/sys/unix"
)

// eachPlan runs check on the plan of every case.
func eachPlan(t *testing.T, check func(*testing.T, *Input, *plan.Plan)) {
	t.Helper()
	for i := range planCases {
		c := &planCases[i]
		t.Run(c.name, func(t *testing.T) {
			in := c.input(t)
			p, err := Compile(in)
			if err != nil {
				t.Fatal(err)
			}
			check(t, &in, p)
		})
	}
}

func sides(p *plan.Plan) []*flow {
	stage1, helper, init := follow(p)
	switch {
	case stage1 == nil:
		return []*flow{init}
	case helper == stage1:
		return []*flow{stage1, init}
	}
	return []*flow{stage1, helper, init}
}

func TestEverySlotIsFilledBeforeItIsRead(t *testing.T) {
	eachPlan(t, func(t *testing.T, _ *Input, p *plan.Plan) {
		for _, f := range sides(p) {
			for _, w := range f.wrong {
				t.Error(w)
			}
		}
	})
}

// TestStagesSendWhatTheOtherOneReceives matches the messages of the two stages:
// one that nobody sends would leave the other side waiting for ever.
func TestStagesSendWhatTheOtherOneReceives(t *testing.T) {
	other := strings.NewReplacer("send", "receive", "receive", "send")
	eachPlan(t, func(t *testing.T, _ *Input, p *plan.Plan) {
		stage1, helper, init := follow(p)
		if stage1 == nil {
			if len(init.talk) > 0 {
				t.Errorf("init talks to a stage 1 that there is not: %q", init.talk)
			}
			return
		}
		if helper != stage1 && len(stage1.talk) > 0 {
			t.Errorf("stage 1 does %q in the helper's place", stage1.talk)
		}
		mirrored := make([]string, len(init.talk))
		for i, m := range init.talk {
			mirrored[i] = other.Replace(m)
		}
		if !slices.Equal(helper.talk, mirrored) {
			t.Errorf("the helper does %q\nwhile init does %q", helper.talk, init.talk)
		}
	})
}

// TestNoFdOfTheHostIsOpenWhileInitWaitsForStart: a created container may wait
// for days, in the sight of those that share its pid namespace (CVE-2016-9962,
// CVE-2024-21626). What remains is the root, the socket, and the null device
// that startContainer hooks write to.
func TestNoFdOfTheHostIsOpenWhileInitWaitsForStart(t *testing.T) {
	eachPlan(t, func(t *testing.T, in *Input, p *plan.Plan) {
		kept := []plan.Slot{slotRoot}
		hooks := in.Spec.Hooks != nil && len(in.Spec.Hooks.StartContainer) > 0
		if hooks {
			kept = append(kept, slotHookOut)
		}
		_, _, init := follow(p)
		if !in.Run && !slices.Contains(init.waiting, 0) {
			t.Error("init waits on no socket")
		}
		for _, s := range init.waiting {
			if s != 0 && !slices.Contains(kept, s) {
				t.Errorf("slot %d is open while init waits for start", s)
			}
		}
		if hooks {
			kept = append(kept, slotHookIn, slotHookErr)
		}
		if notifies := (&builder{Input: *in}).notifies(); notifies {
			kept = append(kept, slotListener)
		}
		for _, s := range init.last {
			if !slices.Contains(kept, s) {
				t.Errorf("slot %d is open until the process is executed", s)
			}
		}
	})
}

// TestInitIsStartedInTheNamespacesThatThePlanIsFor: init is started before its
// plan is made, from Spawn's answer alone.
func TestInitIsStartedInTheNamespacesThatThePlanIsFor(t *testing.T) {
	eachPlan(t, func(t *testing.T, in *Input, p *plan.Plan) {
		cloned, unshared, twoStages := Spawn(in.Spec)
		i := slices.IndexFunc(p.Ops, isClone)
		if twoStages != p.TwoStages || twoStages != (i >= 0) {
			t.Fatalf("two stages: Spawn says %v, the plan %v, with a clone op at %d", twoStages, p.TwoStages, i)
		}
		if unshared&unix.CLONE_NEWPID != 0 {
			t.Error("a pid namespace is for children only when it is unshared")
		}
		made := uint64(cloned | unshared)
		if i >= 0 {
			made |= p.Ops[i].N[0]
		}
		for k := range p.Ops {
			if p.Ops[k].Code == plan.Unshare {
				made |= p.Ops[k].N[0]
			}
		}
		for _, ns := range in.Spec.Linux.Namespaces {
			flag := uint64(Cloneflag(ns.Type))
			if made&flag != 0 != (ns.Path == "") {
				t.Errorf("namespace %s, path %q: made %v", ns.Type, ns.Path, made&flag != 0)
			}
			made &^= flag
		}
		if made != 0 {
			t.Errorf("namespaces %#x are made that nobody asked for", made)
		}
	})
}

// TestPathsBelowTheRootAreNeverJoined: what lies in the root filesystem is found
// from its fd, since a name that was put together could lead anywhere.
func TestPathsBelowTheRootAreNeverJoined(t *testing.T) {
	eachPlan(t, func(t *testing.T, in *Input, p *plan.Plan) {
		for i := range p.Ops {
			if o := &p.Ops[i]; strings.HasPrefix(o.Path, in.Rootfs+"/") {
				t.Errorf("op %d, %s: path %s", i, o.Code, o.Path)
			}
		}
	})
}

// TestEqualConfigsMakeEqualPlans compiles each config again and again: maps of
// the config are ranged over in another order each time.
func TestEqualConfigsMakeEqualPlans(t *testing.T) {
	for i := range planCases {
		c := &planCases[i]
		t.Run(c.name, func(t *testing.T) {
			var first []byte
			for range 10 {
				p, err := Compile(c.input(t))
				if err != nil {
					t.Fatal(err)
				}
				code, err := p.Encode()
				if err != nil {
					t.Fatal(err)
				}
				if first == nil {
					first = code
				} else if !bytes.Equal(first, code) {
					t.Fatal("the same config made another plan")
				}
			}
		})
	}
}

// TestListsAreCountedAsInitCountsThem repeats those checks of csrc/plan.c that a
// compiler can get wrong: init refuses the whole plan without naming the op.
func TestListsAreCountedAsInitCountsThem(t *testing.T) {
	eachPlan(t, func(t *testing.T, in *Input, p *plan.Plan) {
		if len(p.Inherit) > plan.MaxFDs-1 {
			t.Errorf("%d fds come with the plan", len(p.Inherit))
		}
		for i := range p.Ops {
			o := &p.Ops[i]
			want := uint64(bytes.Count(o.Text, []byte{0}))
			ok := true
			switch o.Code {
			case plan.FSMount:
				ok = o.N[1] == want
			case plan.Find:
				ok = o.N[0] == want && want > 0
			case plan.Groups:
				ok = o.N[0]*4 == uint64(len(o.Text))
			case plan.Seccomp:
				ok = len(o.Text)%8 == 0
			case plan.Scheduler:
				ok = len(o.Text) >= 48 && binary.NativeEndian.Uint32(o.Text) == uint32(len(o.Text))
			case plan.Hook:
				ok = len(o.Text) == 8 && len(o.Argv) > 0
			case plan.Clone:
				ok = int(o.N[1]) < len(p.Ops) && p.Ops[o.N[1]-1].Code == plan.Exit
			}
			if !ok {
				t.Errorf("op %d, %s %q: %d bytes of text, numbers %d", i, o.Code, o.Label(), len(o.Text), o.N)
			}
		}
		if p.Ops[len(p.Ops)-1].Code != plan.Exec {
			t.Error("the last op does not execute the process")
		}
	})
}

// TestEveryOpIsInSomePlan makes sure that the cases above are about all ops.
func TestEveryOpIsInSomePlan(t *testing.T) {
	seen := map[plan.Code]bool{}
	for i := range planCases {
		p, err := Compile(planCases[i].input(t))
		if err != nil {
			t.Fatal(err)
		}
		for k := range p.Ops {
			seen[p.Ops[k].Code] = true
		}
	}
	for i := range lateCases {
		for _, o := range latePlan(t, i).Ops {
			seen[o.Code] = true
		}
	}
	for c := plan.Code(0); c.String() != "unknown"; c++ {
		if !seen[c] {
			t.Errorf("no plan contains %s", c)
		}
	}
}

// TestEveryOpSaysWhatItAttempts: the sentence of a failed op is all that a
// person gets to read.
func TestEveryOpSaysWhatItAttempts(t *testing.T) {
	eachPlan(t, func(t *testing.T, _ *Input, p *plan.Plan) {
		for i := range p.Ops {
			if o := &p.Ops[i]; o.Doing == "" {
				t.Errorf("op %d, %s: it has no words", i, o.Code)
			}
		}
	})
}
