package stage

import (
	"slices"
	"strconv"
	"strings"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/scene"
	"github.com/turnstile-go/turnstile/tui/internal/wording"
)

// A subject is an object on a stage. It has what all panels share.
type subject struct {
	*stage
	o *timeline.Object
}

// title returns nothing: the name is enough.
func (p *subject) title() []string { return nil }

// sentence returns nothing: the panel needs no words.
func (p *subject) sentence() (string, cells.Style) { return "", cells.StylePlain }

// row returns the goroutines inside and the goroutines waiting at the door.
func (p *subject) row() (string, cells.Style, []group) { //nolint:unparam // it is a panel's
	return "", cells.StylePlain, []group{{sign: signInside, look: scene.LookHolding, seats: p.held()}, {sign: signQueue, look: scene.LookWaiting, seats: p.atDoor()}}
}

// idle reports whether no goroutine is inside or waits.
func (p *subject) idle() bool {
	return len(p.o.Queue) == 0 && (len(p.o.Holders) == 0 || p.o.Signals) && p.o.Depth == 0
}

// A floor is the floor plan of a panel: areas for the goroutines on the way, for the waiters, for the object they wait for, and for
// the goroutines that are through.
type floor struct {
	way, at, gate, through cells.Rect
	labels                 int // the line of the labels; -1 if there is no room
}

// floor divides r, with a gate of the given width; 0 means a good part of r. Need is the width that the goroutines at the gate would
// ideally have.
func (p *subject) floor(r cells.Rect, gate, need int) floor {
	f := floor{labels: -1}
	body := r
	if r.H >= 5 {
		f.labels = r.Y
		body = body.Lines(1, body.H-1)
	}
	if r.H >= 3 { // reserve the last line for the sentence
		body = body.Lines(0, body.H-1)
	}
	if body.H >= 7 { // some air
		body = body.Lines(1, body.H-2)
	}
	way, through := 0, cells.Clamp((body.W-gate)*45/100, 12, 32)
	if p.solo {
		through = cells.Clamp(body.W*30/100, 12, 32)
		way = cells.Clamp(body.W*20/100, 12, 26)
	}
	if gate == 0 {
		gate = (body.W - way) * 40 / 100
		through = (body.W - way - gate) / 2
	}
	if need > body.W { // they do not fit side by side in any case
		need = 0
	}
	if lack := need - (body.W - way - through - gate); lack > 0 { // take it from the others
		through = max(through-lack, min(through, 13))
		lack = need - (body.W - way - through - gate)
		way = max(way-max(0, lack), min(way, 11))
	}
	at := max(0, body.W-way-through-gate)
	f.way = body.Cols(0, max(0, way-1))
	f.at = body.Cols(way, at)
	f.gate = body.Cols(way+at, gate)
	if gate > 5 {
		f.gate.W-- // a gap before the goroutines that are through
	}
	f.through = body.Cols(way+at+gate, through)
	return f
}

// label writes the heading of r, a part of the floor.
func (p *subject) label(f floor, r cells.Rect, s string) {
	if cells.Width(s) > r.W { // the last word is the most important one
		s = s[strings.LastIndexByte(strings.TrimSpace(s), ' ')+1:]
	}
	if f.labels >= 0 && r.W > 0 {
		p.say(r.X, f.labels, wording.Abridged(s, r.W), cells.StyleDim)
	}
}

// labelFrom writes the heading of r, a part of the floor, at column x, or further left if it would be cut there.
func (p *subject) labelFrom(f floor, r cells.Rect, x int, s string) {
	x = max(r.X, min(x, r.X+r.W-cells.Width(s)))
	p.label(f, cells.Area(x, r.Y, r.X+r.W-x, r.H), s)
}

// onTheWay draws the goroutines that are nowhere else, if this object has the whole stage.
func (p *subject) onTheWay(f floor) {
	if !p.solo {
		return
	}
	p.label(f, f.way, "on the way")
	p.seat(f.way, 0, p.others(), seating{mid: true})
}

// throughSeats returns the seats of the goroutines that came through last, each with what it got and which goroutine released it.
func (p *subject) throughSeats(notes func(h timeline.Hold) string) []seat {
	var seats []seat
	for _, h := range p.o.Passed {
		g := p.sc.State.Goroutine(h.G)
		if g == nil || g.Status == timeline.StatusWaiting {
			continue
		}
		s := seat{g: h.G, look: p.sc.Look(g)}
		if notes != nil {
			s.badge = notes(h)
		}
		p.freed(&s, g)
		seats = append(seats, s)
	}
	return seats
}

// freed adds to s the goroutine that released g from this object, unless g has continued with something else.
func (p *subject) freed(s *seat, g *timeline.Goroutine) {
	if by, from, ok := p.sc.History.Freed(g, p.sc.N); ok && by != 0 && from == p.o.ID {
		s.note = "by " + p.sc.Name(by)
	}
}

