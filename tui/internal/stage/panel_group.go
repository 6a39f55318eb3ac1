package stage

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/scene"
	"github.com/turnstile-go/turnstile/tui/internal/wording"
)

// A group is a wait for several futures at once. The waiting goroutine is on the left; the pending futures, each with the goroutine
// that runs it, are in the middle; and the settled ones, numbered in completion order, are on the right.
type groupPanel struct{ *subject }

func (p groupPanel) title() []string {
	return []string{wording.Plural(p.o.Watches, "future"), fmt.Sprintf("%d settled", p.sc.State.Settled(p.o.ID))}
}

func (p groupPanel) row() (string, cells.Style, []group) {
	_, settled := p.members()
	return padded(fmt.Sprintf("%d/%d settled", len(settled), p.o.Watches), len("10/10 settled")), cells.StylePlain, []group{{sign: signQueue, look: scene.LookWaiting, seats: p.atGroup()}}
}

func (p groupPanel) lay(r cells.Rect) {
	gate := 0
	if r.W < 50 { // there is no room for both numbers and names
		gate = 12
	}
	f := p.floor(r, gate, 0)
	p.label(f, f.gate, "pending")
	p.label(f, f.through, "settled")
	f.at.W-- // a gap before the futures
	left := p.seat(f.at, p.o.ID, p.atGroup(), seating{boxed: true, right: true, mid: true})
	p.labelFrom(f, f.at, left, "waiting")
	coming, settled := p.members()
	p.coming(f.gate, coming)
	p.came(f.through, settled)
	p.onTheWay(f)
}

// members returns the pending futures, in the order of the call, and the settled ones, in completion order.
func (p groupPanel) members() (coming, settled []*timeline.Object) {
	for _, id := range p.o.Members {
		switch o := p.sc.State.Object(id); {
		case o == nil:
		case o.Progress > timeline.ProgressRunning:
			settled = append(settled, o)
		default:
			coming = append(coming, o)
		}
	}
	slices.SortStableFunc(settled, func(a, b *timeline.Object) int { return int(a.Since - b.Since) })
	return coming, settled
}

// coming lists as many of the pending futures as fit.
func (p groupPanel) coming(r cells.Rect, futures []*timeline.Object) {
	for i, o := range futures {
		if i == r.H-1 && len(futures) > r.H {
			p.Text(r.X, r.Y+i, cells.Truncate(fmt.Sprintf("+%d more", len(futures)-i), r.W), cells.StyleDim)
			return
		}
		mark, st, note := "▸", cells.StyleDim, ""
		if o.Progress == timeline.ProgressRunning {
			mark, st, note = cells.GlyphRunning, cells.StyleRunning, "in "+p.sc.Name(o.Worker)
		}
		p.Text(r.X, r.Y+i, mark, st)
		end := p.Fit(r.X+2, r.Y+i, max(r.W-2, 0), p.sc.ObjectName(o.ID), cells.StylePlain)
		if left := r.X + r.W - end - 1; left >= cells.Width(note) {
			p.Text(end+1, r.Y+i, note, cells.StyleDim)
		}
	}
}

// came lists the settled futures, or the last of them if not all fit.
func (p groupPanel) came(r cells.Rect, futures []*timeline.Object) {
	from := max(0, len(futures)-r.H)
	numberW := len(strconv.Itoa(len(futures))) + 1
	y := r.Y
	for i, o := range futures[from:] {
		p.Right(r.X+numberW-1, y, strconv.Itoa(from+i+1), cells.StyleDim)
		y += p.outcome(cells.Area(r.X+numberW, y, max(r.W-numberW, 0), r.Y+r.H-y-(len(futures)-from-1-i)), o)
	}
}

func (p groupPanel) sentence() (string, cells.Style) {
	to, from := p.members()
	coming, settled := len(to), len(from)
	if settled >= p.o.Watches {
		return "a wait returns at once", cells.StyleDim
	}
	if len(p.o.Queue) == 0 {
		return p.waiting(nil)
	}
	g := p.sc.State.Goroutine(p.o.Queue[0])
	if g == nil {
		return "", cells.StylePlain
	}
	who := p.sc.Name(g.ID) + " waits for "
	switch {
	case g.Verb == "WaitAny":
		return who + "the first one", cells.StylePlain
	case g.Verb == "WaitFirstError":
		return who + "all, or a failure", cells.StylePlain
	case coming == 1:
		return who + "the last one", cells.StylePlain
	case g.Verb == "AsCompleted":
		return who + "the next one; " + strconv.Itoa(coming) + " are pending", cells.StylePlain
	default:
		return who + "all; " + strconv.Itoa(coming) + " are pending", cells.StylePlain
	}
}
