// Package ruleset is creel-netns's own table of nftables: addresses are translated there, ports published, and
// bridges kept apart. What is in the table follows from the networks and their endpoints alone. It is compared with that
// each time, and changed in one transaction: what somebody else took away, or a hook that was killed has left, is right
// again afterwards.
package ruleset

import (
	"bytes"
	"errors"
	"fmt"
	"hash/fnv"
	"net/netip"

	"github.com/creel-project/creel/hooks/netns/port"
	"github.com/google/nftables"
	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// Name is how a table's name begins, in the family inet.
const Name = "creel-netns"

// A Table is that of one state directory.
type Table string

// Of returns the table of a state directory, the whole name for the usual one.
func Of(dir, usual string) Table {
	if dir == usual {
		return Name
	}
	sum := fnv.New32a()
	sum.Write([]byte(dir))
	return Table(fmt.Sprintf("%s-%08x", Name, sum.Sum32()))
}

// A Bridge is what the table has to know of one.
type Bridge struct {
	Name            string
	Subnet, Subnet6 netip.Prefix // Subnet6 may be missing
	Isolated        bool
	Published       []Published
}

// Published are the ports of one container.
type Published struct {
	Address, Address6 netip.Addr // Address6 may be missing
	Ports             []port.Mapping
}

// Apply makes the table what it is to be. Others are interfaces to which isolated bridges may not talk either. Without
// any bridge there is no table.
func (t Table) Apply(bridges []Bridge, others []string) error {
	err := t.apply(bridges, others)
	if errors.Is(err, unix.EEXIST) || errors.Is(err, unix.EINVAL) || errors.Is(err, unix.EBUSY) {
		// The table is that of another version, or somebody changed it.
		if err := t.Remove(); err != nil {
			return err
		}
		err = t.apply(bridges, others)
	}
	if err != nil {
		return fmt.Errorf("nftables: write the table inet %s: %w", t, err)
	}
	return nil
}

// Remove removes the table, if there is one.
func (t Table) Remove() error {
	c, err := nftables.New()
	if err != nil {
		return fmt.Errorf("nftables: %w", err)
	}
	c.DelTable(c.AddTable(t.table())) // of one that is not there the removal would be an error
	if err := c.Flush(); err != nil {
		return fmt.Errorf("nftables: remove the table inet %s: %w", t, err)
	}
	return nil
}

func (t Table) table() *nftables.Table {
	return &nftables.Table{Name: string(t), Family: nftables.TableFamilyINet}
}

func (t Table) apply(bridges []Bridge, others []string) error {
	if len(bridges) == 0 {
		return t.Remove()
	}
	c, err := nftables.New(nftables.AsLasting(), nftables.WithSockOptions(func(s *netlink.Conn) error { return s.SetWriteBuffer(batchMax) }))
	if err != nil {
		return err
	}
	defer func() { _ = c.CloseLasting() }()
	want := wanted(bridges, others)
	form, err := want.form()
	if err != nil {
		return err
	}
	if has, ok := t.read(c, want, form); ok {
		err = t.update(c, want, has)
	} else {
		err = t.write(c, want, form)
	}
	if err != nil {
		return err
	}
	return c.Flush()
}

// write makes the table anew, whatever is in it.
func (t Table) write(c *nftables.Conn, w *content, form []byte) error {
	in := c.AddTable(t.table())
	c.FlushTable(in) // its rules
	for _, s := range w.sets {
		s.Table = in
		if err := c.AddSet(s.Set, nil); err != nil {
			return err
		}
		c.FlushSet(s.Set)
		if err := inParts(s.elements, func(some []nftables.SetElement) error { return c.SetAddElements(s.Set, some) }); err != nil {
			return err
		}
	}
	for _, ch := range w.chains {
		ch.Table = in
		c.AddChain(ch.Chain)
	}
	for _, ch := range w.chains {
		for _, exprs := range ch.rules {
			c.AddRule(&nftables.Rule{Table: in, Chain: ch.Chain, Exprs: exprs, UserData: form})
		}
	}
	return nil
}

// update changes elements only, and only those that differ: the kernel waits for all processors before it reuses what
// was taken away (RCU), which a hook would have to wait for as well.
func (t Table) update(c *nftables.Conn, w *content, has map[string][]nftables.SetElement) error {
	for _, s := range w.sets {
		s.Table = t.table()
		gone, added := differ(has[s.Name], s.elements)
		if err := inParts(gone, func(some []nftables.SetElement) error { return c.SetDeleteElements(s.Set, some) }); err != nil {
			return err
		}
		if err := inParts(added, func(some []nftables.SetElement) error { return c.SetAddElements(s.Set, some) }); err != nil {
			return err
		}
	}
	return nil
}

// differ compares the elements that a set has with those that it is to have.
func differ(has, want []nftables.SetElement) (gone, added []nftables.SetElement) {
	key := func(e nftables.SetElement) string { return fmt.Sprintf("%x %x %t", e.Key, e.Val, e.IntervalEnd) }
	there := map[string]bool{}
	for _, e := range has {
		there[key(e)] = true
	}
	for _, e := range want {
		if k := key(e); there[k] {
			delete(there, k)
		} else {
			added = append(added, e)
		}
	}
	for _, e := range has {
		if there[key(e)] {
			gone = append(gone, e)
		}
	}
	return gone, added
}

// read returns the elements of the sets, if the table's rules are those that are wanted.
func (t Table) read(c *nftables.Conn, want *content, form []byte) (has map[string][]nftables.SetElement, ok bool) {
	for _, ch := range want.chains {
		rules, err := c.GetRules(t.table(), ch.Chain)
		if err != nil || len(rules) != len(ch.rules) {
			return nil, false
		}
		for _, r := range rules {
			if !bytes.Equal(r.UserData, form) {
				return nil, false
			}
		}
	}
	has = map[string][]nftables.SetElement{}
	for _, s := range want.sets {
		s.Table = t.table()
		elements, err := c.GetSetElements(s.Set)
		if err != nil {
			return nil, false
		}
		has[s.Name] = elements
	}
	return has, true
}

// elementsMax is how many elements go in one message: the length of an attribute has 16 bits (netlink(7)).
const elementsMax = 500

// batchMax is how many bytes a transaction may have, which is one message of the socket. Every port of the host has about
// a hundred for each family and protocol.
const batchMax = 64 << 20

func inParts(elements []nftables.SetElement, f func([]nftables.SetElement) error) error {
	for len(elements) > 0 {
		n := min(len(elements), elementsMax)
		if err := f(elements[:n]); err != nil {
			return err
		}
		elements = elements[n:]
	}
	return nil
}
