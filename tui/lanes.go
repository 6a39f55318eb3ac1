package tui

import (
	"strconv"
	"time"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
)

// lanes is the timeline: a lane for each goroutine, its past to the left of the playhead.
type lanes struct {
	active bool
	cursor int64
	zoom   int           // each doubles how much is seen of a moment
	live   bool          // more events may come
	from   time.Duration // the play time of the first column, and of that after the last
	to     time.Duration
	area   cells.Rect    // where the columns are
	pos    time.Duration // of the playhead
}

// draw draws the ruler and the lanes into r.
func (l *lanes) draw(c *cells.Canvas, sc *scene, r cells.Rect, hits []hit) []hit {
	if r.H < 2 || r.W < 20 {
		return hits
	}
	gs := l.choose(sc, r.H-1)
	nameW := 8
	for _, g := range gs {
		nameW = max(nameW, cells.Width(sc.name(g.ID)))
	}
	nameW = min(nameW, 14, r.W/4)
	l.area = cells.Area(r.X+nameW+3, r.Y, r.W-nameW-4, r.H)
	l.pos = sc.pos
	l.window(sc)
	hits = append(hits, hit{r: r, pane: onLanes}, hit{r: l.area, pane: onLanes, head: true})

	title := cells.Dim
	if l.active {
		title = cells.Accent | cells.Bold
	}
	c.Text(r.X, r.Y, "timeline", title)
	l.ruler(c, sc)
	counts := make([]int, l.area.W+1)
	for i := range counts {
		counts[i] = sc.clock.count(l.posAt(i))
	}
	for i, g := range gs {
		y := r.Y + 1 + i
		c.Dim = sc.dims(g.ID)
		st := cells.Plain
		switch {
		case g.ID == sc.focus.g:
			st = cells.Bright | cells.Bold
		case g.Status == timeline.Ended:
			st = cells.Ended
		}
		if l.active && g.ID == l.cursor {
			c.Tint(cells.Area(r.X, y, nameW+2, 1), cells.OnSelected)
		}
		glyph, gst := glyphOf(sc.look(g))
		c.Text(r.X, y, glyph, gst)
		c.Fit(r.X+2, y, nameW, sc.name(g.ID), st)
		l.lane(c, sc, y, sc.hist.by[g.ID], counts)
		c.Dim = false
		hits = append(hits, hit{r: cells.Area(r.X, y, nameW+3, 1), pane: onLanes, g: g.ID})
	}
	l.head(c, sc, len(gs))
	return hits
}

// head draws the playhead.
func (l *lanes) head(c *cells.Canvas, sc *scene, rows int) {
	if x := l.column(sc.pos); x >= 0 && x <= l.area.W {
		c.Column(l.area.X+x, l.area.Y, rows+1, cells.Playhead, cells.Accent|cells.Bold)
	}
}

// choose returns the goroutines for which there are lanes: the first ones, but always the one in focus and the one
// under the cursor.
func (l *lanes) choose(sc *scene, rows int) []*timeline.Goroutine {
	gs := aliveFirst(sc.s.Goroutines(), rows)
	if len(gs) <= rows {
		return gs
	}
	at := 0
	for i, g := range gs {
		if g.ID == l.cursor || l.cursor == 0 && g.ID == sc.focus.g {
			at = i
		}
	}
	from := max(0, min(at-rows/2, len(gs)-rows))
	return gs[from : from+rows]
}

// window sets which part of play time is seen: all of it, or around the playhead.
func (l *lanes) window(sc *scene) {
	all := max(sc.clock.end(), sc.pos, 500*time.Millisecond)
	all = niceCeil(all + all/40)
	l.from, l.to = 0, all
	if l.zoom > 0 {
		part := max(all>>l.zoom, time.Millisecond)
		l.from = max(0, min(sc.pos-part/2, all-part))
		l.to = l.from + part
	}
}

// niceCeil returns d rounded up by a tenth at most, so that the scale of a growing trace changes now and then instead of
// all the time.
func niceCeil(d time.Duration) time.Duration {
	unit := time.Microsecond
	for d > 100*unit {
		unit *= 10
	}
	return (d + unit - 1).Truncate(unit)
}

// posAt returns the play time at column x.
func (l *lanes) posAt(x int) time.Duration {
	return l.from + time.Duration(float64(l.to-l.from)*float64(x)/float64(max(1, l.area.W)))
}

