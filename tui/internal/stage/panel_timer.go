package stage

import (
	"slices"
	"time"

	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/scene"
	"github.com/turnstile-go/turnstile/tui/internal/wording"
)

// clockGlyph is the sign for a time.
const clockGlyph = "◷"

// A timer shows when it fires, and the channel to which it sends.
type timerPanel struct{ *subject }

func (p timerPanel) title() []string { return []string{"timer"} }

// idle reports whether the timer is not running.
func (p timerPanel) idle() bool { return !p.o.IsSet }

func (p timerPanel) row() (string, cells.Style, []group) {
	words, style := p.words()
	return clockGlyph + " " + words, style, nil
}

// words describes when the timer fires.
func (p timerPanel) words() (words string, st cells.Style) {
	words, st = "not set", cells.StyleDim
	switch left := p.o.Deadline - p.sc.Now; {
	case p.o.IsSet && left > 0:
		words, st = "fires in "+wording.Lasted(left)+", at "+wording.Lasted(p.o.Deadline), cells.StyleWaiting
	case p.o.IsSet:
		words, st = "was due at "+wording.Lasted(p.o.Deadline), cells.StyleWaiting
	case p.o.Fired > 0:
		words, st = "fired", cells.StyleReleased
	}
	if p.o.Fired > 1 || p.o.Fired == 1 && p.o.IsSet {
		words += "; " + times(p.o.Fired) + " so far"
	}
	return words, st
}

func (p timerPanel) lay(r cells.Rect) {
	words, st := p.words()
	p.Center(r, (r.H-1)/2, cells.Truncate(clockGlyph+" "+words, r.W), st)
	if p.o.Parent != 0 && r.H >= 3 {
		p.Center(r, (r.H-1)/2+1, cells.Truncate("→ "+p.sc.ObjectName(p.o.Parent), r.W), cells.StyleDim)
	}
}

// The clock shows the sleeping goroutines, in the order in which they will wake up.
type clockPanel struct{ *subject }

func (p clockPanel) row() (string, cells.Style, []group) {
	return "", cells.StylePlain, []group{{sign: clockGlyph, look: scene.LookWaiting, seats: p.asleep()}}
}

func (p clockPanel) lay(r cells.Rect) {
	f := p.floor(r, 3, 0)
	p.label(f, f.at, "asleep")
	area := f.at
	area.W = f.through.X + f.through.W - area.X
	p.seat(area, p.o.ID, p.asleep(), seating{mid: true})
	p.onTheWay(f)
}

// asleep returns the seats of the sleeping goroutines, in the order in which they will wake up.
func (p clockPanel) asleep() []seat {
	gs := slices.Clone(p.o.Queue)
	slices.SortStableFunc(gs, func(a, b int64) int { return int(p.wakes(a) - p.wakes(b)) })
	seats := make([]seat, len(gs))
	for i, id := range gs {
		seats[i] = seat{g: id, look: scene.LookWaiting, note: "until " + wording.Lasted(p.wakes(id))}
	}
	return seats
}

// wakes returns the time at which goroutine id will wake up.
func (p clockPanel) wakes(id int64) time.Duration {
	if g := p.sc.State.Goroutine(id); g != nil {
		return g.Since + time.Duration(g.Want)
	}
	return 0
}

func (p clockPanel) sentence() (string, cells.Style) {
	gs := p.asleep()
	if len(gs) == 0 {
		return "none asleep", cells.StyleDim
	}
	return p.sc.Name(gs[0].g) + " wakes up next, in " + wording.Lasted(max(0, p.wakes(gs[0].g)-p.sc.Now)), cells.StyleDim
}