// queued returns the seats of the goroutines that wait here with one of verbs, in order of arrival; without verbs, all of them.
func (p *subject) queued(verbs ...string) []seat {
	return p.queuedTo(make([]seat, 0, len(p.o.Queue)), verbs...)
}

// queuedTo appends the seats of queued to seats.
func (p *subject) queuedTo(seats []seat, verbs ...string) []seat {
	for _, id := range p.o.Queue {
		g := p.sc.State.Goroutine(id)
		if g == nil || len(verbs) > 0 && !begins(g.Verb, verbs) {
			continue
		}
		s := seat{g: id, look: p.sc.Look(g)}
		if g.Want > 1 {
			s.badge = "×" + strconv.FormatInt(g.Want, 10)
		}
		seats = append(seats, s)
	}
	return seats
}

// begins reports whether s begins with one of verbs: "Put" includes "PutTimeout".
func begins(s string, verbs []string) bool {
	return slices.ContainsFunc(verbs, func(v string) bool { return strings.HasPrefix(s, v) })
}

// held returns the seats of the holders of the object.
func (p *subject) held() []seat {
	var seats []seat
	for _, h := range p.o.Holders {
		s := seat{g: h.G, look: scene.LookHolding}
		if h.N > 1 {
			s.badge = "×" + strconv.FormatInt(h.N, 10)
		}
		if g := p.sc.State.Goroutine(h.G); g != nil {
			s.look = p.sc.Look(g)
			p.freed(&s, g)
			if g.Status == timeline.StatusWaiting && g.For != p.o.ID && !p.o.Signals {
				s.note = "wants " + p.sc.ObjectName(g.For)
			}
		}
		seats = append(seats, s)
	}
	return seats
}

// atDoor returns the seats of the goroutines in front of a turnstile or a room: those that were granted entry and have not come in
// yet, those that wait, and those whose try just failed.
func (p *subject) atDoor() []seat {
	seats := make([]seat, 0, len(p.o.Queue)+4)
	for _, g := range p.sc.State.Goroutines() {
		called := g.Status == timeline.StatusReleased && g.For == p.o.ID || g.Last.Kind == trace.KindResume && g.Last.Obj == p.o.ID
		if called && !slices.ContainsFunc(p.o.Holders, func(h timeline.Hold) bool { return h.G == g.ID }) && g.Status != timeline.StatusEnded {
			s := seat{g: g.ID, look: p.sc.Look(g)}
			p.freed(&s, g)
			seats = append(seats, s)
		}
	}
	return append(p.queuedTo(seats), p.bounced()...)
}

// bounced returns the seats of the goroutines whose try just failed.
func (p *subject) bounced() []seat {
	var seats []seat
	for _, g := range p.sc.State.Goroutines() {
		if g.Status == timeline.StatusRunning && g.Last.Kind == trace.KindTryFail && g.Last.Obj == p.o.ID {
			s := seat{g: g.ID, look: p.sc.Look(g), badge: "↩"}
			if g.Last.N > 1 && p.o.Class == trace.ClassSemaphore {
				s.badge += " ×" + strconv.FormatInt(g.Last.N, 10)
			}
			seats = append(seats, s)
		}
	}
	return seats
}

// atGroup returns the seats of the goroutines that wait, and of those that have just been released or given up.
func (p *subject) atGroup() []seat {
	seats := p.queued()
	for _, g := range p.sc.State.Goroutines() {
		if g.For == p.o.ID && (g.Status == timeline.StatusReleased || g.Status == timeline.StatusGaveUp) {
			s := seat{g: g.ID, look: p.sc.Look(g)}
			p.freed(&s, g)
			seats = append(seats, s)
		}
	}
	return seats
}

// wall draws a vertical line of s in the middle of r, with a gap of the given height; 0 means none.
func (p *subject) wall(r cells.Rect, s string, gap int, st cells.Style) {
	x, top := r.X+r.W/2, (r.H-gap)/2
	p.Column(x, r.Y, top, s, st)
	p.Column(x, r.Y+top+gap, r.H-top-gap, s, st)
}

// chamber draws a room and the goroutines in it, no higher than necessary.
func (p *subject) chamber(f floor, label string, seats []seat, taken bool, free string) {
	r := f.through
	r.X, r.W = r.X-1, r.W+1
	h := min(r.H, max(7, len(seats)+2))
	r = r.Lines((r.H-h)/2, h)
	st := cells.StyleLine
	if taken {
		st = cells.StyleHolding
	}
	p.label(f, cells.Area(r.X+1, f.labels, r.W, 1), label)
	in := r
	if r.H >= 3 {
		p.Frame(r, cells.Double, st)
		in = r.Inset()
		door := "┤"
		if !taken {
			door = " "
		}
		p.Text(r.X, r.Y+r.H/2, door, st)
	}
	in = cells.Area(in.X+1, in.Y, in.W-1, in.H)
	seats = slices.DeleteFunc(seats, func(s seat) bool { return s.g == 0 })
	switch {
	case len(seats) > 0:
		p.seat(in, p.o.ID, seats, seating{mid: true})
	case taken:
		p.Center(in, in.H/2, "held", cells.StyleHolding)
	default:
		p.Center(in, in.H/2, free, cells.StyleDim)
	}
}

