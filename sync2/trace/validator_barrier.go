package trace

import (
	"fmt"
	"slices"
)

// A barrier's parties arrive in generations, numbered from 0 in each. While the last party of one runs the action, the next
// may fill. A generation ends at its Trip, or when its action fails; one that is not complete, when the barrier breaks or is
// reset. Then all of its parties are released at once.

// vAwaitsAction is the verb of a party that waits, with its generation complete, until it may run the action.
const vAwaitsAction = "act"

type vBarrier struct {
	full      [][]*vGoroutine // complete generations, oldest first
	filling   []*vGoroutine   // the one that fills
	base      int64           // how many parties of that are not known
	vague     bool            // base is not known yet
	older     bool            // a complete generation may be there that is not known
	acting    int64           // who runs the action
	broken    bool
	mustBreak bool // somebody gave up
	trips     int64
}

// arrive: the indexes are 0, 1, 2 …
func (v *Validator) arrive(ev *Event, g *vGoroutine, o *vObject) (wrong string) {
	b := &o.barrier
	if b.vague && len(b.filling) == 0 {
		b.base, b.vague = ev.N, false
	}
	next := b.base + int64(len(b.filling))
	switch {
	case b.broken:
		wrong = "the barrier is broken"
	case ev.N < 0 || ev.N >= o.parties && o.parties > 0:
		wrong = fmt.Sprintf("its index is %d, of %d parties", ev.N, o.parties)
	case ev.N != next:
		wrong = fmt.Sprintf("its index is %d, the next is %d", ev.N, next)
	}
	b.filling = append(b.filling, g)
	if ev.N == o.parties-1 {
		b.full = append(b.full, b.filling)
		b.filling, b.base = nil, 0
	}
	return first2(v.broken(o), wrong)
}

// mayWait: only who has arrived waits, and of a complete generation only who is about to run the action.
func (b *vBarrier) mayWait(g *vGoroutine) string {
	if g.id == 0 {
		return ""
	}
	in := b.filling
	if g.verb == vAwaitsAction && len(b.full) > 0 {
		in = b.full[len(b.full)-1]
	}
	if n := len(in); n > 0 && in[n-1] == g {
		return ""
	}
	return "it has not arrived"
}

func (v *Validator) actionBegin(_ *Event, g *vGoroutine, o *vObject) (wrong string) {
	if o.class == ClassOnce {
		return v.onceBegin(g, o)
	}
	b := &o.barrier
	switch {
	case b.acting != 0:
		wrong = fmt.Sprintf("%s runs the action", v.gName(b.acting))
	case len(b.full) == 0 && !b.mayBeOlder(g):
		wrong = fmt.Sprintf("only %d of %d parties have arrived", len(b.filling), o.parties)
	}
	b.acting = g.id
	return first2(v.broken(o), wrong)
}

// actionEnd: an action that fails fails its generation.
func (v *Validator) actionEnd(ev *Event, g *vGoroutine, o *vObject) (wrong string) {
	if o.class == ClassOnce {
		return v.onceEnd(ev, g, o)
	}
	b := &o.barrier
	if b.acting != g.id && !b.older {
		wrong = "it does not run the action"
	}
	b.acting = 0
	if ev.Text != "" {
		first(&wrong, v.endGeneration(g, o))
	}
	return first2(v.broken(o), wrong)
}

func (v *Validator) trip(ev *Event, g *vGoroutine, o *vObject) (wrong string) {
	b := &o.barrier
	wrong = v.endGeneration(g, o)
	if b.trips != 0 && ev.N != b.trips+1 {
		first(&wrong, fmt.Sprintf("this is generation %d, not %d", b.trips+1, ev.N))
	}
	b.trips = ev.N
	b.acting = 0
	return first2(v.broken(o), wrong)
}

// endGeneration lets the parties of the oldest complete generation go, whose last is g.
func (v *Validator) endGeneration(g *vGoroutine, o *vObject) string {
	b := &o.barrier
	older := b.mayBeOlder(g)
	b.older = false
	switch {
	case len(b.full) > 0:
		v.letGo(o, b.full[0])
		b.full = b.full[1:]
	case !older:
		return fmt.Sprintf("only %d of %d parties have arrived", len(b.filling), o.parties)
	}
	return ""
}

// mayBeOlder reports whether g may have completed a generation before the trace began, or while events were lost.
func (b *vBarrier) mayBeOlder(g *vGoroutine) bool {
	return b.older && !slices.Contains(b.filling, g)
}

// breaks: once, until it is reset.
func (v *Validator) breaks(_ *Event, _ *vGoroutine, o *vObject) (wrong string) {
	b := &o.barrier
	if b.broken {
		wrong = "it is broken"
	}
	b.broken, b.mustBreak = true, false
	v.endFilling(o)
	return wrong
}

func (v *Validator) reset(_ *Event, _ *vGoroutine, o *vObject) string {
	wrong := v.broken(o)
	o.barrier.broken = false
	v.endFilling(o)
	return wrong
}

// endFilling lets the parties of the generation that fills go.
func (v *Validator) endFilling(o *vObject) {
	b := &o.barrier
	v.letGo(o, b.filling)
	b.filling, b.base = nil, 0
	b.vague = false
}

// letGo notes that those of a generation who wait must be released now.
func (v *Validator) letGo(o *vObject, generation []*vGoroutine) {
	unknown := 0
	for _, g := range generation {
		if g.id == 0 {
			unknown++
		}
		if g.status == vWaiting && g.obj == o.id && g.verb != vAwaitsAction && !g.mayGo {
			g.mayGo = true
			o.pending++
		}
	}
	for _, g := range o.queue {
		if unknown > 0 && g.id == 0 && !g.mayGo {
			g.mayGo = true
			o.pending++
			unknown--
		}
	}
}

// broken: a party that gives up breaks the barrier.
func (v *Validator) broken(o *vObject) string {
	if o.barrier.mustBreak {
		o.barrier.mustBreak = false
		return "somebody gave up, which breaks the barrier, but it did not"
	}
	return ""
}

func first2(s, t string) string {
	first(&s, t)
	return s
}
