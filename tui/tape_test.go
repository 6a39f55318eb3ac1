package tui

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
)

// A tape makes a stream of events by hand. Time goes by only with after.
type tape struct {
	events []trace.Event
	now    time.Duration
	gs     map[string]int64
	objs   map[string]trace.ID
}

func newTape(names ...string) *tape {
	t := &tape{gs: make(map[string]int64), objs: make(map[string]trace.ID)}
	t.add(trace.Event{Kind: trace.KindBegin})
	for _, name := range names {
		t.g(name)
	}
	return t
}

// add appends ev with its number and time.
func (t *tape) add(ev trace.Event) *tape {
	ev.Seq, ev.Time = uint64(len(t.events)+1), int64(t.now)
	t.events = append(t.events, ev)
	t.now += time.Microsecond
	return t
}

// after lets d go by.
func (t *tape) after(d time.Duration) *tape {
	t.now += d
	return t
}

// g returns the goroutine called name, which appears now if it has not yet.
func (t *tape) g(name string) int64 {
	if name == "" {
		return 0
	}
	id, ok := t.gs[name]
	if !ok {
		id = int64(len(t.gs) + 1)
		t.gs[name] = id
		t.add(trace.Event{Kind: trace.KindDefineG, G: id, Text: name})
	}
	return id
}

// object defines an object.
func (t *tape) object(name string, class trace.Class, n int64, parent string) *tape {
	id := trace.ID(len(t.objs) + 1)
	t.objs[name] = id
	return t.add(trace.Event{Kind: trace.KindDefineObj, Obj: id, Class: class, N: n, Text: name, Peer: int64(t.objs[parent])})
}

// do appends an event of kind k: g does it at obj, with a number.
func (t *tape) do(k trace.Kind, g, obj string, n int64) *tape {
	return t.add(trace.Event{Kind: k, G: t.g(g), Obj: t.objs[obj], N: n})
}

// say appends an event that has a text.
func (t *tape) say(k trace.Kind, g, obj string, n int64, text string) *tape {
	return t.add(trace.Event{Kind: k, G: t.g(g), Obj: t.objs[obj], N: n, Text: text})
}

// block makes g wait for obj, and ask for n.
func (t *tape) block(g, obj, verb string, n int64) *tape {
	return t.say(trace.KindBlock, g, obj, n, verb)
}

// wake releases g from obj.
func (t *tape) wake(g, obj, by string) *tape {
	return t.add(trace.Event{Kind: trace.KindUnblock, G: t.g(g), Obj: t.objs[obj], Peer: t.g(by)})
}

// arrive makes g arrive at the barrier obj and wait there.
func (t *tape) arrive(g, obj string, n int64) *tape {
	return t.do(trace.KindArrive, g, obj, n).block(g, obj, "Wait", 1)
}

// still returns the scene after the last event, when everything has come to rest.
func (t *tape) still() *scene {
	r := newReel()
	_ = r.load(context.Background(), slices.Clone(t.events)) // it fails only when the context ends
	sc := r.scene(r.clock().end(), slideFor)
	sc.now += 410 * time.Millisecond
	return sc
}

// fits fails the test if a line of what c shows is not exactly as wide as c.
func fits(t *testing.T, c *cells.Canvas) {
	t.Helper()
	for y := range c.H {
		n := 0
		for _, l := range c.Row(y) {
			n += cells.Width(l.S)
		}
		if n != c.W {
			t.Errorf("line %d is %d cells wide, want %d", y, n, c.W)
		}
	}
}
