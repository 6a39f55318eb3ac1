package stage

import (
	"fmt"
	"strconv"

	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/scene"
)

// A WaitGroup is a counter; the goroutines at it wait until it is 0.
type waitGroupPanel struct{ *subject }

func (p waitGroupPanel) title() []string { return []string{"WaitGroup"} }

func (p waitGroupPanel) row() (string, cells.Style, []group) {
	return padded(fmt.Sprintf("%d to go", p.o.Count), len("10 to go")), cells.StylePlain, []group{{sign: signQueue, look: scene.LookWaiting, seats: p.atDoor()}}
}

func (p waitGroupPanel) lay(r cells.Rect) {
	f := p.floor(r, 9, 0)
	left := p.seat(f.at, p.o.ID, p.atDoor(), seating{boxed: true, right: true, mid: true})
	p.labelFrom(f, f.at, left, "waiting")
	p.label(f, f.gate.Cols(1, f.gate.W-1), "counter") // above its box
	p.counter(f.gate)
	word := "to go"
	if p.o.Count == 0 {
		word = "open"
	}
	p.Text(f.through.X+1, f.through.Y+f.through.H/2, cells.Truncate(word, f.through.W-1), cells.StyleDim)
	p.onTheWay(f)
}

// counter draws the number in a box, which is shut unless the number is 0.
func (p waitGroupPanel) counter(r cells.Rect) {
	st, edge := cells.StyleWaiting, cells.Round
	if p.o.Count == 0 {
		st, edge = cells.StyleRunning, cells.Dashed
	}
	n := strconv.Itoa(p.o.Count)
	if r.H < 3 {
		p.Center(r, r.H/2, n, st|cells.StyleBold)
		return
	}
	w := min(r.W, max(7, cells.Width(n)+4))
	box := cells.Area(r.X+(r.W-w)/2, r.Y+(r.H-3)/2, w, 3)
	p.Frame(box, edge, st)
	p.Center(box.Inset(), 0, n, st|cells.StyleBold)
}

func (p waitGroupPanel) sentence() (string, cells.Style) {
	o := p.o
	if o.Count == 0 {
		return "Wait returns at once", cells.StyleDim
	}
	s, st := p.waiting(o.Queue)
	return s + p.who("counted it down"), st
}