// buffer draws the items, the next one to be taken on the right, and the free places.
func (p *subject) buffer(r cells.Rect) {
	if r.H < 3 {
		p.Text(r.X+1, r.Y, wording.Plural(len(p.o.Items), "item"), cells.StyleHolding)
		return
	}
	w := max(5, len(strconv.Itoa(len(p.o.Items)))+3) // for "+999"
	for _, it := range p.o.Items[:min(len(p.o.Items), 32)] {
		w = max(w, cells.Width(cells.Clean(it.Text))+2)
	}
	w = min(w, 12, r.W)
	per, rows := max(1, r.W/w), max(1, r.H/3)
	n := max(len(p.o.Items), min(p.o.Capacity, per*rows))
	if p.o.Capacity == 0 {
		n = max(n, 1)
	}
	shown := min(n, per*rows)
	rows = (shown + per - 1) / per
	y := r.Y + (r.H-rows*3)/2
	for i := range shown {
		box := cells.Area(r.X+r.W-(i%per+1)*w, y+i/per*3, w, 3)
		switch {
		case i == shown-1 && n > shown:
			p.Frame(box, cells.Dashed, cells.StyleHolding)
			p.Center(box.Inset(), 0, "+"+strconv.Itoa(n-shown+1), cells.StyleHolding)
		case i < len(p.o.Items):
			p.Frame(box, cells.Round, cells.StyleHolding)
			p.Center(box.Inset(), 0, cells.Shorten(cells.Clean(p.o.Items[i].Text), w-2), cells.StylePlain)
		default:
			p.Frame(box, cells.Dashed, cells.StyleLine)
		}
	}
}

// outcome draws the result of future o into r, and returns the number of lines it takes: more than one if the result does not fit
// after the name and r has more lines.
func (p *subject) outcome(r cells.Rect, o *timeline.Object) int {
	mark, st := progressMark(o.Progress)
	p.Text(r.X, r.Y, mark, st)
	end := p.Fit(r.X+2, r.Y, max(r.W-2, 0), p.sc.ObjectName(o.ID), cells.StylePlain)
	result := strings.TrimPrefix(cells.Clean(o.Result), "sync2: ")
	if o.Progress == timeline.ProgressCanceled {
		result = "canceled"
	}
	beside := r.X + r.W - end - 1
	if cells.Width(result) <= beside || r.H < 2 || r.W < 8 {
		p.Text(end+1, r.Y, wording.OutcomeIn(result, beside), cells.StyleDim)
		return 1
	}
	lines := cells.Wrap(result, r.W-4)
	if len(lines) > r.H-1 {
		lines = []string{wording.OutcomeIn(result, r.W-4)}
	}
	for i, s := range lines {
		p.Text(r.X+4, r.Y+1+i, s, cells.StyleDim)
	}
	return 1 + len(lines)
}

// progressMark returns the glyph of a settled future; "" for others.
func progressMark(p timeline.Progress) (string, cells.Style) {
	switch p {
	case timeline.ProgressSucceeded:
		return cells.GlyphEnded, cells.StyleRunning
	case timeline.ProgressFailed:
		return cells.GlyphTrouble, cells.StyleTrouble
	case timeline.ProgressCanceled:
		return cells.GlyphGaveUp, cells.StyleTrouble
	default:
		return "", cells.StylePlain
	}
}

// tries returns the number of failed tries, in words.
func (p *subject) tries() []string {
	if p.o.Tries == 0 {
		return nil
	}
	if p.o.Tries == 1 {
		return []string{"1 try failed"}
	}
	return []string{strconv.Itoa(p.o.Tries) + " tries failed"}
}

// waiting describes the waiters; the title and the panel say the rest.
func (p *subject) waiting(queue []int64) (string, cells.Style) {
	st := cells.StylePlain
	if len(queue) == 0 {
		st = cells.StyleDim
	}
	return strings.TrimPrefix(p.waits(queue), "; "), st
}

// waits describes the waiters, as an additional clause.
func (p *subject) waits(queue []int64) string {
	switch n := len(queue); n {
	case 0:
		return "; no waiters"
	case 1:
		return "; " + p.sc.Name(queue[0]) + " waits"
	default:
		return "; " + wording.Number(n) + " wait, " + p.sc.Name(queue[0]) + " first"
	}
}
