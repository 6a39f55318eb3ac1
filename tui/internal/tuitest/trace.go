package tuitest

import (
	"time"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A Trace is a trace written by hand. Time advances only by After, and a little with each event.
type Trace struct {
	Events []trace.Event
	Now    time.Duration
	Gs     map[string]int64
	Objs   map[string]trace.ID
}

// NewTrace returns a trace in which the given goroutines have started.
func NewTrace(names ...string) *Trace {
	t := &Trace{Gs: make(map[string]int64), Objs: make(map[string]trace.ID)}
	t.Add(trace.Event{Kind: trace.KindBegin})
	for _, name := range names {
		t.G(name)
	}
	return t
}

// Add appends ev with the next number and the current time.
func (t *Trace) Add(ev trace.Event) *Trace {
	ev.Seq, ev.Time = uint64(len(t.Events)+1), int64(t.Now)
	t.Events = append(t.Events, ev)
	t.Now += time.Microsecond
	return t
}

// After advances the time by d.
func (t *Trace) After(d time.Duration) *Trace {
	t.Now += d
	return t
}

// G returns the id of the goroutine called name, which starts now if it has not yet; 0 if name is "".
func (t *Trace) G(name string) int64 {
	if name == "" {
		return 0
	}
	id, ok := t.Gs[name]
	if !ok {
		id = int64(len(t.Gs) + 1)
		t.Gs[name] = id
		t.Add(trace.Event{Kind: trace.KindDefineG, G: id, Text: name})
	}
	return id
}

// Object defines an object, which belongs to parent unless that is "".
func (t *Trace) Object(name string, class trace.Class, n int64, parent string) *Trace {
	id := trace.ID(len(t.Objs) + 1)
	t.Objs[name] = id
	return t.Add(trace.Event{Kind: trace.KindDefineObj, Obj: id, Class: class, N: n, Text: name, Peer: int64(t.Objs[parent])})
}

// Do appends an event of kind k, of g at obj, with number n.
func (t *Trace) Do(k trace.Kind, g, obj string, n int64) *Trace {
	return t.Add(trace.Event{Kind: k, G: t.G(g), Obj: t.Objs[obj], N: n})
}

// Say is like Do, for an event with a text.
func (t *Trace) Say(k trace.Kind, g, obj string, n int64, text string) *Trace {
	return t.Add(trace.Event{Kind: k, G: t.G(g), Obj: t.Objs[obj], N: n, Text: text})
}

// Block makes g block in verb at obj, asking for n.
func (t *Trace) Block(g, obj, verb string, n int64) *Trace {
	return t.Say(trace.KindBlock, g, obj, n, verb)
}

// Wake makes by release g from obj.
func (t *Trace) Wake(g, obj, by string) *Trace {
	return t.Add(trace.Event{Kind: trace.KindUnblock, G: t.G(g), Obj: t.Objs[obj], Peer: t.G(by)})
}

// Arrive makes g arrive at the barrier obj with number n, and wait there.
func (t *Trace) Arrive(g, obj string, n int64) *Trace {
	return t.Do(trace.KindArrive, g, obj, n).Block(g, obj, "Wait", 1)
}
