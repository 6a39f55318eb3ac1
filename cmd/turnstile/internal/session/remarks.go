package session

import (
	"fmt"
	"strings"

	"github.com/turnstile-go/turnstile/internal/safetext"
	"github.com/turnstile-go/turnstile/internal/suite"
	"github.com/turnstile-go/turnstile/scenarios"
	"github.com/turnstile-go/turnstile/sync2/timeline"
)

// hangs describes a scenario in which nothing happens anymore: who waits for what.
func (s *Session) hangs() string {
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

// deadlock describes the cycle of d, and who else waits because of it.
func (s *Session) deadlock(d timeline.Deadlock) string {
	words := "deadlock: " + s.state.Words().Deadlock(d)
	if who := s.chains(func(c *timeline.Chain) bool { return c.Loop > 0 && c.Stuck }); who != "" {
		words += "; because of it " + who
	}
	return words
}

// chains describes the wait chains that want selects, such as "main → end of baker → bell: no goroutine can notify: customer has
// ended".
func (s *Session) chains(want func(*timeline.Chain) bool) string {
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

// goesOn describes a scenario that never ends: who would go on.
func (s *Session) goesOn() string {
	return fmt.Sprintf("it never ends, and was stopped after %d events; %s", s.events, s.unfinished())
}

// Remarks returns remarks about a session that has ended, besides its result: which goroutines are left behind, and whether
// the run failed to show the scenario's bug.
func (s *Session) Remarks() []string {
	var said []string
	who := s.unfinished()
	if who != "" {
		said = append(said, "goroutines left behind: "+who)
	}
	switch {
	case s.of.Expect == scenarios.ExpectClean || s.err != nil:
	case s.of.Expect == scenarios.ExpectLeak && who != "":
		said = append(said, "this is its bug: a leak")
	case s.of.Expect == scenarios.ExpectRace && suite.Detecting: // the race detector reports it
	case s.of.Expect == scenarios.ExpectRace:
		said = append(said, "a run without the race detector cannot show its bug, a data race; use "+RaceCommand(s.of.Name))
	case s.of.Real: // "turnstile check" cannot explore it
		said = append(said, fmt.Sprintf("this run did not show its bug (%s); another may", s.of.Expect))
	default:
		said = append(said, fmt.Sprintf("this run did not show its bug (%s); to find one that does: turnstile check %s", s.of.Expect, s.of.Name))
	}
	return said
}

// RaceCommand returns the command that runs the scenario called name under the race detector.
func RaceCommand(name string) string {
	return "go run -race ./cmd/turnstile run " + name + " --format text"
}

// unfinished describes the goroutines that have not ended, such as "ann waits for lock-b; ben runs".
func (s *Session) unfinished() string {
	const most = 6
	var who []string
	n := 0
	for _, g := range s.state.Goroutines() {
		if g.ID == 0 || !g.Alive() {
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
