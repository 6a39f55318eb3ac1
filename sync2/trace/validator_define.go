package trace

import (
	"fmt"
	"slices"
)

// The stream itself, and definitions.

// The trace begins once, with its first event.
func (v *Validator) begin(ev *Event) string {
	if v.begun || ev.Seq != 1 {
		return "a trace begins once, with event 1"
	}
	v.begun = true
	return ""
}

func (v *Validator) dropped(*Event) string {
	v.forget()
	return ""
}

// forget keeps only what is certain although events were lost. The rest is forgotten where it is next looked at, so that
// a loss costs the same however much is known.
func (v *Validator) forget() {
	v.lost = true
	v.losses++
}

// look returns goroutine id, or nil if it has not been defined.
func (v *Validator) look(id int64) *vGoroutine {
	g := v.gs[id]
	if g != nil && g.losses != v.losses {
		if g.status != vEnded {
			*g = vGoroutine{id: g.id, name: g.name}
		}
		g.losses = v.losses
	}
	return g
}

// lookObject returns object id, or nil if it has not been defined.
func (v *Validator) lookObject(id ID) *vObject {
	o := v.objs[id]
	if o != nil && o.losses != v.losses {
		*o = vObject{id: o.id, class: o.class, name: o.name, losses: v.losses, of: o.of, parties: o.parties, limit: o.limit, items: vItems{capacity: o.items.capacity}}
		o.vague = true
		o.barrier = vBarrier{vague: true, older: true}
	}
	return o
}

func (v *Validator) end(*Event) string {
	v.ended = true
	return ""
}

// A goroutine is defined once, unless it is mentioned after it has ended.
func (v *Validator) defineG(ev *Event) string {
	switch old := v.look(ev.G); {
	case ev.G == 0:
		return "it defines nobody"
	case old == nil:
		v.gs[ev.G] = &vGoroutine{id: ev.G, name: ev.Text, losses: v.losses}
	case old.status != vEnded && !v.lost && old.name != ev.Text: // unless it has not been heard of for long
		return "it was defined before"
	}
	return ""
}

// An object is defined once, and the one it belongs to before it.
func (v *Validator) defineObj(ev *Event) string {
	if ev.Obj == 0 {
		return "it defines nothing"
	}
	if old := v.lookObject(ev.Obj); old != nil && (old.class != NoClass || !v.lost) {
		if old.class == ev.Class && ev.Class == ClassGoroutine && old.of == ev.N && (v.status(ev.N) == vEnded || v.status(ev.N) == vUnknown) {
			return "" // it was forgotten when the goroutine ended
		}
		if old.class == ev.Class && ev.Class == ClassFuture && old.progress == ev.N && ev.N >= vSucceeded {
			return "" // it was forgotten when it was settled
		}
		return "it was defined before"
	}
	o := &vObject{id: ev.Obj, class: ev.Class, name: ev.Text, losses: v.losses}
	v.objs[ev.Obj] = o
	switch ev.Class {
	case ClassEvent:
		o.set, o.setKnown = ev.N != 0, true
	case ClassBarrier:
		o.parties = ev.N
		o.barrier = vBarrier{vague: true, older: true} // parties may have arrived before the trace began
	case ClassSemaphore:
		o.permits = ev.N
	case ClassMutex, ClassReentrantLock:
		o.depth = ev.N
	case ClassRWMutex:
		if o.depth = ev.N; ev.N > 1 {
			o.depth, o.readers = 0, ev.N-1
		}
	case ClassWaitGroup:
		o.counter = ev.N
	case ClassOnce:
		o.done, o.vague = ev.N == 1, ev.N == 2
	case ClassTimer:
		o.set = ev.N != 0
	case ClassQueue, ClassStack, ClassPriorityQueue, ClassChan:
		o.items.capacity = ev.N
	case ClassGoroutine:
		o.of = ev.N
	case ClassWatch:
		o.version = ev.N
	case ClassTaskGroup:
		o.limit = ev.N
	case ClassFuture:
		if ev.N <= vCanceled {
			o.progress = ev.N
		}
	case NoClass, ClassLocal, ClassCond, ClassExecutor, ClassGroup, ClassVar, ClassOther, ClassNilChan, ClassSelect, ClassClock, ClassAtomic,
		ClassKeyedMutex, ClassFlight:
	}
	switch {
	case ev.N < 0:
		return fmt.Sprintf("its number is %d", ev.N)
	case ev.Class == ClassBarrier && ev.N == 0:
		return "it is for nobody"
	case ev.Peer != 0 && v.objs[ID(ev.Peer)] == nil && !v.lost:
		return fmt.Sprintf("it belongs to object %d, which is not defined", ev.Peer)
	}
	return ""
}

// over forgets a group for which nobody waits, or a key.
func (v *Validator) over(ev *Event, _ *vGoroutine, o *vObject) string {
	if len(o.queue) > 0 {
		return "somebody waits for it"
	}
	delete(v.objs, ev.Obj)
	return ""
}

func (v *Validator) definePC(ev *Event) string {
	if ev.PC == 0 {
		return "it defines nothing"
	}
	v.pcs[ev.PC] = true
	return ""
}

func (v *Validator) rename(ev *Event, _ *vGoroutine, o *vObject) string {
	if ev.Obj == 0 {
		return "it names nothing"
	}
	o.name = ev.Text
	return ""
}

// What an event mentions has been defined before it.

func (v *Validator) goroutine(id int64) (g *vGoroutine, wrong string) {
	if g = v.look(id); g == nil {
		g = &vGoroutine{id: id, name: v.gName(id), losses: v.losses}
		if id != 0 {
			v.gs[id] = g
			wrong = v.undefined("goroutine", id)
		}
	}
	return g, wrong
}

func (v *Validator) object(id ID) (o *vObject, wrong string) {
	if o = v.lookObject(id); o == nil {
		o = &vObject{id: id, name: v.objName(id), losses: v.losses, vague: true}
		if id != 0 {
			v.objs[id] = o
			wrong = v.undefined("object", int64(id))
		}
	}
	return o, wrong
}

func (v *Validator) definedPC(pc uint64) string {
	if pc == 0 || v.pcs[pc] {
		return ""
	}
	v.pcs[pc] = true
	return v.undefined("position", int64(pc))
}

func (v *Validator) undefined(what string, id int64) string {
	if v.lost {
		return "" // the definition may be what was lost
	}
	return fmt.Sprintf("%s %d is not defined", what, id)
}

// fits checks that the object is of a class to which such a thing can happen.
func (v *Validator) fits(o *vObject, r *rule) string {
	switch {
	case r.classes == nil || slices.Contains(r.classes, o.class) || o.class >= classes:
	case o.class == NoClass && v.lost:
	case o.class == ClassOther:
	case o.id == 0:
		return "it happens to no object"
	default:
		return fmt.Sprintf("this cannot happen to an object of class %s", o.class)
	}
	return ""
}

// Names, for errors.

func (v *Validator) gName(id int64) string {
	if g := v.gs[id]; g != nil && g.name != "" {
		return g.name
	}
	return fmt.Sprintf("goroutine-%d", id)
}

func (v *Validator) objName(id ID) string {
	if o := v.objs[id]; o != nil && o.name != "" {
		return o.name
	}
	return fmt.Sprintf("object-%d", id)
}
