package stage

import (
	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/scene"
	"github.com/turnstile-go/turnstile/tui/internal/wording"
)

// An RWMutex is a room for one writer, or for any number of readers.
type rwMutexPanel struct{ *subject }

func (p rwMutexPanel) title() []string {
	return append([]string{"RWMutex"}, p.tries()...)
}

func (p rwMutexPanel) row() (string, cells.Style, []group) {
	state := "free"
	switch n := len(p.o.Holders); {
	case p.o.Depth > 0:
		state = "writing"
	case n > 0:
		state = "reading"
	}
	return padded(state, len("writing")), cells.StyleHolding, []group{{sign: signInside, look: scene.LookHolding, seats: p.held()}, {sign: signQueue, look: scene.LookWaiting, seats: p.atDoor()}}
}

func (p rwMutexPanel) lay(r cells.Rect) {
	queue := p.atDoor()
	f := p.floor(r, 2, 0)
	left := p.seat(f.at, p.o.ID, queue, seating{boxed: true, right: true, mid: true})
	p.labelFrom(f, f.at, left, "at the door")
	label := "one writer, or readers"
	switch {
	case p.o.Depth > 0:
		label = "writing"
	case len(p.o.Holders) > 0:
		label = "reading"
	}
	p.chamber(f, label, p.held(), len(p.o.Holders) > 0, "free")
	p.onTheWay(f)
}

// atDoor returns the seats of the goroutines at the door, each with the access it requests.
func (p rwMutexPanel) atDoor() []seat {
	queue := p.subject.atDoor()
	for i := range queue {
		if g := p.sc.State.Goroutine(queue[i].g); g != nil && queue[i].badge == "" && g.Status == timeline.StatusWaiting {
			queue[i].badge = "w"
			if begins(g.Verb, []string{"R"}) {
				queue[i].badge = "r"
			}
		}
	}
	return queue
}

// beside returns the waiters in words; the state and the room say the rest.
func (p rwMutexPanel) beside() string {
	s, _ := p.waiting(p.o.Queue)
	return s
}

func (p rwMutexPanel) sentence() (string, cells.Style) {
	o := p.o
	s, st := "", cells.StylePlain
	switch n := len(o.Holders); {
	case n == 0 && o.Depth == 0: // the room says it
		return p.waiting(o.Queue)
	case o.Depth > 0 && o.Owner == 0:
		s, st = "write-locked since before the trace began", cells.StylePlain
	case o.Depth > 0:
		s, st = p.sc.Name(o.Owner)+" writes", cells.StylePlain
	case n == 1:
		s, st = p.sc.Name(o.Holders[0].G)+" reads", cells.StylePlain
	case n > 1:
		s, st = wording.Number(n)+" read", cells.StylePlain
	}
	return s + p.waits(o.Queue), st
}
