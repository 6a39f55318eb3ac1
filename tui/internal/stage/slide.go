package stage

import (
	"math"
	"slices"
	"time"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/scene"
)

// A token does not jump to its new place but slides. It is drawn at the mean of all the places that it had during the last moments
// before the playhead. So it moves evenly after a single event, turns smoothly when the next event comes before it has arrived, and
// depends only on the playhead.

const (
	// SlideFor is how long a token slides, in play time.
	SlideFor = 260 * time.Millisecond
	// LandFor is the maximum time it slides once the playhead stands still.
	LandFor = 150 * time.Millisecond
)

// maxSteps is the maximum number of States considered for a frame of up to manyForSteps goroutines; with more goroutines there
// are fewer.
const (
	maxSteps     = 8
	manyForSteps = 1000
)

// stepsOf returns the number of States considered for a frame of the given number of goroutines. Placing very many takes long,
// and most of them are counted, not drawn.
func stepsOf(goroutines int) int {
	return cells.Clamp(maxSteps*manyForSteps/max(1, goroutines), 2, maxSteps)
}

// places are the places of the tokens in one State.
type places struct {
	at    map[tokenKey]cells.Point
	spots []Spot
}

// A Slider remembers the places in States near the playhead.
type Slider struct {
	known map[int]places
	area  cells.Rect
	focus scene.Focus
	obj   trace.ID
}

// keep stores the places in the State after event n.
func (sl *Slider) keep(n int, l *Layout) places {
	p := places{at: make(map[tokenKey]cells.Point, len(l.Tokens)), spots: l.Spots}
	for i := range l.Tokens {
		p.at[l.Tokens[i].key()] = cells.Point{X: l.Tokens[i].X, Y: l.Tokens[i].Y}
	}
	if len(sl.known) > 4*maxSteps {
		clear(sl.known)
	}
	sl.known[n] = p
	return p
}

// reset discards what is not valid for this area, focus and cursor.
func (sl *Slider) reset(area cells.Rect, f scene.Focus, obj trace.ID) {
	if sl.known == nil || sl.area != area || sl.focus != f || sl.obj != obj {
		sl.known, sl.area, sl.focus, sl.obj = make(map[int]places), area, f, obj
	}
}

// Draw draws the stage of sc, with its tokens sliding; at returns the State after event n.
func (sl *Slider) Draw(c *cells.Canvas, sc *scene.Scene, r cells.Rect, cursor trace.ID, at func(n int) *timeline.State) *Layout {
	sl.reset(r, sc.Focus, cursor)
	l := LayOut(sc, r, cursor)
	sl.keep(sc.N, l)
	var steps []step
	if !sc.Still && at != nil {
		steps = sl.steps(sc, r, cursor, at)
	}
	l.Draw(c)
	defer c.Within(r)()
	l.drawTokens(c, sc, steps)
	return l
}

// drawTokens draws the tokens, starting with those at rest.
func (l *Layout) drawTokens(c *cells.Canvas, sc *scene.Scene, steps []step) {
	for _, t := range l.inFlight(steps) {
		t.draw(c, t.X, t.Y, sc)
	}
}

// DrawAtRest draws everything without motion.
func (l *Layout) DrawAtRest(c *cells.Canvas, sc *scene.Scene) {
	l.Draw(c)
	l.drawTokens(c, sc, nil)
}

// inFlight returns the tokens at the positions where they are drawn, starting with those at rest. A sliding token hops over
// frames. If it would cover another token or words, it is drawn without its box and moved past them within two lines; if there is
// no room for that, it is drawn at its destination.
func (l *Layout) inFlight(steps []step) []Token {
	var rest, moving []Token
	var to []cells.Point
	taken := slices.Clone(l.words)
	for i := range l.Tokens {
		t := l.Tokens[i]
		p := slid(&t, steps)
		if p.X != t.X || p.Y != t.Y {
			moving, to = append(moving, t), append(to, p)
			continue
		}
		rest = append(rest, t)
		taken = append(taken, t.cover(p))
	}
	var frames []cells.Rect
	for _, s := range l.Spots {
		if s.framed {
			frames = append(frames, s.Area)
		}
	}
	still := len(taken)
	for i := range moving { // no token may be in front of its destination
		taken = append(taken, moving[i].cover(cells.Point{X: moving[i].X, Y: moving[i].Y}))
	}
	for i := range moving {
		taken[still+i] = cells.Rect{}
		t := moving[i].past(to[i], taken, frames, l.area)
		rest = append(rest, t)
		taken[still+i] = t.cover(cells.Point{X: t.X, Y: t.Y})
	}
	return rest
}

// past returns t at p, or near p so that it covers none of taken and no frame; if that is not possible, at its destination.
func (t Token) past(p cells.Point, taken, frames []cells.Rect, area cells.Rect) Token {
	there := t
	if t.H >= 3 && (overlaps(t.cover(p), taken) || crosses(t.cover(p), frames)) {
		p.X, p.Y, t.H, t.W, t.note = p.X+1, p.Y+1, 1, t.W-2, ""
	}
	for _, dy := range [...]int{0, -1, 1, -2, 2} {
		q := hop(t.cover(cells.Point{X: p.X, Y: p.Y + dy}), frames)
		if !overlaps(q, taken) && !crosses(q, frames) && area.Has(q.X, q.Y) && area.Has(q.X+q.W-1, q.Y+q.H-1) {
			t.X, t.Y = q.X, q.Y
			return t
		}
	}
	return there
}

