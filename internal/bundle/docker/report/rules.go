package report

import "maps"

// A rule is what becomes of a field unless the mapping notes something else.
type rule struct {
	fate     Fate
	targets  []string
	why      string
	defaults []string // values, as text, that ask for nothing
}

// to maps a field to JSON pointers.
func to(targets ...string) rule { return rule{fate: Mapped, targets: targets} }

// lost cannot be expressed.
func lost(why string) rule { return rule{fate: Lost, why: why} }

// record is no setting.
func record(what string) rule { return rule{fate: Record, why: what} }

// unless names values that ask for nothing, beside those that are empty.
func (r rule) unless(values ...string) rule {
	r.defaults = values
	return r
}

// rules are those of all fields, by the field without indices and keys.
var rules = merge(ofContainer, ofConfig, ofHost, ofLimits, ofEarlier)

func merge(parts ...map[string]rule) map[string]rule {
	all := map[string]rule{}
	for _, p := range parts {
		maps.Copy(all, p)
	}
	return all
}

// ruleOf finds the rule of a field, or of what it is a part of.
func ruleOf(pattern string) (rule, bool) {
	for pattern != "" {
		if r, ok := rules[pattern]; ok {
			return r, true
		}
		pattern = parent(pattern)
	}
	return rule{}, false
}