// column returns the column of play time p.
func (l *lanes) column(p time.Duration) int {
	if l.to <= l.from {
		return 0
	}
	x := float64(p-l.from) * float64(l.area.W) / float64(l.to-l.from)
	if x < 0 {
		return -1
	}
	return int(x)
}

// lane draws one goroutine's lane. What lies after the playhead is dim, and what lies after the end not there.
func (l *lanes) lane(c *cells.Canvas, sc *scene, y int, ln *lane, counts []int) {
	if ln == nil {
		return
	}
	head := l.column(sc.pos)
	last := max(head, l.column(sc.clock.end()))
	for x := range l.area.W {
		if x > last {
			return
		}
		glyph, st := ln.mark(counts[x], counts[x+1])
		if x > head {
			st = cells.Line
		}
		c.Put(l.area.X+x, y, glyph, 1, st)
	}
}

// mark returns what a column shows that reaches from event n to event m: what begins there if that is remarkable, and
// otherwise what matters most.
func (ln *lane) mark(n, m int) (string, cells.Style) {
	i, j := ln.index(n), ln.index(m)
	if i < 0 && j < 0 {
		return cells.LaneAbsent, cells.Line
	}
	begun, most := isAbsent, isAbsent
	for k := max(i, 0, j-16); k <= j; k++ {
		look := ln.spans[k].look
		most = max(most, look)
		if k > i && (look >= isReleased && look != isWaiting || look == isEnded) {
			begun = max(begun, look)
		}
	}
	if begun != isAbsent {
		return glyphOf(begun)
	}
	switch most {
	case isAbsent, isEnded:
		return cells.LaneAbsent, cells.Line
	case isWaiting:
		return cells.LaneWaiting, cells.Waiting
	case isHolding:
		return cells.LaneHolding, cells.Holding
	case isFailed:
		return cells.LaneRunning, cells.Trouble
	default:
		return cells.LaneRunning, cells.Running
	}
}

// ruler writes the recorded time above the lanes, where it is round; with even steps the numbers of the events.
func (l *lanes) ruler(c *cells.Canvas, sc *scene) {
	const each = 11 // cells a label at least
	labels := max(1, l.area.W/each)
	if sc.clock.even {
		n := len(sc.clock.pos)
		step := max(1, int(nice(float64(n)/float64(labels))))
		l.marks(c, step, n, func(i int) (time.Duration, string) { return sc.clock.posOf(i), strconv.Itoa(i) })
		return
	}
	end := sc.clock.timeAt(min(l.to, max(sc.clock.end(), sc.pos))) // after that there is nothing to measure
	begin := sc.clock.timeAt(l.from)
	step := max(1, time.Duration(nice(float64(end-begin)/float64(labels))))
	first := int((begin + step - 1) / step)
	l.marks(c, 1, int((end-begin)/step)+1, func(i int) (time.Duration, string) {
		t := time.Duration(first+i) * step
		return sc.clock.place(t, len(sc.clock.pos)), label(t, step)
	})
}

// marks writes the labels for 0, step, 2·step … up to n, leaving out those that would run into each other.
func (l *lanes) marks(c *cells.Canvas, step, n int, at func(i int) (time.Duration, string)) {
	free, head := 0, l.column(l.pos)
	for i := 0; i <= n; i += step {
		p, s := at(i)
		x := l.column(p)
		if x < free || x+cells.Width(s) > l.area.W || head >= x-1 && head <= x+cells.Width(s) {
			continue
		}
		c.Text(l.area.X+x, l.area.Y, s, cells.Dim)
		free = x + cells.Width(s) + 2
	}
}

// nice returns the least of 1, 2, 5, 10, 20 … that is at least x.
func nice(x float64) float64 {
	unit := 1.0
	for {
		for _, f := range [...]float64{1, 2, 5} {
			if unit*f >= x {
				return unit * f
			}
		}
		unit *= 10
	}
}

// label returns t in the unit that suits steps of the given size.
func label(t, step time.Duration) string {
	switch {
	case t == 0:
		return "0"
	case step >= time.Second:
		return strconv.Itoa(int(t/time.Second)) + " s"
	case step >= time.Millisecond:
		return trim(float64(t)/float64(time.Second)) + " s"
	case step >= time.Microsecond:
		return trim(float64(t)/float64(time.Millisecond)) + " ms"
	default:
		return trim(float64(t)/float64(time.Microsecond)) + " µs"
	}
}

func trim(x float64) string { return strconv.FormatFloat(x, 'g', 6, 64) }
