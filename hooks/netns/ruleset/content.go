package ruleset

import (
	"fmt"
	"hash/fnv"

	"github.com/google/nftables"
	"github.com/google/nftables/expr"
	"github.com/google/nftables/userdata"
	"golang.org/x/sys/unix"
)

// content is what the table is to hold.
type content struct {
	sets   []set
	chains []*chain
}

type set struct {
	*nftables.Set
	elements []nftables.SetElement
}

type chain struct {
	*nftables.Chain
	rules [][]expr.Any
}

func wanted(bridges []Bridge, others []string) *content {
	w := &content{}
	w.fill(bridges, others)
	w.rules()
	return w
}

func (w *content) set(s *nftables.Set, elements []nftables.SetElement) {
	w.sets = append(w.sets, set{s, elements})
}

func (w *content) chain(c *nftables.Chain) *chain {
	ch := &chain{Chain: c}
	w.chains = append(w.chains, ch)
	return ch
}

// rule appends one that is made of these parts.
func (ch *chain) rule(parts ...[]expr.Any) {
	var all []expr.Any
	for _, p := range parts {
		all = append(all, p...)
	}
	ch.rules = append(ch.rules, all)
}

// form is a comment for each rule, with a checksum of all but the elements: by it the table of another version is known.
func (w *content) form() ([]byte, error) {
	sum := fnv.New64a()
	for _, s := range w.sets {
		fmt.Fprintln(sum, s.Name, s.KeyType.GetNFTMagic(), s.DataType.GetNFTMagic(), s.IsMap, s.Interval)
	}
	for _, ch := range w.chains {
		fmt.Fprintln(sum, ch.Name, ch.Type, ch.Hooknum != nil && ch.Priority != nil)
		for _, r := range ch.rules {
			for _, e := range r {
				text, err := expr.Marshal(unix.NFPROTO_INET, e)
				if err != nil {
					return nil, err
				}
				sum.Write(text)
			}
		}
	}
	return userdata.AppendString(nil, userdata.TypeComment, fmt.Sprintf("%s %016x", Name, sum.Sum64())), nil
}
