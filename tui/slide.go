package tui

import (
	"math"
	"time"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
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

// A layout is where the tokens of one State stand.
type layout struct {
	at     map[tokenKey]point
	panels []panel
}

// A slider remembers layouts of States near the playhead.
type slider struct {
	known map[int]layout
	area  rect
	focus focus
	obj   trace.ID
}

// keep returns the layout of the State after event n, which is what tokens and panels say.
func (sl *slider) keep(n int, tokens []token, panels []panel) {
	l := layout{at: make(map[tokenKey]point, len(tokens)), panels: panels}
	for i := range tokens {
		l.at[tokens[i].key()] = point{tokens[i].x, tokens[i].y}
	}
	if len(sl.known) > 4*maxSteps {
		clear(sl.known)
	}
	sl.known[n] = l
}

// reset forgets what does not hold for this way of drawing.
func (sl *slider) reset(area rect, f focus, obj trace.ID) {
	if sl.known == nil || sl.area != area || sl.focus != f || sl.obj != obj {
		sl.known, sl.area, sl.focus, sl.obj = make(map[int]layout), area, f, obj
	}
}

// drawStage draws the stage of sc, with its tokens on their way. The State after event n is what at returns.
func (sl *slider) drawStage(c *canvas, sc *scene, r rect, cursor trace.ID, at func(n int) *timeline.State) *stage {
	sl.reset(r, sc.focus, cursor)
	st := &stage{sc: sc, c: c, cursor: cursor}
	st.lay(r)
	sl.keep(sc.n, st.tokens, st.panels)
	var steps []step
	if !sc.still && at != nil {
		steps = sl.steps(sc, r, cursor, at)
	}
	defer c.within(r)()
	for i := range st.tokens {
		t := &st.tokens[i]
		p := slid(t, steps)
		t.draw(c, p.x, p.y, sc)
	}
	return st
}

// A step is a layout and how much of the last moments it had.
type step struct {
	layout
	weight float64
}

// steps returns the layouts that there were during the last moments, the present one first.
func (sl *slider) steps(sc *scene, r rect, cursor trace.ID, at func(n int) *timeline.State) []step {
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
		l, ok := sl.known[m]
		if !ok {
			past := *sc
			past.n, past.s = m, at(m)
			st := &stage{sc: &past, cursor: cursor}
			st.lay(r)
			sl.keep(m, st.tokens, st.panels)
			l = sl.known[m]
		}
		if !samePanels(l.panels, steps[0].panels) { // the stage was another; nothing can slide across
			steps[len(steps)-1].weight += float64(until-from) / float64(slideFor)
			break
		}
		steps = append(steps, step{l, 0})
		n = m + 1
	}
	return steps
}

func samePanels(a, b []panel) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
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
func (l *layout) somewhere(g int64) (point, bool) {
	for _, p := range l.panels {
		if at, ok := l.at[tokenKey{g, p.obj}]; ok {
			return at, true
		}
	}
	return point{}, false
}
