package scenarios

import (
	"cmp"
	"context"
	"fmt"
	"slices"
)

// registered holds the scenarios by name. It is complete before main and the tests begin, and never changes after that.
var registered = make(map[string]*Scenario)

// register adds a scenario to the catalog; each file calls it once, in a variable declaration:
//
//	var _ = register(&Scenario{Name: "barrier", …})
//
// It makes Run return the cause of its context if that has ended, so that no program has to check.
func register(s *Scenario) *Scenario { //nolint:unparam // a declaration needs a value
	if registered[s.Name] != nil {
		panic("scenarios: two scenarios are called " + s.Name)
	}
	registered[s.Name] = s
	run := s.Run
	s.Run = func(ctx context.Context, p Params) error {
		err := run(ctx, p)
		if ctx.Err() != nil { // that is the cause of whatever else failed
			return context.Cause(ctx)
		}
		return err
	}
	return s
}

// All returns the scenarios in the order of the catalog: by category, and within it by name. Callers must not change them.
func All() []*Scenario {
	all := make([]*Scenario, 0, len(registered))
	for _, s := range registered {
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b *Scenario) int {
		return cmp.Or(cmp.Compare(a.Category, b.Category), cmp.Compare(a.Name, b.Name))
	})
	return all
}

// Find returns the scenario with the given name. The error for an unknown name suggests the nearest one.
func Find(name string) (*Scenario, error) {
	return FindAmong(All(), name)
}

// FindAmong is like Find, among the given scenarios.
func FindAmong(list []*Scenario, name string) (*Scenario, error) {
	var names []string
	for _, s := range list {
		if s.Name == name {
			return s, nil
		}
		names = append(names, s.Name)
	}
	return nil, fmt.Errorf("no scenario is called %q%s", name, didYouMean(name, names))
}
