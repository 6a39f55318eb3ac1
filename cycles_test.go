package turnstile_test

import (
	"testing"
	"testing/synctest"

	"github.com/turnstile-go/turnstile/scenarios"
	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A viewer of a clean scenario at the pace for people is never shown a deadlock, not even for a moment.
func TestNoDeadlockIsSeen(t *testing.T) {
	for _, s := range scenarios.All() {
		if s.Expect != scenarios.ExpectClean || s.Real {
			continue
		}
		t.Run(s.Name, func(t *testing.T) {
			p, err := s.NewParams(nil)
			if err != nil {
				t.Fatal(err)
			}
			synctest.Test(t, func(t *testing.T) {
				w := &watcher{}
				if err := trace.Start(w); err != nil {
					t.Fatal(err)
				}
				err := s.Run(t.Context(), p)
				trace.Stop()
				if err != nil {
					t.Error(err)
				}
				if w.seen != "" {
					t.Errorf("event %d of %d: %s", w.at, w.state.Last().Seq, w.seen)
				}
			})
		})
	}
}

// A watcher is a sink that looks for a deadlock after each event and keeps a description of the first.
type watcher struct {
	state timeline.State
	at    uint64
	seen  string
}

// Event implements trace.Sink.
func (w *watcher) Event(ev trace.Event) {
	if err := w.state.Apply(ev); err != nil && w.seen == "" {
		w.at, w.seen = ev.Seq, err.Error()
	}
	if cycles := w.state.Deadlocks(); len(cycles) > 0 && w.seen == "" {
		w.at, w.seen = ev.Seq, w.state.Words().Deadlock(cycles[0])
	}
}
