package timeline

import (
	"context"
	"strconv"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A Difference is the result of comparing two traces of one program, in their events, their goroutines and their
// objects, but not in their times.
type Difference struct {
	Alike int // number of equal events that are of interest to people
	A, B  int // the positions after the last of these

	// The positions after the compared events of each trace.
	EventsA, EventsB []int
}

// Differ reports whether the traces differ.
func (d *Difference) Differ() bool { return d.Alike < len(d.EventsA) || d.Alike < len(d.EventsB) }

// Diff compares two traces up to the first event in which they differ. If ctx ends, Diff gives up and returns its
// cause.
//
// Goroutines and objects are matched by name, and unnamed ones by their order of appearance.
func Diff(ctx context.Context, a, b []trace.Event) (*Difference, error) {
	keysA, eventsA, err := keysOf(ctx, a)
	if err != nil {
		return nil, err
	}
	keysB, eventsB, err := keysOf(ctx, b)
	if err != nil {
		return nil, err
	}
	d := &Difference{EventsA: eventsA, EventsB: eventsB}
	for d.Alike < min(len(keysA), len(keysB)) && keysA[d.Alike] == keysB[d.Alike] {
		d.Alike++
	}
	if d.Alike > 0 {
		d.A, d.B = eventsA[d.Alike-1], eventsB[d.Alike-1]
	}
	return d, nil
}

// An eventKey is what matching events of different traces have in common.
type eventKey struct {
	kind         trace.Kind
	g, obj, peer string
	n            int64
	text         string
}

// keysOf returns the keys of the events of interest to people, and the positions after them.
func keysOf(ctx context.Context, events []trace.Event) ([]eventKey, []int, error) {
	var keys []eventKey
	var at []int
	var s State
	order := make(map[int64]int)
	name := func(g int64) string {
		if g == 0 {
			return ""
		}
		if order[g] == 0 {
			order[g] = len(order) + 1
		}
		if x := s.Goroutine(g); x != nil && x.Name != "" && x.Name != "goroutine-"+strconv.FormatInt(g, 10) {
			return x.Name
		}
		return "#" + strconv.Itoa(order[g])
	}
	for i := range events {
		if i%checkContext == 0 && ctx.Err() != nil {
			return nil, nil, context.Cause(ctx)
		}
		ev := &events[i]
		_ = s.Apply(*ev) // an inconsistent event is compared as is
		if !s.Visible(ev) {
			continue
		}
		k := eventKey{kind: ev.Kind, g: name(ev.G), n: ev.N, text: ev.Text}
		if ev.Obj != 0 {
			k.obj = s.Words().ObjName(ev.Obj)
		}
		switch ev.Kind {
		case trace.KindUnblock, trace.KindSpawn, trace.KindRelease:
			k.peer = name(ev.Peer)
		case trace.KindFire:
			k.n = 0 // a time
		case trace.KindSet:
			if o := s.Object(ev.Obj); o != nil && o.Class == trace.ClassTimer {
				k.n = 0 // likewise
			}
		default:
		}
		keys, at = append(keys, k), append(at, i+1)
	}
	return keys, at, nil
}

// visible reports whether events of kind k are of interest to people.
func visible(k trace.Kind) bool {
	switch k {
	case trace.KindBad, trace.KindBegin, trace.KindEnd, trace.KindDefineG, trace.KindDefineObj, trace.KindDefinePC, trace.KindRename, trace.KindWatch, trace.KindForget:
		return false
	default:
		return true
	}
}