// hop returns r beside the edge of a frame that it would cover, on the side on which most of it is.
func hop(r cells.Rect, frames []cells.Rect) cells.Rect {
	for _, f := range frames {
		if !overlaps(r, []cells.Rect{f}) {
			continue
		}
		for _, x := range [...]int{f.X, f.X + f.W - 1} {
			if r.X <= x && x < r.X+r.W {
				if 2*x < 2*r.X+r.W {
					r.X = x + 1
				} else {
					r.X = x - r.W
				}
			}
		}
		if y := f.Y; r.Y == y {
			r.Y++
		} else if y := f.Y + f.H - 1; r.Y == y {
			r.Y--
		}
	}
	return r
}

// crosses reports whether r covers a part of the edge of one of frames.
func crosses(r cells.Rect, frames []cells.Rect) bool {
	for _, f := range frames {
		in := f.Inset()
		inside := r.X >= in.X && r.X+r.W <= in.X+in.W && r.Y >= in.Y && r.Y+r.H <= in.Y+in.H
		if !inside && overlaps(r, []cells.Rect{f}) {
			return true
		}
	}
	return false
}

// cover returns the cells that t covers when it is drawn at p.
func (t *Token) cover(p cells.Point) cells.Rect {
	switch w := t.sign() + cells.Width(t.Name) + badgeWidth(t.badge); {
	case t.H >= 3:
		return cells.Area(p.X, p.Y, t.W, t.H)
	case t.under:
		return cells.Area(p.X, p.Y, min(t.W, max(w, 2+cells.Width(t.note))), 2)
	case t.note != "":
		return cells.Area(p.X, p.Y, min(t.W, w+1+cells.Width(t.note)), 1)
	default:
		return cells.Area(p.X, p.Y, min(t.W, w), 1)
	}
}

// overlaps reports whether r and one of others have a cell in common.
func overlaps(r cells.Rect, others []cells.Rect) bool {
	for _, o := range others {
		if r.X < o.X+o.W && o.X < r.X+r.W && r.Y < o.Y+o.H && o.Y < r.Y+r.H {
			return true
		}
	}
	return false
}

// A step is the places at some moment, and their share of the last moments.
type step struct {
	places
	weight float64
}

// steps returns the places during the last moments, the present ones first.
func (sl *Slider) steps(sc *scene.Scene, r cells.Rect, cursor trace.ID, at func(n int) *timeline.State) []step {
	if sc.Back > sc.N {
		return sl.stepsBack(sc, r, cursor, at)
	}
	shown := shownBefore(sc)
	steps := make([]step, len(shown))
	for i, m := range slices.Backward(shown) { // in ascending order, which is fast
		steps[i] = step{sl.placesAt(m.n, sc, r, cursor, at), m.weight}
	}
	for i := range steps {
		if i > 0 && moved(steps[i].spots, steps[0].spots) { // the layout was different; tokens cannot slide between the two
			for _, s := range steps[i:] {
				steps[i-1].weight += s.weight
			}
			return steps[:i]
		}
	}
	return steps
}

// A shownEvent is an event whose State was on the screen, and its share of the last moments.
type shownEvent struct {
	n      int
	weight float64
}

// shownBefore returns the events whose States were on the screen during the last moments, the present one first.
func shownBefore(sc *scene.Scene) []shownEvent {
	until := sc.Pos + sc.Ease
	from := until - SlideFor
	var shown []shownEvent
	for n, most := sc.N, stepsOf(len(sc.State.Goroutines())); ; {
		begin := sc.Clock.PosOf(n)
		last := n == 0 || begin <= from || len(shown) == most-1
		if last {
			begin = from
		}
		shown = append(shown, shownEvent{n, float64(until-begin) / float64(SlideFor)})
		if last {
			return shown
		}
		until = begin
		n--
		for n > 0 && until-sc.Clock.PosOf(n) <= scene.GapTiny*4 { // not shown
			n--
		}
	}
}

// stepsBack returns the present places, and those from which a step led back.
func (sl *Slider) stepsBack(sc *scene.Scene, r cells.Rect, cursor trace.ID, at func(n int) *timeline.State) []step {
	done := min(1, float64(sc.Ease)/float64(SlideFor))
	steps := []step{{sl.known[sc.N], done}}
	if l := sl.placesAt(sc.Back, sc, r, cursor, at); !moved(l.spots, steps[0].spots) {
		steps = append(steps, step{l, 1 - done})
	}
	return steps
}

// placesAt returns the places in the State after event n, for a scene like sc.
func (sl *Slider) placesAt(n int, sc *scene.Scene, r cells.Rect, cursor trace.ID, at func(n int) *timeline.State) places {
	if p, ok := sl.known[n]; ok {
		return p
	}
	other := *sc
	other.N, other.State = n, at(n)
	return sl.keep(n, LayOut(&other, r, cursor))
}

// slid returns the position of t: the mean of its places. A goroutine without a place was on the way.
func slid(t *Token, steps []step) cells.Point {
	if len(steps) < 2 {
		return cells.Point{X: t.X, Y: t.Y}
	}
	var x, y float64
	for _, s := range steps {
		p, ok := s.at[t.key()]
		if !ok {
			p, ok = s.at[tokenKey{t.G, 0}]
		}
		if !ok && t.Obj == 0 {
			p, ok = s.somewhere(t.G)
		}
		if !ok {
			p = cells.Point{X: t.X, Y: t.Y}
		}
		x += s.weight * float64(p.X)
		y += s.weight * float64(p.Y)
	}
	return cells.Point{X: int(math.Round(x)), Y: int(math.Round(y))}
}

// somewhere returns a place of goroutine g: the one at the object that was defined first.
func (p *places) somewhere(g int64) (at cells.Point, ok bool) {
	first := trace.ID(0)
	for k, there := range p.at {
		if k.g == g && (!ok || k.obj < first) {
			at, first, ok = there, k.obj, true
		}
	}
	return at, ok
}
