package stage

import (
	"fmt"
	"strconv"

	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/scene"
	"github.com/turnstile-go/turnstile/tui/internal/wording"
)

// A queue is its buffer, drawn as cells. To the left are the producers that wait because it is full; to the right, the consumers that
// wait because it is empty, and the goroutines in Join.
type queuePanel struct{ *subject }

func (p queuePanel) title() []string {
	kind := "Queue"
	switch p.o.Class {
	case trace.ClassStack:
		kind = "Stack"
	case trace.ClassPriorityQueue:
		kind = "PriorityQueue"
	default:
	}
	parts := []string{kind}
	if p.o.Closed { // this matters more than what follows
		parts = append(parts, "closed")
	}
	if p.o.Capacity > 0 {
		parts = append(parts, "room for "+strconv.Itoa(p.o.Capacity))
	}
	return parts
}

func (p queuePanel) row() (string, cells.Style, []group) {
	state := wording.Plural(len(p.o.Items), "item")
	if p.o.Capacity > 0 {
		state = fmt.Sprintf("%d/%d", len(p.o.Items), p.o.Capacity)
	}
	if p.o.Closed {
		state += " closed"
	}
	return padded(state, len("10 items closed")), cells.StylePlain, []group{{sign: signGiving, look: scene.LookWaiting, seats: p.queued("Put")}, {sign: signQueue, look: scene.LookWaiting, seats: p.takers()}}
}

func (p queuePanel) lay(r cells.Rect) {
	f := p.floor(r, 0, 0)
	left := p.seat(f.at, p.o.ID, p.queued("Put"), seating{boxed: true, right: true, mid: true})
	p.labelFrom(f, f.at, left, "putting")
	p.labelFrom(f, f.gate, f.gate.X+f.gate.W-cells.Width("next →")-2, "next →")
	p.label(f, f.through, "taking")
	p.seat(f.through, p.o.ID, p.takers(), seating{mid: true})
	p.buffer(f.gate)
	p.onTheWay(f)
}

// takers returns the seats of the goroutines that wait to get an item, and of those in Join.
func (p queuePanel) takers() []seat {
	takers := p.queued("Get", "Take")
	for _, s := range p.queued("Join") {
		s.badge = "joins"
		takers = append(takers, s)
	}
	return takers
}

func (p queuePanel) sentence() (string, cells.Style) {
	o := p.o
	s := fmt.Sprintf("%d put, %d taken", o.Puts, o.Gets)
	if o.Done > 0 || len(p.queued("Join")) > 0 {
		s += fmt.Sprintf(", %d done", o.Done)
	}
	if joins := p.queued("Join"); len(joins) > 0 {
		return s + fmt.Sprintf("; Join waits for %d", o.Puts-o.Done), cells.StylePlain
	}
	switch {
	case len(o.Items) == 0 && len(o.Queue) > 0:
		return s + "; it is empty: takers wait", cells.StylePlain
	case o.Capacity > 0 && len(o.Items) >= o.Capacity:
		return s + "; it is full", cells.StyleWaiting
	case o.Closed:
		return s, cells.StyleDim
	}
	return s, cells.StylePlain
}
