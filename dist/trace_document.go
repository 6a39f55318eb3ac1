package dist

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

// document emits what has changed in a document.
func (t *tracer) document(key string, data []byte, rev uint64) {
	kind, _, _ := strings.Cut(key, ".")
	var d document[json.RawMessage]
	o := t.object(key)
	if rev <= o.rev || classes[kind] == trace.ClassNone || json.Unmarshal(data, &d) != nil {
		return
	}
	o.rev = rev
	switch kind {
	case "mutex", "semaphore":
		var p pool
		if json.Unmarshal(d.State, &p) == nil {
			t.pool(o, kind, &p, d.By)
		}
	case "event":
		var f flag
		if json.Unmarshal(d.State, &f) == nil {
			t.flag(o, f, d.By)
		}
	case "barrier":
		var m meeting
		if json.Unmarshal(d.State, &m) == nil {
			t.meeting(o, &m, d.By)
		}
	case "waitgroup":
		var c count
		if json.Unmarshal(d.State, &c) == nil && (t.define(o, trace.ClassWaitGroup, 0) || c.N != o.count.N) {
			o.count = c
			t.emit(o, t.lane(d.By), trace.Event{Kind: trace.KindAdd, N: int64(c.N)})
			if c.N == 0 {
				t.release(o, "Wait")
			}
		}
	}
}

// pool emits the changes by the given process to the pool of a mutex or a semaphore.
func (t *tracer) pool(o *traced, kind string, p *pool, by string) {
	permits, verb := int64(0), "Lock"
	if kind == "semaphore" {
		permits, verb = int64(p.Permits), "Acquire"
	}
	t.define(o, classes[kind], permits)
	winners := make(map[string]*lane)
	for _, h := range p.Holders {
		if w := t.waits[h.ID]; w != nil && kind == "mutex" { // it may take the lock from one whose lease is over
			winners[h.ID] = t.unblock(w)
			t.emit(o, w.lane, trace.Event{Kind: trace.KindResume})
		}
	}
	for _, h := range o.pool.Holders {
		if p.holder(h.ID) < 0 {
			t.unheld(o, kind, h, by)
		}
	}
	for _, old := range o.pool.Queue {
		if w := t.waits[old.ID]; w != nil && p.place(old.ID) < 0 && p.holder(old.ID) < 0 {
			why := trace.ReasonCanceled
			if old.Who != by {
				why = trace.ReasonTimedOut // it did not come when it was its turn
			}
			t.giveUp(w, why)
		}
	}
	for _, w := range p.Queue {
		if t.waits[w.ID] == nil && p.holder(w.ID) < 0 {
			t.block(o, w.Who, w.ID, verb, int64(w.N))
		}
	}
	for _, h := range p.Holders {
		if o.pool.holder(h.ID) >= 0 {
			continue
		}
		w := t.waits[h.ID]
		l := winners[h.ID]
		switch {
		case l != nil:
		case w != nil:
			l = t.unblock(w)
		default:
			l = t.lane(h.Who)
		}
		o.holders[h.ID] = l
		t.emit(o, l, trace.Event{Kind: trace.KindAcquire, N: int64(h.N)})
		if w != nil {
			t.emit(o, l, trace.Event{Kind: trace.KindResume})
		}
		if kind == "mutex" {
			t.emit(nil, l, trace.Event{Kind: trace.KindLog, Text: fmt.Sprintf("has token %d", h.Token)})
		}
	}
	o.pool = *p
}

// unheld emits that h has released its permits, or that by has taken them over.
func (t *tracer) unheld(o *traced, kind string, h holder, by string) {
	l := o.holders[h.ID]
	delete(o.holders, h.ID)
	ev := trace.Event{Kind: trace.KindRelease}
	if kind == "semaphore" {
		ev.N = int64(h.N)
	}
	if h.Who != by || l == nil || l.at != nil || !slices.Contains(t.lanes[by], l) {
		other := t.idle(by)
		if h.Who != by && other != nil {
			t.emit(nil, other, trace.Event{Kind: trace.KindLog, Text: "the lease of " + h.Who + " is over"})
		}
		if l != nil {
			ev.Peer = l.g
		}
		l = other
	}
	t.emit(o, l, ev)
}

func (t *tracer) flag(o *traced, f flag, by string) {
	if t.define(o, trace.ClassEvent, 0) && !f.On { // it may have been set at any time before
		o.flag.Sets = f.Sets
	}
	if f.Sets > o.flag.Sets {
		l := t.lane(by)
		if o.flag.On {
			t.emit(o, l, trace.Event{Kind: trace.KindClear})
		}
		t.emit(o, l, trace.Event{Kind: trace.KindSet, N: int64(len(o.waits))})
		o.flag.On = true
		t.release(o, "Wait")
	}
	if o.flag.On && !f.On {
		t.emit(o, t.lane(by), trace.Event{Kind: trace.KindClear})
	}
	o.flag = f
}

func (t *tracer) meeting(o *traced, m *meeting, by string) {
	first := t.define(o, trace.ClassBarrier, int64(m.Parties))
	old := o.meeting
	if first || m.Gen > old.Gen+1 { // what came between is not known
		old.Gen = m.Gen
	}
	failed := len(m.Failed) > 0 && m.Failed[len(m.Failed)-1].Gen == old.Gen
	switch {
	case m.Gen > old.Gen && !failed: // by the last process to arrive
		l := t.lane(by)
		t.emit(o, l, trace.Event{Kind: trace.KindArrive, N: int64(m.Parties - 1)})
		o.generations++
		t.emit(o, l, trace.Event{Kind: trace.KindTrip, N: o.generations})
		t.release(o, "Wait")
	case m.Gen > old.Gen:
		cause := m.Failed[len(m.Failed)-1].Cause
		why := cause.reason()
		for _, w := range o.waits {
			if slices.Contains(t.lanes[by], w.lane) && why != trace.ReasonReset && why != trace.ReasonAborted { // it gives up
				t.giveUp(w, why)
				break
			}
		}
		if kind := trace.KindBreak; m.Broken != nil {
			t.emit(o, t.lane(by), trace.Event{Kind: kind, N: int64(why), Text: cause.Text})
		} else {
			t.emit(o, t.lane(by), trace.Event{Kind: trace.KindReset})
		}
		t.release(o, "Wait")
	case old.Broken != nil && m.Broken == nil:
		t.emit(o, t.lane(by), trace.Event{Kind: trace.KindReset})
	}
	if m.Gen == old.Gen {
		for i := len(old.Arrived); i < len(m.Arrived); i++ {
			who := by
			if i < len(m.Arrived)-1 {
				who = "unknown process" // it was not reported which one
			}
			t.emit(o, t.lane(who), trace.Event{Kind: trace.KindArrive, N: int64(i)})
			t.block(o, who, m.Arrived[i], "Wait", 1)
		}
	}
	o.meeting = *m
}

// reason returns why a barrier is broken.
func (w wireCause) reason() trace.Reason {
	for _, m := range w.Matches {
		switch m {
		case context.DeadlineExceeded.Error():
			return trace.ReasonTimedOut
		case context.Canceled.Error():
			return trace.ReasonCanceled
		}
	}
	return trace.ReasonAborted
}
