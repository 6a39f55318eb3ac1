package trace

import "fmt"

// Definitions and their end.

// defineG: a goroutine is defined once, or again when mentioned after its end.
func (v *Validator) defineG(ev *Event) string {
	switch old := v.look(ev.G); {
	case ev.G == 0:
		return "it defines no goroutine"
	case old == nil:
		v.gs[ev.G] = &vGoroutine{id: ev.G, name: ev.Text, losses: v.losses}
	case old.status != vEnded && !v.lost && old.name != ev.Text: // unless the goroutine was forgotten
		return "it was defined before"
	}
	return ""
}

// defineObj: an object is defined once, after the object it belongs to.
func (v *Validator) defineObj(ev *Event) string {
	if ev.Obj == 0 {
		return "it defines nothing"
	}
	if old := v.lookObject(ev.Obj); old != nil && (old.class != ClassNone || !v.lost) {
		if old.class == ev.Class && v.forgotten(old, ev) {
			return ""
		}
		return "it was defined before"
	}
	o := &vObject{id: ev.Obj, class: ev.Class, name: ev.Text, losses: v.losses}
	v.objs[ev.Obj] = o
	wrong := ""
	if define := classRuleOf(o).define; define != nil {
		wrong = define(check{records: &v.records, ev: ev, o: o})
	}
	switch {
	case ev.N < 0:
		return fmt.Sprintf("its number is %d", ev.N)
	case wrong != "":
		return wrong
	case ev.Peer != 0 && v.objs[ID(ev.Peer)] == nil && !v.lost:
		return fmt.Sprintf("it belongs to object %d, which is not defined", ev.Peer)
	}
	return ""
}

// forgotten reports whether ev may define o again: a goroutine that was forgotten when it ended, or a future that was
// forgotten when it was settled.
func (r *records) forgotten(o *vObject, ev *Event) bool {
	switch o.class {
	case ClassGoroutine:
		s := r.status(ev.N)
		return o.of == ev.N && (s == vEnded || s == vUnknown)
	case ClassFuture:
		return o.future.progress == ev.N && ev.N >= vSucceeded
	default:
		return false
	}
}

func (v *Validator) definePC(ev *Event) string {
	if ev.PC == 0 {
		return "it defines nothing"
	}
	v.pcs[ev.PC] = true
	return ""
}

func (c check) rename() string {
	if c.ev.Obj == 0 {
		return "it names nothing"
	}
	c.o.name = c.ev.Text
	return ""
}

// forget: a forgotten group or key has no waiters.
func (c check) forget() string {
	if len(c.o.queue) > 0 {
		return "goroutines wait for it"
	}
	delete(c.objs, c.ev.Obj)
	return ""
}
