package suite

import (
	"context"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"github.com/turnstile-go/turnstile/scenarios"
	"github.com/turnstile-go/turnstile/sync2/explore"
)

// Explored returns the scenario, with the parameters of set and no pauses, as a program for package explore, and its
// label in tokens: its name and the parameters that differ from the defaults.
func Explored(s *scenarios.Scenario, set map[string]string) (label string, program func(*explore.E), err error) {
	set = maps.Clone(set)
	if set == nil {
		set = make(map[string]string)
	}
	set[scenarios.Pace.Name] = "0"
	params, err := s.NewParams(set)
	if err != nil {
		return "", nil, err // it says what is wrong
	}
	delete(set, scenarios.Pace.Name)
	label = strings.TrimSpace(s.Name + " " + inWords(set))
	return label, func(e *explore.E) {
		ctx, cancel := e.WithCancel(context.Background())
		if err := s.Run(ctx, params); err != nil {
			e.Fail("%v", err)
		}
		_ = cancel // never called: goroutines that end only with ctx are left behind
	}, nil
}

// draw returns parameters for a round: at pace 0 and, except in the first round, with other numbers than the
// defaults.
func draw(s *scenarios.Scenario, round int, random *rand.Rand) (scenarios.Params, string, error) {
	set := map[string]string{scenarios.Pace.Name: "0"}
	if round > 0 {
		for _, p := range s.Params {
			low, high := int(p.Min), int(min(p.Max, p.Min+15))
			set[p.Name] = strconv.Itoa(low + random.IntN(high-low+1))
		}
	}
	return newParams(s, set)
}

// smallest returns the smallest possible parameters. With two philosophers, the two orders of taking the forks are
// each other's opposite, which is what go-deadlock looks for.
func smallest(s *scenarios.Scenario) (scenarios.Params, string, error) {
	set := map[string]string{scenarios.Pace.Name: "0"}
	for _, p := range s.Params {
		set[p.Name] = strconv.Itoa(int(p.Min))
	}
	return newParams(s, set)
}

// newParams returns the parameters, and their text.
func newParams(s *scenarios.Scenario, set map[string]string) (scenarios.Params, string, error) {
	p, err := s.NewParams(set)
	return p, inWords(set), err // it says what is wrong
}

// inWords returns parameters as text, such as "goroutines=3 pace=0".
func inWords(set map[string]string) string {
	var words []string
	for _, key := range slices.Sorted(maps.Keys(set)) {
		words = append(words, key+"="+set[key])
	}
	return strings.Join(words, " ")
}
