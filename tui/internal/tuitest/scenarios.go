package tuitest

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/turnstile-go/turnstile/scenarios"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A Recording is a recorded run of a scenario.
type Recording struct {
	Of     *scenarios.Scenario
	Events []trace.Event
}

// sinkOf collects events.
type sinkOf struct {
	mu     sync.Mutex
	events []trace.Event
}

func (s *sinkOf) Event(ev trace.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.events = append(s.events, ev)
}

// record records a run of s: in a synctest bubble at normal pace, or if that is not possible, without pauses.
func record(t *testing.T, s *scenarios.Scenario) Recording {
	t.Helper()
	pace, run := "1", func(f func(*testing.T)) { synctest.Test(t, f) }
	if s.Real {
		pace, run = "0", func(f func(*testing.T)) { f(t) }
	}
	p, err := s.NewParams(map[string]string{"pace": pace})
	if err != nil {
		t.Fatal(err)
	}
	var sink sinkOf
	run(func(t *testing.T) {
		ctx, cancel := context.WithTimeoutCause(t.Context(), 5*time.Second, errors.New("enough"))
		defer cancel()
		if err := trace.Start(&sink); err != nil {
			t.Fatal(err)
		}
		defer trace.Stop()
		var none *trace.Object
		none.Emit(trace.Event{Kind: trace.KindDefineG, Text: "main"})
		end := trace.Event{Kind: trace.KindExit}
		if err := s.Run(ctx, p); err != nil {
			end.N, end.Text = 1, err.Error()
		}
		none.Emit(end)
	})
	return Recording{s, sink.events}
}

var recordings struct {
	sync.Once
	all []Recording
}

// EachScenario calls f with a recording of each scenario, except those with a data race if the race detector is on.
func EachScenario(t *testing.T, f func(t *testing.T, r Recording)) {
	recordings.Do(func() {
		for _, s := range scenarios.All() {
			if underRace && s.Expect == scenarios.ExpectRace {
				continue
			}
			recordings.all = append(recordings.all, record(t, s))
		}
	})
	for _, r := range recordings.all {
		t.Run(r.Of.Name, func(t *testing.T) { f(t, r) })
	}
}
