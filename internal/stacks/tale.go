package stacks

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/turnstile-go/turnstile/internal/feed"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A tale turns looks at a service into a trace. The positions where goroutines wait stand for the objects, about
// which nothing is known.
type tale struct {
	start  time.Time
	seq    uint64
	last   int64
	ids    map[*Group]trace.ID
	lastID trace.ID
	pcs    map[Frame]uint64
	grown  map[*Group]int // the number last reported for groups that keep growing
	waits  map[int64]*Group
}

func newTale() *tale {
	return &tale{ids: make(map[*Group]trace.ID), pcs: make(map[Frame]uint64), grown: make(map[*Group]int), waits: make(map[int64]*Group)}
}

// emit yields ev at the given time, or at that of the preceding event if that is later.
func (t *tale) emit(yield func(trace.Event) bool, at time.Time, ev trace.Event) bool {
	t.seq++
	t.last = max(t.last, int64(at.Sub(t.start)))
	ev.Seq, ev.Time = t.seq, t.last
	return yield(ev)
}

// tell yields the events of l.
func (t *tale) tell(l *Look) iter.Seq[trace.Event] {
	return func(yield func(trace.Event) bool) {
		emit := func(at time.Time, ev trace.Event) bool { return t.emit(yield, at, ev) }
		if t.seq == 0 && !t.begin(l, emit) {
			return
		}
		for _, m := range l.gone {
			if !t.release(m, l.At, emit) || !emit(l.At, trace.Event{Kind: trace.KindExit, G: m.ID}) {
				return
			}
		}
		for _, m := range l.moved {
			if !t.release(m, l.At, emit) {
				return
			}
		}
		for _, m := range slices.Concat(l.came, l.moved) {
			if !t.wait(m, emit) {
				return
			}
		}
		for _, g := range l.Groups {
			if !g.Grows || g.Count < 2*t.grown[g] {
				continue
			}
			t.grown[g] = g.Count
			text := fmt.Sprintf("more and more: %d, after %d, %s", g.Count, g.counts[0], g.name)
			if !emit(l.At, trace.Event{Kind: trace.KindLog, Text: text}) {
				return
			}
		}
		t.forget(l)
	}
}

// begin begins the trace, at the beginning of the longest wait, and names all goroutines.
func (t *tale) begin(l *Look, emit func(time.Time, trace.Event) bool) bool {
	t.start = l.At
	for _, m := range l.came {
		if m.since.Before(t.start) {
			t.start = m.since
		}
	}
	return emit(t.start, trace.Event{Kind: trace.KindBegin, N: t.start.UnixNano()}) &&
		emit(t.start, trace.Event{Kind: trace.KindLog, Text: Limits})
}

// wait reports where m, which is new or has moved, is.
func (t *tale) wait(m *member, emit func(time.Time, trace.Event) bool) bool {
	_, known := t.waits[m.ID]
	if !known {
		t.waits[m.ID] = nil
		if !emit(m.since, trace.Event{Kind: trace.KindDefineG, G: m.ID, Text: nameOf(&m.Goroutine), Peer: m.Parent}) {
			return false
		}
	}
	g := m.group
	if m.Runs() {
		return known || emit(m.since, trace.Event{Kind: trace.KindOp, G: m.ID, Text: "is " + m.State + " at " + g.Place.Place()})
	}
	id, known := t.ids[g]
	if !known {
		t.lastID++
		id = t.lastID
		t.ids[g] = id
		if !emit(m.since, trace.Event{Kind: trace.KindDefineObj, Obj: id, Class: trace.ClassOther, Text: g.name}) {
			return false
		}
	}
	pc, known := t.pcs[g.Place]
	if !known && g.Place.File != "" {
		pc = uint64(len(t.pcs) + 1)
		t.pcs[g.Place] = pc
		if !emit(m.since, trace.Event{Kind: trace.KindDefinePC, PC: pc, Text: g.Place.Place() + " " + g.Place.Short()}) {
			return false
		}
	}
	t.waits[m.ID] = g
	return emit(m.since, trace.Event{Kind: trace.KindBlock, G: m.ID, Obj: id, N: 1, PC: pc, Text: g.State})
}

// release reports that m is no longer where it was.
func (t *tale) release(m *member, at time.Time, emit func(time.Time, trace.Event) bool) bool {
	g := t.waits[m.ID]
	if g == nil {
		return true
	}
	t.waits[m.ID] = nil
	id := t.ids[g]
	return emit(at, trace.Event{Kind: trace.KindUnblock, G: m.ID, Obj: id}) && emit(at, trace.Event{Kind: trace.KindResume, G: m.ID, Obj: id})
}

// forget forgets goroutines that have ended.
func (t *tale) forget(l *Look) {
	for _, m := range l.gone {
		delete(t.waits, m.ID)
	}
}

// nameOf returns the name of a goroutine: that of the function it was started with.
func nameOf(g *Goroutine) string {
	if g.ID == 1 {
		return "main"
	}
	if len(g.Stack) == 0 {
		return fmt.Sprintf("goroutine-%d", g.ID)
	}
	fn := g.Stack[len(g.Stack)-1].Short()
	if _, name, ok := strings.Cut(fn, "."); ok {
		fn = name
	}
	return fmt.Sprintf("%s-%d", fn, g.ID)
}

// Next implements feed.Source: it waits until the service answers. On the first call, it is an error if the service does not
// answer.
func (w *Watcher) Next(ctx context.Context) (feed.Stream, error) {
	w.groups, w.all, w.names = make(map[string]*Group), make(map[int64]*member), make(map[string]int)
	for first := w.n == 0; ; {
		l, err := w.Look(ctx)
		switch {
		case err == nil:
			ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
			return &stream{w: w, first: l, ctx: ctx, cancel: cancel}, nil
		case ctx.Err() != nil:
			return nil, context.Cause(ctx) // it is the caller's
		case first:
			return nil, err
		}
		if err := w.Wait(ctx); err != nil {
			return nil, err
		}
	}
}

// A stream is the trace of a service from the first look until the service no longer answers. It implements feed.Stream.
type stream struct {
	w      *Watcher
	first  *Look
	ctx    context.Context // the stream's context, which Close ends
	cancel context.CancelFunc
	once   sync.Once
}

var _ io.Closer = (*stream)(nil)

// Close implements feed.Stream.
func (s *stream) Close() error {
	s.once.Do(s.cancel)
	return nil
}

// All implements feed.Stream.
func (s *stream) All() iter.Seq2[trace.Event, error] {
	return func(yield func(trace.Event, error) bool) {
		defer s.cancel()
		t, said := newTale(), ""
		for l := s.first; ; {
			if l != nil {
				said = ""
				for ev := range t.tell(l) {
					if !yield(ev, nil) {
						return
					}
				}
			}
			if s.w.Wait(s.ctx) != nil {
				return
			}
			var err error
			l, err = s.w.Look(s.ctx)
			if err == nil {
				continue
			}
			if s.ctx.Err() != nil {
				return
			}
			remark := trace.Event{Kind: trace.KindLog, Text: err.Error()}
			on := func(ev trace.Event) bool { return yield(ev, nil) }
			if said != err.Error() && !t.emit(on, s.w.now(), remark) {
				return
			}
			said = err.Error()
			if errors.Is(err, errAway) { // it has ended, or is restarting
				t.emit(on, s.w.now(), trace.Event{Kind: trace.KindEnd})
				return
			}
		}
	}
}
