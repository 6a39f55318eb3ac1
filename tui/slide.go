package tui

import (
	"math"
	"time"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
)

// A token does not jump to its new place, it slides. Where it is drawn is the mean of all the places that it had
// during the last moments before the playhead: that moves evenly after one event, turns smoothly when the next one
// comes before the first is done with, and depends on nothing but the playhead.

// slideFor is how long a token takes to get to a new place, on play time.
const slideFor = 260 * time.Millisecond

// maxSteps bounds how many States are looked at for one frame.
const maxSteps = 8

// A point is a place on the screen.
type point struct{ x, y int }

// places are where the tokens of one State stand.
type places struct {
	at    map[tokenKey]point
	spots []spot
}

// A slider remembers the places in States near the playhead.
type slider struct {
	known map[int]places
	area  cells.Rect
	focus focus
	obj   trace.ID
}

// keep keeps the places of the State after event n.
func (sl *slider) keep(n int, l *layout) places {
	p := places{at: make(map[tokenKey]point, len(l.tokens)), spots: l.spots}
	for i := range l.tokens {
		p.at[l.tokens[i].key()] = point{l.tokens[i].x, l.tokens[i].y}
	}
	if len(sl.known) > 4*maxSteps {
		clear(sl.known)
	}
	sl.known[n] = p
	return p
}

// reset forgets what does not hold for this way of drawing.
func (sl *slider) reset(area cells.Rect, f focus, obj trace.ID) {
	if sl.known == nil || sl.area != area || sl.focus != f || sl.obj != obj {
		sl.known, sl.area, sl.focus, sl.obj = make(map[int]places), area, f, obj
	}
}

// drawStage draws the stage of sc, with its tokens on their way. The State after event n is what at returns.
func (sl *slider) drawStage(c *cells.Canvas, sc *scene, r cells.Rect, cursor trace.ID, at func(n int) *timeline.State) *layout {
	sl.reset(r, sc.focus, cursor)
	l := layOut(sc, r, cursor)
	sl.keep(sc.n, l)
	var steps []step
	if !sc.still && at != nil {
		steps = sl.steps(sc, r, cursor, at)
	}
	l.Draw(c)
	defer c.Within(r)()
	l.drawTokens(c, sc, steps)
	return l
}

// drawTokens draws the tokens, those that rest first. One that would cover another or some words on its way goes without
// its box, and past them if there is room within two lines.
func (l *layout) drawTokens(c *cells.Canvas, sc *scene, steps []step) {
	taken := l.words
	var moving []token
	var to []point
	for i := range l.tokens {
		t := l.tokens[i]
		p := slid(&t, steps)
		if p.x != t.x || p.y != t.y {
			moving, to = append(moving, t), append(to, p)
			continue
		}
		t.draw(c, p.x, p.y, sc)
		taken = append(taken, t.cover(p))
	}
	for i := range moving {
		t, p := moving[i], to[i]
		if t.h >= 3 && overlaps(t.cover(p), taken) {
			p.x, p.y, t.h, t.w, t.note = p.x+1, p.y+1, 1, t.w-2, ""
		}
		for _, dy := range [...]int{0, -1, 1, -2, 2} {
			if q := (point{p.x, p.y + dy}); !overlaps(t.cover(q), taken) {
				p = q
				break
			}
		}
		t.draw(c, p.x, p.y, sc)
		taken = append(taken, t.cover(p))
	}
}

// cover returns what t covers when it is drawn at p.
func (t *token) cover(p point) cells.Rect {
	switch w := t.sign() + cells.Width(t.name) + badgeWidth(t.badge); {
	case t.h >= 3:
		return cells.Area(p.x, p.y, t.w, t.h)
	case t.under:
		return cells.Area(p.x, p.y, min(t.w, max(w, 2+cells.Width(t.note))), 2)
	case t.note != "":
		return cells.Area(p.x, p.y, min(t.w, w+1+cells.Width(t.note)), 1)
	default:
		return cells.Area(p.x, p.y, min(t.w, w), 1)
	}
}

// overlaps reports whether r has a cell in common with one of others.
func overlaps(r cells.Rect, others []cells.Rect) bool {
	for _, o := range others {
		if r.X < o.X+o.W && o.X < r.X+r.W && r.Y < o.Y+o.H && o.Y < r.Y+r.H {
			return true
		}
	}
	return false
}

// A step is the places at some moment, and how much of the last moments they had.
type step struct {
	places
	weight float64
}

// steps returns the places that there were during the last moments, the present one first.
func (sl *slider) steps(sc *scene, r cells.Rect, cursor trace.ID, at func(n int) *timeline.State) []step {
	if sc.back > sc.n {
		return sl.stepsBack(sc, r, cursor, at)
	}
	end := sc.pos + sc.ease
	from := end - slideFor
	steps := []step{{sl.known[sc.n], 0}}
	until := end
	for n := sc.n; n >= 0 && len(steps) <= maxSteps; n-- {
		begin := sc.clock.posOf(n)
		if n == 0 || begin < from || len(steps) == maxSteps {
			begin = from
		}
		steps[len(steps)-1].weight = float64(until-begin) / float64(slideFor)
		if begin <= from {
			break
		}
		until = begin
		m := n - 1
		for m > 0 && until-sc.clock.posOf(m) <= gapTiny*4 { // shown for no time
			m--
		}
		l := sl.placesAt(m, sc, r, cursor, at)
		if moved(l.spots, steps[0].spots) { // the stage was another; nothing can slide across
			steps[len(steps)-1].weight += float64(until-from) / float64(slideFor)
			break
		}
		steps = append(steps, step{l, 0})
		n = m + 1
	}
	return steps
}

// stepsBack returns the present places and those from which a step led back.
func (sl *slider) stepsBack(sc *scene, r cells.Rect, cursor trace.ID, at func(n int) *timeline.State) []step {
	done := min(1, float64(sc.ease)/float64(slideFor))
	steps := []step{{sl.known[sc.n], done}}
	if l := sl.placesAt(sc.back, sc, r, cursor, at); !moved(l.spots, steps[0].spots) {
		steps = append(steps, step{l, 1 - done})
	}
	return steps
}

// placesAt returns the places of the State after event n, for a scene like sc.
func (sl *slider) placesAt(n int, sc *scene, r cells.Rect, cursor trace.ID, at func(n int) *timeline.State) places {
	if p, ok := sl.known[n]; ok {
		return p
	}
	other := *sc
	other.n, other.s = n, at(n)
	return sl.keep(n, layOut(&other, r, cursor))
}

// slid returns where t is drawn: the mean of its places. Where it stood nowhere it was on the way.
func slid(t *token, steps []step) point {
	if len(steps) < 2 {
		return point{t.x, t.y}
	}
	var x, y float64
	for _, s := range steps {
		p, ok := s.at[t.key()]
		if !ok {
			p, ok = s.at[tokenKey{t.g, 0}]
		}
		if !ok && t.obj == 0 {
			p, ok = s.somewhere(t.g)
		}
		if !ok {
			p = point{t.x, t.y}
		}
		x += s.weight * float64(p.x)
		y += s.weight * float64(p.y)
	}
	return point{int(math.Round(x)), int(math.Round(y))}
}

// somewhere returns a place at which goroutine g stood: that at the object defined first.
func (p *places) somewhere(g int64) (point, bool) {
	for _, s := range p.spots {
		if at, ok := p.at[tokenKey{g, s.obj}]; ok {
			return at, true
		}
	}
	return point{}, false
}
