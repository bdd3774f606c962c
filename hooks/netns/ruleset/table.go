// Package ruleset is creel-netns's own table of nftables: addresses are translated there, ports published, and
// bridges kept apart. What is in the table follows from the networks and their endpoints alone, and is put there as a whole, in one
// transaction: what somebody else took away, or a hook that was killed has left, is right again afterwards.
package ruleset

import (
	"errors"
	"fmt"
	"net/netip"

	"github.com/creel-project/creel/hooks/netns/port"
	"github.com/google/nftables"
	"golang.org/x/sys/unix"
)

// Name of the table, in the family inet.
const Name = "creel-netns"

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
func Apply(bridges []Bridge, others []string) error {
	err := apply(bridges, others)
	if errors.Is(err, unix.EEXIST) || errors.Is(err, unix.EINVAL) || errors.Is(err, unix.EBUSY) {
		// The table is that of another version, or somebody changed it.
		if err := Remove(); err != nil {
			return err
		}
		err = apply(bridges, others)
	}
	if err != nil {
		return fmt.Errorf("nftables: write the table inet %s: %w", Name, err)
	}
	return nil
}

// Remove removes the table, if there is one.
func Remove() error {
	c, err := nftables.New()
	if err != nil {
		return fmt.Errorf("nftables: %w", err)
	}
	c.DelTable(c.AddTable(table())) // of one that is not there the removal would be an error
	if err := c.Flush(); err != nil {
		return fmt.Errorf("nftables: remove the table inet %s: %w", Name, err)
	}
	return nil
}

func table() *nftables.Table {
	return &nftables.Table{Name: Name, Family: nftables.TableFamilyINet}
}

func apply(bridges []Bridge, others []string) error {
	if len(bridges) == 0 {
		return Remove()
	}
	c, err := nftables.New()
	if err != nil {
		return err
	}
	t := c.AddTable(table())
	c.FlushTable(t) // its rules
	b := batch{Conn: c, table: t, sets: map[string]*nftables.Set{}}
	b.fill(bridges, others)
	b.chains()
	if b.err != nil {
		return b.err
	}
	return c.Flush()
}

// batch is one transaction.
type batch struct {
	*nftables.Conn
	table *nftables.Table
	sets  map[string]*nftables.Set
	err   error
}

// elementsMax is how many elements go in one message: the length of an attribute has 16 bits (netlink(7)).
const elementsMax = 500

// set makes a set hold exactly these elements.
func (b *batch) set(s *nftables.Set, elements []nftables.SetElement) {
	s.Table = b.table
	b.sets[s.Name] = s
	if err := b.AddSet(s, nil); err != nil && b.err == nil {
		b.err = err
	}
	b.FlushSet(s)
	for len(elements) > 0 {
		n := min(len(elements), elementsMax)
		if err := b.SetAddElements(s, elements[:n]); err != nil && b.err == nil {
			b.err = err
		}
		elements = elements[n:]
	}
}
