package trace

import (
	"fmt"
	"slices"
)

// A barrier's parties arrive in generations, numbered from 0 in each. While the last party of one generation runs the
// action, the next may fill. A complete generation ends at its Trip, or when its action fails; an incomplete one ends
// when the barrier breaks or is reset. Then all of its parties are released at once.

// vAwaitsAction is the verb of a party whose generation is complete and that waits to run the action.
const vAwaitsAction = "act"

type vBarrier struct {
	parties     int64
	full        [][]*vGoroutine // complete generations, oldest first
	filling     []*vGoroutine   // the generation that is filling
	base        int64           // the number of its parties that are unknown
	vague       bool            // base is not known yet
	older       bool            // there may be an unknown complete generation
	acting      int64           // the goroutine that runs the action
	broken      bool
	mustBreak   bool // a party gave up
	generations int64
}

// newBarrier returns the state of a barrier whose parties are not known yet.
func newBarrier(parties int64) vBarrier { return vBarrier{parties: parties, vague: true, older: true} }

func (c barrierCheck) define() string {
	c.o.barrier = newBarrier(c.ev.N) // parties may have arrived before the trace began
	if c.ev.N == 0 {
		return "it has no parties"
	}
	return ""
}

// arrive: indexes are 0, 1, 2 …
func (c barrierCheck) arrive() (wrong string) {
	b, n := &c.o.barrier, c.ev.N
	if b.vague && len(b.filling) == 0 {
		b.base, b.vague = n, false
	}
	next := b.base + int64(len(b.filling))
	switch {
	case b.broken:
		wrong = "the barrier is broken"
	case n < 0 || n >= b.parties && b.parties > 0:
		wrong = fmt.Sprintf("its index is %d, of %d parties", n, b.parties)
	case n != next:
		wrong = fmt.Sprintf("its index is %d, the next is %d", n, next)
	}
	b.filling = append(b.filling, c.g)
	if n == b.parties-1 {
		b.full = append(b.full, b.filling)
		b.filling, b.base = nil, 0
	}
	return b.hasBroken(wrong)
}

// wait: only a party that has arrived waits, and in a complete generation only the one about to run the action.
func (c barrierCheck) wait() string {
	b := &c.o.barrier
	if c.g.id == 0 {
		return ""
	}
	in := b.filling
	if c.g.verb == vAwaitsAction && len(b.full) > 0 {
		in = b.full[len(b.full)-1]
	}
	if n := len(in); n > 0 && in[n-1] == c.g {
		return ""
	}
	return "it has not arrived"
}

// release: the generation has ended, or the party may run the action.
func (c barrierCheck) release() string {
	switch {
	case c.g.verb == vAwaitsAction:
	case !c.g.mayGo:
		return "its generation has neither tripped nor failed"
	default:
		c.o.pending--
	}
	return ""
}

func (c barrierCheck) actionBegin() (wrong string) {
	if c.o.class == ClassOnce {
		return onceCheck(c).begin()
	}
	b := &c.o.barrier
	switch {
	case b.acting != 0:
		wrong = fmt.Sprintf("%s runs the action", c.gName(b.acting))
	case len(b.full) == 0 && !b.mayBeOlder(c.g):
		wrong = b.incomplete()
	}
	b.acting = c.g.id
	return b.hasBroken(wrong)
}

// actionEnd: a failed action ends its generation.
func (c barrierCheck) actionEnd() (wrong string) {
	if c.o.class == ClassOnce {
		return onceCheck(c).end()
	}
	b := &c.o.barrier
	if b.acting != c.g.id && !b.older {
		wrong = "it does not run the action"
	}
	b.acting = 0
	if c.ev.Text != "" {
		first(&wrong, c.endGeneration())
	}
	return b.hasBroken(wrong)
}

func (c barrierCheck) trip() string {
	b := &c.o.barrier
	wrong := c.endGeneration()
	if b.generations != 0 && c.ev.N != b.generations+1 {
		first(&wrong, fmt.Sprintf("this is generation %d, not %d", b.generations+1, c.ev.N))
	}
	b.generations = c.ev.N
	b.acting = 0
	return b.hasBroken(wrong)
}

// endGeneration releases the parties of the oldest complete generation, whose last party is c.g.
func (c barrierCheck) endGeneration() string {
	b := &c.o.barrier
	older := b.mayBeOlder(c.g)
	b.older = false
	switch {
	case len(b.full) > 0:
		c.o.letGo(b.full[0])
		b.full = b.full[1:]
	case !older:
		return b.incomplete()
	}
	return ""
}

// breaks: once, until the barrier is reset.
func (c barrierCheck) breaks() (wrong string) {
	b := &c.o.barrier
	if b.broken {
		wrong = "it is broken"
	}
	b.broken, b.mustBreak = true, false
	c.endFilling()
	return wrong
}

func (c barrierCheck) reset() string {
	wrong := c.o.barrier.hasBroken("")
	c.o.barrier.broken = false
	c.endFilling()
	return wrong
}

// endFilling releases the parties of the generation that is filling.
func (c barrierCheck) endFilling() {
	b := &c.o.barrier
	c.o.letGo(b.filling)
	b.filling, b.base = nil, 0
	b.vague = false
}

// letGo records that the waiting parties of a generation of o must be released now.
func (o *vObject) letGo(generation []*vGoroutine) {
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

// hasBroken returns wrong, unless a party gave up: the barrier must have broken by now.
func (b *vBarrier) hasBroken(wrong string) string {
	if b.mustBreak {
		b.mustBreak = false
		return "a party gave up, but the barrier did not break"
	}
	return wrong
}

// mayBeOlder reports whether g may have completed a generation before the trace began, or while events were lost.
func (b *vBarrier) mayBeOlder(g *vGoroutine) bool {
	return b.older && !slices.Contains(b.filling, g)
}

func (b *vBarrier) incomplete() string {
	return fmt.Sprintf("only %d of %d parties have arrived", len(b.filling), b.parties)
}
