package tuitest

import (
	"time"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A Tape is a trace written by hand. Time advances only by After, and a little with each event.
type Tape struct {
	Events []trace.Event
	Now    time.Duration
	Gs     map[string]int64
	Objs   map[string]trace.ID
}

// NewTape returns a trace in which the given goroutines have started.
func NewTape(names ...string) *Tape {
	t := &Tape{Gs: make(map[string]int64), Objs: make(map[string]trace.ID)}
	t.Add(trace.Event{Kind: trace.KindBegin})
	for _, name := range names {
		t.G(name)
	}
	return t
}

// Add appends ev with the next number and the current time.
func (t *Tape) Add(ev trace.Event) *Tape {
	ev.Seq, ev.Time = uint64(len(t.Events)+1), int64(t.Now)
	t.Events = append(t.Events, ev)
	t.Now += time.Microsecond
	return t
}

// After advances the time by d.
func (t *Tape) After(d time.Duration) *Tape {
	t.Now += d
	return t
}

// G returns the id of the goroutine called name, which starts now if it has not yet; 0 if name is "".
func (t *Tape) G(name string) int64 {
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
func (t *Tape) Object(name string, class trace.Class, n int64, parent string) *Tape {
	id := trace.ID(len(t.Objs) + 1)
	t.Objs[name] = id
	return t.Add(trace.Event{Kind: trace.KindDefineObj, Obj: id, Class: class, N: n, Text: name, Peer: int64(t.Objs[parent])})
}

// Do appends an event of kind k, of g at obj, with number n.
func (t *Tape) Do(k trace.Kind, g, obj string, n int64) *Tape {
	return t.Add(trace.Event{Kind: k, G: t.G(g), Obj: t.Objs[obj], N: n})
}

// Say is like Do, for an event with a text.
func (t *Tape) Say(k trace.Kind, g, obj string, n int64, text string) *Tape {
	return t.Add(trace.Event{Kind: k, G: t.G(g), Obj: t.Objs[obj], N: n, Text: text})
}

// Block makes g block in verb at obj, asking for n.
func (t *Tape) Block(g, obj, verb string, n int64) *Tape {
	return t.Say(trace.KindBlock, g, obj, n, verb)
}

// Wake makes by release g from obj.
func (t *Tape) Wake(g, obj, by string) *Tape {
	return t.Add(trace.Event{Kind: trace.KindUnblock, G: t.G(g), Obj: t.Objs[obj], Peer: t.G(by)})
}

// Arrive makes g arrive at the barrier obj with number n, and wait there.
func (t *Tape) Arrive(g, obj string, n int64) *Tape {
	return t.Do(trace.KindArrive, g, obj, n).Block(g, obj, "Wait", 1)
}
