package dist

import (
	"fmt"
	"slices"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A lane is a goroutine of the trace: a process, or one of several waits of a process.
type lane struct {
	g  int64
	at *wait // nil: it does not wait
}

// A wait is a wait of a lane.
type wait struct {
	id   string
	lane *lane
	at   *traced
	verb string
	n    int64
}

// lane returns a lane of the given process that does not wait.
func (t *tracer) lane(who string) *lane {
	for _, l := range t.lanes[who] {
		if l.at == nil {
			return l
		}
	}
	t.last.g++
	l := &lane{g: t.last.g}
	name := who
	if n := len(t.lanes[who]); n > 0 {
		name = fmt.Sprintf("%s #%d", who, n+1)
	}
	t.lanes[who] = append(t.lanes[who], l)
	t.emit(nil, l, trace.Event{Kind: trace.KindDefineG, Text: name})
	return l
}

// idle returns a lane of the given process that does not wait, or nil if it has lanes and all of them wait.
func (t *tracer) idle(who string) *lane {
	i := slices.IndexFunc(t.lanes[who], func(l *lane) bool { return l.at == nil })
	if i < 0 && len(t.lanes[who]) > 0 {
		return nil
	}
	return t.lane(who)
}

// block emits that a lane of the process called who begins to wait.
func (t *tracer) block(o *traced, who, id, verb string, n int64) {
	t.ask(&wait{id, t.lane(who), o, verb, n})
}

// ask emits that w begins, perhaps again.
func (t *tracer) ask(w *wait) {
	w.lane.at, t.waits[w.id], w.at.waits = w, w, append(w.at.waits, w)
	t.emit(w.at, w.lane, trace.Event{Kind: trace.KindBlock, N: w.n, Text: w.verb})
}

// unblock emits that w has what it waited for. Waiters that have waited longer for the same have asked again meanwhile.
func (t *tracer) unblock(w *wait) *lane {
	o := w.at
	for _, other := range slices.Clone(o.waits) {
		if other == w {
			break
		}
		if other.verb == w.verb {
			t.giveUp(other, trace.ReasonTimedOut)
			t.ask(other)
		}
	}
	t.forget(w)
	t.emit(o, w.lane, trace.Event{Kind: trace.KindUnblock})
	return w.lane
}

// forget removes w.
func (t *tracer) forget(w *wait) {
	w.lane.at = nil
	delete(t.waits, w.id)
	w.at.waits = slices.DeleteFunc(w.at.waits, func(other *wait) bool { return other == w })
}

// giveUp emits that w has ended without success.
func (t *tracer) giveUp(w *wait, why trace.Reason) {
	t.forget(w)
	t.emit(w.at, w.lane, trace.Event{Kind: trace.KindGiveUp, N: int64(why)})
}

// release emits that all waiters at o with verb go on.
func (t *tracer) release(o *traced, verb string) {
	for _, w := range slices.Clone(o.waits) {
		if w.verb == verb {
			l := t.unblock(w)
			t.emit(o, l, trace.Event{Kind: trace.KindResume})
		}
	}
}
