package stage

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/scene"
	"github.com/turnstile-go/turnstile/tui/internal/wording"
)

// A channel is its buffer, drawn as cells, or a bare passage if it is unbuffered. Senders wait to the left of it, receivers to the
// right; a goroutine that waits in a select statement is shown at each of its channels.
type chanPanel struct{ *subject }

func (p chanPanel) title() []string {
	parts := []string{"chan"}
	if p.o.Closed { // this matters more than what follows
		parts = append(parts, "closed")
	}
	if p.o.Capacity > 0 {
		return append(parts, "room for "+strconv.Itoa(p.o.Capacity))
	}
	return append(parts, "unbuffered")
}

func (p chanPanel) row() (string, cells.Style, []group) {
	state := "no buffer"
	if p.o.Capacity > 0 || len(p.o.Items) > 0 {
		state = fmt.Sprintf("%d/%d", len(p.o.Items), p.o.Capacity)
	}
	if p.o.Closed {
		state += " closed"
	}
	return padded(state, len("no buffer closed")), cells.StylePlain, []group{{sign: signGiving, look: scene.LookWaiting, seats: p.atEnd(true)}, {sign: signQueue, look: scene.LookWaiting, seats: p.atEnd(false)}}
}

func (p chanPanel) idle() bool {
	return len(p.o.Queue)+len(p.sc.State.AtEnd(p.o.ID, true))+len(p.sc.State.AtEnd(p.o.ID, false)) == 0
}

func (p chanPanel) lay(r cells.Rect) {
	f := p.floor(r, 0, 0)
	left := p.seat(f.at, p.o.ID, p.atEnd(true), seating{boxed: true, right: true, mid: true})
	p.labelFrom(f, f.at, left, "sending")
	p.label(f, f.through, "receiving")
	p.seat(f.through, p.o.ID, p.atEnd(false), seating{boxed: true, mid: true})
	switch {
	case p.o.Capacity == 0 && len(p.o.Items) == 0:
		p.passage(f.gate)
	default:
		p.buffer(f.gate)
	}
	p.onTheWay(f)
}

// atEnd returns the seats of the goroutines that wait to send, or to receive.
func (p chanPanel) atEnd(send bool) []seat {
	var seats []seat
	for _, id := range p.sc.State.AtEnd(p.o.ID, send) {
		s := seat{g: id, look: p.sc.Look(p.sc.State.Goroutine(id))}
		if !slices.Contains(p.o.Queue, id) {
			s.badge = "select"
		}
		seats = append(seats, s)
	}
	return seats
}

// passage draws the way from senders to receivers, which is shut once the channel is closed.
func (p chanPanel) passage(r cells.Rect) {
	y, st, mid := r.Y+r.H/2, cells.StyleLine, "▸"
	switch {
	case p.o.Closed:
		st, mid = cells.StyleTrouble, cells.GateBroken
	case len(p.o.Queue) > 0 || len(p.sc.State.AtEnd(p.o.ID, true)) > 0 || len(p.sc.State.AtEnd(p.o.ID, false)) > 0:
		st = cells.StyleWaiting
	}
	n := max(0, min(r.W-2, 24))
	x := r.X + (r.W-n)/2
	p.Repeat(x, y, n, "─", st)
	p.Text(x+n/2, y, mid, st|cells.StyleBold)
	if r.H >= 3 {
		word := "no buffer"
		if p.o.Closed {
			word = "closed"
		}
		p.Center(r.Lines(r.H/2-1, 1), 0, word, cells.StyleDim)
	}
}

func (p chanPanel) sentence() (string, cells.Style) {
	o := p.o
	s := fmt.Sprintf("%d sent, %d received", o.Puts, o.Gets)
	sends, receives := p.sc.State.AtEnd(o.ID, true), p.sc.State.AtEnd(o.ID, false)
	waits := append(slices.Clip(sends), receives...)
	if len(waits) > 0 && p.sc.State.AtRest() {
		if why := cells.Clean(p.sc.State.Words().OtherEnd(waits[0])); why != "" && slices.Contains(o.Queue, waits[0]) {
			name := p.sc.ObjectName(o.ID)
			return strings.NewReplacer(" from "+name, "", " to "+name, "").Replace(why), cells.StyleTrouble
		}
	}
	switch {
	case o.Closed && len(o.Items) == 0:
		return s + "; a receive returns at once", cells.StyleDim
	case o.Closed:
		return s + "; the rest can still be received", cells.StyleDim
	case len(sends) > 0 && o.Capacity > 0:
		return s + "; it is full", cells.StyleWaiting
	case len(sends) > 0:
		return s + "; no receiver", cells.StyleWaiting
	case len(receives) > 0:
		return s + "; no sender", cells.StyleWaiting
	case o.Capacity > 0 && len(o.Items) >= o.Capacity:
		return s + "; it is full", cells.StylePlain
	}
	return s, cells.StyleDim
}

