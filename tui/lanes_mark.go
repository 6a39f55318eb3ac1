package tui

import (
	"github.com/turnstile-go/turnstile/tui/internal/cells"
)

// marker returns a function that returns what a column shows that reaches from event n to event m. The columns must be
// asked for from left to right, and the first begins with the given event.
func (ln *lane) marker(first int) func(n, m int) (string, cells.Style) {
	i := ln.index(first)
	return func(n, m int) (string, cells.Style) {
		var j int
		if i >= 0 {
			j = ln.indexFrom(i, m)
		} else {
			j = ln.index(m)
		}
		glyph, st := ln.markOf(i, j, n, m)
		i = j
		return glyph, st
	}
}

// mark returns what a column shows that reaches from event n to event m.
func (ln *lane) mark(n, m int) (string, cells.Style) {
	return ln.markOf(ln.index(n), ln.index(m), n, m)
}

// manySpans is from how many spans on a column shows what is most of it, not what matters most.
const manySpans = 16

// markOf returns what a column shows that reaches from event n, in span i, to event m, in span j: what begins there if that
// is remarkable, and otherwise what matters most.
func (ln *lane) markOf(i, j, n, m int) (string, cells.Style) {
	if i < 0 && j < 0 {
		return cells.LaneAbsent, cells.StyleLine
	}
	remarkable := isReleased
	if j-i > manySpans { // somebody is released in each of them
		remarkable = isGivingUp
	}
	begun, most, holds := isAbsent, isAbsent, false
	for k := max(i, 0, j-manySpans); k <= j; k++ {
		sp := &ln.spans[k]
		if sp.look >= most {
			most, holds = sp.look, sp.holds
		}
		if k > i && (sp.look >= remarkable && sp.look != isWaiting || sp.look == isEnded) {
			begun = max(begun, sp.look)
		}
	}
	if begun != isAbsent {
		return glyphOf(begun)
	}
	if j-i > manySpans {
		most, holds = ln.mostly(max(i, 0), n, m)
	}
	return laneMark(most, holds)
}

// mostly returns the look that the lane has after most events from n to m, as some of them tell; n is in span i.
func (ln *lane) mostly(i, n, m int) (l look, holds bool) {
	const samples = 8
	var looks [isFailed + 1]int
	held := 0
	for k := 1; k <= samples; k++ {
		i = ln.indexFrom(i, n+(m-n)*k/samples)
		looks[ln.spans[i].look]++
		if ln.spans[i].holds {
			held++
		}
	}
	for k, n := range looks {
		if n >= looks[l] {
			l = look(k)
		}
	}
	return l, l == isWaiting && held*2 >= looks[l]
}

// laneMark returns how a lane shows a look.
func laneMark(l look, holds bool) (string, cells.Style) {
	switch {
	case l == isAbsent || l == isEnded:
		return cells.LaneAbsent, cells.StyleLine
	case l == isWaiting && holds:
		return cells.LaneStuck, cells.StyleWaiting
	case l == isWaiting:
		return cells.LaneWaiting, cells.StyleWaiting
	case l == isHolding:
		return cells.LaneHolding, cells.StyleHolding
	case l == isFailed:
		return cells.LaneRunning, cells.StyleTrouble
	default:
		return cells.LaneRunning, cells.StyleRunning
	}
}

// arrows draws who has just been woken, and by whom, beside the playhead.
func (l *lanes) arrows(c *cells.Canvas, sc *scene) {
	x := l.column(l.ax.at)
	if x < 0 || x > l.area.W {
		return
	}
	waker, woken := l.woken(sc)
	if len(woken) == 0 {
		return
	}
	mirror := x+2 >= l.area.W
	step, down, up, side, end := 1, "╮", "╯", "├", "▸"
	last, first := "╰", "╭"
	if mirror {
		step, down, up, side, end = -1, "╭", "╰", "┤", "◂"
		last, first = "╯", "╮"
	}
	const st = cells.StyleReleased | cells.StyleBold
	x += l.area.X
	by, low, high := -1, len(l.rows), -1
	for i := range l.rows {
		if g := l.rows[i].g; g != nil && g.ID == waker {
			by = i
		}
	}
	for _, i := range append(woken, by) {
		if i >= 0 {
			low, high = min(low, i), max(high, i)
		}
	}
	y := func(i int) int { return l.area.Y + 1 + i }
	if by < 0 && low == high || by >= 0 && low == high {
		c.Put(x+step, y(low), "─", 1, st)
	}
	own := map[bool]string{false: "┤", true: "├"}[mirror]
	switch by {
	case low:
		own = down
	case high:
		own = up
	}
	for i := low; i <= high && low < high; i++ {
		s := "│"
		switch i {
		case by:
			s = own
		case high:
			s = last
		case low:
			s = first
		}
		c.Put(x+step, y(i), s, 1, st)
	}
	for _, i := range woken {
		if i > low && i < high {
			c.Put(x+step, y(i), side, 1, st)
		}
		c.Put(x+2*step, y(i), end, 1, st)
	}
}

// woken returns the rows of those who have just been woken by one goroutine, and that one, 0 if it is not known.
func (l *lanes) woken(sc *scene) (waker int64, rows []int) {
	latest := int32(-1)
	for i := range l.rows {
		by, from, ok := l.rows[i].freedAt(sc.n)
		if !ok || sc.pos+sc.ease-sc.clock.posOf(int(from)) >= freshFor {
			continue
		}
		switch {
		case by == waker && rows != nil:
			rows, latest = append(rows, i), max(latest, from)
		case from > latest:
			waker, rows, latest = by, []int{i}, from
		}
	}
	return waker, rows
}

// freedAt returns by whom and with which event the goroutine of r was released, if it has done nothing since but go on.
func (r *laneRow) freedAt(n int) (by int64, from int32, ok bool) {
	if r.lane == nil || r.g == nil {
		return 0, 0, false
	}
	i := r.lane.index(n)
	if i > 0 && !r.lane.spans[i].woken() { // it has gone on
		i--
	}
	if i < 0 {
		return 0, 0, false
	}
	sp := &r.lane.spans[i]
	return sp.by, sp.from, sp.woken()
}

// woken reports whether somebody ended a wait with s.
func (s *span) woken() bool { return (s.look == isReleased || s.look == isFailed) && s.by != 0 }
