package main

import (
	"fmt"
	"strings"

	"github.com/turnstile-go/turnstile/internal/safetext"
	"github.com/turnstile-go/turnstile/internal/suite"
	"github.com/turnstile-go/turnstile/scenarios"
	"github.com/turnstile-go/turnstile/sync2/timeline"
)

// hangs says that nothing happens anymore, and who waits for what.
func (s *session) hangs() string {
	const hangs = "it hangs"
	if s.state.AtRest() {
		if who := s.chains(func(*timeline.Chain) bool { return true }); who != "" {
			return hangs + "; who waits for whom: " + who
		}
	}
	if who := s.unfinished(); who != "" {
		return hangs + "; " + who
	}
	return hangs
}

// deadlock says who waits for whom in a cycle, and who else because of that.
func (s *session) deadlock(d timeline.Deadlock) string {
	words := "deadlock: " + s.state.Words().Sentence(d)
	if who := s.chains(func(c *timeline.Chain) bool { return c.Loop > 0 && c.Stuck }); who != "" {
		words += "; because of it " + who
	}
	return words
}

// chains says who waits for whom, as far as want says so: "main → end of baker → bell: nobody can notify: customer has ended".
func (s *session) chains(want func(*timeline.Chain) bool) string {
	const most = 6
	var texts []string
	n := 0
	w := s.state.Waits()
	for i := range w.Chains {
		if !want(&w.Chains[i]) {
			continue
		}
		if n++; n <= most {
			texts = append(texts, s.state.Words().ChainText(&w.Chains[i]))
		}
	}
	if n > most {
		texts = append(texts, fmt.Sprintf("%d more", n-most))
	}
	return strings.Join(texts, "; ")
}

// goesOn says that the scenario never ends, and who would go on.
func (s *session) goesOn() string {
	return fmt.Sprintf("it never ends, and was stopped after %d events; %s", s.events, s.unfinished())
}

// remarks returns remarks about a session that has ended, apart from its result: which
// goroutines are left behind, and what of a bug that there is could not be seen.
func (s *session) remarks() []string {
	var said []string
	who := s.unfinished()
	if who != "" {
		said = append(said, "goroutines left behind: "+who)
	}
	switch {
	case s.of.Expect == scenarios.ExpectClean || s.err != nil:
	case s.of.Expect == scenarios.ExpectLeak && who != "":
		said = append(said, "this is its bug: a leak")
	case s.of.Expect == scenarios.ExpectRace && suite.Detecting: // the race detector has its own say
	case s.of.Expect == scenarios.ExpectRace:
		said = append(said, "a run without the race detector cannot show its bug, a data race; use "+raceCommand(s.of.Name))
	case s.of.Real: // it cannot be explored
		said = append(said, fmt.Sprintf("this run did not show its bug (%s); another may", s.of.Expect))
	default:
		said = append(said, fmt.Sprintf("this run did not show its bug (%s); to find one that does: turnstile check %s", s.of.Expect, s.of.Name))
	}
	return said
}

// raceCommand returns the command that runs the scenario called name under the race detector.
func raceCommand(name string) string {
	return "go run -race ./cmd/turnstile run " + name + " --format text"
}

// unfinished says which goroutines are known not to have ended, and what they do: "ann waits for lock-b; ben runs".
func (s *session) unfinished() string {
	const most = 6
	var who []string
	n := 0
	for _, g := range s.state.Goroutines() {
		if g.ID == 0 || !g.Left() {
			continue
		}
		if n++; n > most {
			continue
		}
		what := s.state.Words().WaitsFor(g.ID)
		if what == "" {
			what = "runs"
		}
		who = append(who, safetext.Line(s.state.Words().GName(g.ID))+" "+what)
	}
	if n > most {
		who = append(who, fmt.Sprintf("%d more", n-most))
	}
	return strings.Join(who, "; ")
}
