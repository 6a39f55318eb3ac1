package synctesting

import (
	"fmt"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A watcher is the sink of a traced run. It checks each event and keeps the first error.
type watcher struct {
	valid   *trace.Validator
	state   timeline.State
	invalid error
	order   *lockOrder // nil if Locks is excluded
}

func newWatcher(locks *report) *watcher {
	w := &watcher{valid: trace.NewValidator()}
	if locks != nil && !guardsInternals {
		w.order = newLockOrder(locks)
	}
	return w
}

// Event implements trace.Sink.
func (w *watcher) Event(ev trace.Event) {
	if w.order != nil {
		w.order.event(ev)
	}
	if w.invalid != nil {
		return
	}
	if w.invalid = w.valid.Event(ev); w.invalid != nil {
		return
	}
	if err := w.state.Apply(ev); err != nil {
		w.invalid = fmt.Errorf("event %d, %s: %w", ev.Seq, timeline.Describe(&w.state, ev), err)
	}
}

// finish returns the first error in the trace, which must have been stopped.
func (w *watcher) finish() error {
	if w.order != nil {
		w.order.finish()
	}
	if w.invalid == nil {
		w.invalid = w.valid.Finish()
	}
	return w.invalid
}