// The nil channel is a wall; a wait on it never ends.
type nilChanPanel struct{ *subject }

func (p nilChanPanel) lay(r cells.Rect) {
	f := p.floor(r, 3, 0)
	left := p.seat(f.at, p.o.ID, p.queued(), seating{boxed: true, right: true, mid: true})
	p.labelFrom(f, f.at, left, "waiting")
	p.wall(f.gate, cells.GateClosed, 0, cells.StyleTrouble)
	p.onTheWay(f)
}

func (p nilChanPanel) sentence() (string, cells.Style) {
	return "the channel is nil; sends and receives block forever", cells.StyleDim
}

// A select statement is its cases, each with the reason why it cannot proceed, or the result.
type selectPanel struct{ *subject }

func (p selectPanel) title() []string { return []string{wording.Plural(len(p.o.Cases), "case")} }

func (p selectPanel) row() (string, cells.Style, []group) {
	var names []string
	for _, c := range p.o.Cases {
		names = append(names, p.sc.ObjectName(c.Obj))
	}
	return strings.Join(names, ", "), cells.StyleDim, []group{{sign: signQueue, look: scene.LookWaiting, seats: p.atGroup()}}
}

func (p selectPanel) lay(r cells.Rect) {
	f := p.floor(r, 1, 0)
	all := cells.Area(f.at.X, f.at.Y, f.through.X+f.through.W-f.at.X, f.at.H)
	w := cells.Clamp(all.W*30/100, 10, 24)
	f.at.W = w
	cases := all.Cols(w+1, all.W-w-1)
	p.label(f, cases, "for one of")
	seats := p.atGroup()
	left := p.seat(f.at, p.o.ID, seats, seating{boxed: true, right: true, mid: true})
	p.labelFrom(f, f.at, left, "waiting")
	p.cases(cases)
	p.onTheWay(f)
}

// cases lists as many of the cases as fit.
func (p selectPanel) cases(r cells.Rect) {
	if len(p.o.Cases) == 0 {
		p.Text(r.X, r.Y+r.H/2, wording.Abridged("no cases: it blocks forever", r.W), cells.StyleTrouble)
		return
	}
	waits := len(p.o.Queue) > 0
	y := r.Y + max(0, (r.H-len(p.o.Cases))/2)
	for i, c := range p.o.Cases {
		if i == r.H-1 && len(p.o.Cases) > r.H {
			p.Text(r.X, y+i, cells.Truncate(fmt.Sprintf("+%d more", len(p.o.Cases)-i), r.W), cells.StyleDim)
			return
		}
		words, mark, st := "receive from ", "◂", cells.StyleWaiting
		if c.Send {
			words, mark = "send to ", "▸"
		}
		why := p.whyNot(c)
		switch {
		case !waits && i+1 == p.o.Chosen:
			mark, st, why = cells.GlyphEnded, cells.StyleReleased, ""
		case !waits:
			st, why = cells.StyleDim, ""
		}
		p.Text(r.X, y+i, mark, st)
		name := cells.StylePlain
		if st == cells.StyleDim {
			name = cells.StyleDim
		}
		end := p.Text(r.X+2, y+i, cells.Truncate(words+p.sc.ObjectName(c.Obj), max(0, r.W-2)), name)
		if left := r.X + r.W - end - 2; why != "" && left >= cells.Width(why) {
			p.Text(end+2, y+i, why, cells.StyleDim)
		}
	}
}

// whyNot returns the reason why a case cannot proceed.
func (p selectPanel) whyNot(c timeline.Case) string {
	o := p.sc.State.Object(c.Obj)
	switch {
	case o == nil:
		return ""
	case o.Class == trace.ClassNilChan:
		return "never"
	case c.Send && o.Capacity > 0:
		return "full"
	case c.Send:
		return "no receiver"
	case o.Capacity > 0:
		return "empty"
	}
	return "no sender"
}

func (p selectPanel) sentence() (string, cells.Style) {
	if len(p.o.Queue) == 0 {
		return "no goroutine waits here now", cells.StyleDim
	}
	who := p.sc.Name(p.o.Queue[0])
	if len(p.o.Cases) == 0 {
		return who + " waits forever", cells.StyleDim
	}
	return who + " waits for any of them", cells.StyleDim
}
