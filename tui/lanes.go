package tui

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/scene"
)

// lanes is the timeline: a lane for each goroutine, its past to the left of the playhead. If there are too many, it shows
// those that matter, and groups of those whose names differ in a number only.
type lanes struct {
	active  bool
	cursor  int64
	onCrowd string          // the group under the cursor, instead of that; "" if it is on none
	open    map[string]bool // groups whose lanes are wanted
	top     int64           // the first lane of those that are shown only because there is room
	playing bool

	real  bool          // recorded time, not play time
	part  time.Duration // how much is seen; 0: all
	from  time.Duration // what the first column shows, on the axis
	to    time.Duration // … and that after the last
	loose bool          // the playhead may be out of sight
	seen  time.Duration // where it was in the frame before
	ax    axis

	area cells.Rect // where the columns are
	over cells.Rect // … and those of the overview, if there is one
	rows []laneRow
	all  []*scene.Lane // of all goroutines that there are, if not all have room
}

// kept returns new lanes that are seen in the same way.
func (l *lanes) kept() lanes { return lanes{part: l.part, real: l.real, open: l.open} }

// draw draws the ruler and the lanes into r.
func (l *lanes) draw(c *cells.Canvas, sc *scene.Scene, r cells.Rect, hits []hit) []hit {
	if r.H < 2 || r.W < 20 {
		return hits
	}
	l.ax = axisOf(sc, l.real)
	l.window()
	room := r.H - 1
	overview := l.part > 0 && room >= 3
	if overview {
		room--
	}
	gs := sc.State.Goroutines()
	shown := l.choose(sc, gs, room)
	if !overview && room >= 5 && len(gs) > room && !slices.ContainsFunc(l.rows, func(r laneRow) bool { return r.crowd != nil }) {
		overview = true // no group tells of those that are not shown
		shown = l.choose(sc, gs, room-1)
	}
	title := "timeline"
	if shown < len(gs) {
		title = fmt.Sprintf("%d of %d lanes", shown, len(gs))
	}
	nameW := l.nameWidth(sc, r, title)
	l.area = cells.Area(r.X+nameW+3, r.Y, r.W-nameW-4, r.H)
	hits = append(hits, hit{r: r, pane: onLanes}, hit{r: l.area, pane: onLanes, head: true})

	st := cells.StyleDim
	if l.active {
		st = cells.StyleAccent | cells.StyleBold
	}
	c.Text(r.X, r.Y, cells.Truncate(title, nameW+2), st)
	l.ruler(c)
	counts := make([]int, l.area.W+1)
	for i := range counts {
		counts[i] = l.ax.count(l.valueAt(i))
	}
	for i := range l.rows {
		row := &l.rows[i]
		y := r.Y + 1 + i
		name := cells.Area(r.X, y, nameW+3, 1)
		if row.crowd != nil {
			l.drawCrowd(c, sc, name, row, counts)
			hits = append(hits, hit{r: name, pane: onLanes, crowd: row.crowd.Name})
			continue
		}
		l.drawLane(c, sc, name, row, counts)
		hits = append(hits, hit{r: name, pane: onLanes, g: row.g.ID})
	}
	l.head(c, len(l.rows))
	l.arrows(c, sc)
	l.over = cells.Rect{}
	if overview {
		l.over = cells.Area(l.area.X, r.Y+r.H-1, l.area.W, 1)
		l.overview(c, sc, cells.Area(r.X, l.over.Y, r.W, 1))
		hits = append(hits, hit{r: l.over, pane: onLanes, over: true})
	}
	return hits
}

// nameWidth returns how wide the names are, for which r and the title leave room.
func (l *lanes) nameWidth(sc *scene.Scene, r cells.Rect, title string) int {
	w, most := cells.Width(title)-2, 14
	for i := range l.rows {
		if row := &l.rows[i]; row.crowd != nil {
			w, most = max(w, cells.Width(row.label())), 18
		} else {
			w = max(w, cells.Width(sc.Name(row.g.ID)))
		}
	}
	return min(max(8, w), max(most, cells.Width(title)-2, r.W/6), r.W/4)
}

// drawLane draws the lane of a goroutine, with its name within r.
func (l *lanes) drawLane(c *cells.Canvas, sc *scene.Scene, r cells.Rect, row *laneRow, counts []int) {
	g := row.g
	c.Dim = sc.Dims(g.ID)
	defer func() { c.Dim = false }()
	st := cells.StylePlain
	switch {
	case g.ID == sc.Focus.G:
		st = cells.StyleBright | cells.StyleBold
	case g.Status == timeline.StatusEnded:
		st = cells.StyleEnded
	}
	if l.active && l.onCrowd == "" && g.ID == l.cursor {
		c.Tint(r.Cols(0, r.W-1), cells.StyleOnSelected)
	}
	glyph, gst := scene.GlyphOf(sc.Look(g))
	c.Text(r.X, r.Y, glyph, gst)
	c.Fit(r.X+2, r.Y, r.W-3, sc.Name(g.ID), st)
	if row.lane != nil {
		l.columns(c, r.Y, counts, row.lane.Marker(counts[0]))
	}
}

// drawCrowd draws how many of a group wait, with its name within r.
func (l *lanes) drawCrowd(c *cells.Canvas, sc *scene.Scene, r cells.Rect, row *laneRow, counts []int) {
	c.Dim = !sc.Focus.None()
	defer func() { c.Dim = false }()
	if l.active && row.crowd.Name == l.onCrowd {
		c.Tint(r.Cols(0, r.W-1), cells.StyleOnSelected)
	}
	sign := "▸"
	if row.open {
		sign = "▾"
	}
	c.Text(r.X, r.Y, sign, cells.StyleAccent)
	c.Fit(r.X+2, r.Y, r.W-3, row.label(), cells.StyleBright)
	l.columns(c, r.Y, counts, func(_, m int) (string, cells.Style) { return row.crowd.Mark(m) })
}

// columns draws what mark returns for the events of each column. What lies after the playhead is dim, and what lies after
// the end not there.
func (l *lanes) columns(c *cells.Canvas, y int, counts []int, mark func(n, m int) (string, cells.Style)) {
	head := l.column(l.ax.at)
	last := max(head, l.column(l.ax.end))
	for x := range min(l.area.W, last+1) {
		glyph, st := mark(counts[x], counts[x+1])
		if x > head {
			st = cells.StyleLine
		}
		c.Put(l.area.X+x, y, glyph, 1, st)
	}
}

// head draws the playhead.
func (l *lanes) head(c *cells.Canvas, rows int) {
	if x := l.column(l.ax.at); x >= 0 && x <= l.area.W {
		c.Column(l.area.X+x, l.area.Y, rows+1, cells.Playhead, cells.StyleAccent|cells.StyleBold)
	}
}

// overview draws into r how many wait in all of the recording, with what the lanes show of it marked.
func (l *lanes) overview(c *cells.Canvas, sc *scene.Scene, r cells.Rect) {
	c.Text(r.X+2, r.Y, cells.Truncate("all", r.W), cells.StyleDim)
	all := l.ax.all()
	at := func(v time.Duration) int { return int(float64(v) * float64(l.over.W) / float64(all)) }
	head, from, to := at(l.ax.at), at(l.from), at(l.to)
	for x := range l.over.W {
		n := l.ax.count(time.Duration(float64(all) * float64(x+1) / float64(l.over.W)))
		glyph, st := sc.History.Mark(n)
		if x > max(at(l.ax.end), head) {
			glyph = " "
		}
		if x < from || x > to {
			st = cells.StyleLine
		}
		c.Put(l.over.X+x, r.Y, glyph, 1, st)
	}
	if l.part > 0 {
		c.Tint(cells.Area(l.over.X+from, r.Y, max(1, min(to, l.over.W)-from), 1), cells.StyleOnSelected)
	}
	if head <= l.over.W {
		c.Put(l.over.X+head, r.Y, cells.Playhead, 1, cells.StyleAccent|cells.StyleBold)
	}
}

// valueAt returns what column x shows first, on the axis.
func (l *lanes) valueAt(x int) time.Duration {
	return l.from + time.Duration(float64(l.to-l.from)*float64(x)/float64(max(1, l.area.W)))
}

// posAt returns the play time at column x.
func (l *lanes) posAt(x int) time.Duration { return l.ax.pos(l.valueAt(x)) }

// overviewAt returns what column x of the overview shows first, on the axis.
func (l *lanes) overviewAt(x int) time.Duration {
	return time.Duration(float64(l.ax.all()) * float64(x) / float64(max(1, l.over.W)))
}

// column returns the column of v, which is on the axis.
func (l *lanes) column(v time.Duration) int {
	if l.to <= l.from {
		return 0
	}
	x := float64(v-l.from) * float64(l.area.W) / float64(l.to-l.from)
	if x < 0 {
		return -1
	}
	return int(x)
}

// label returns what a group is called: "worker-* ×2000".
func (r *laneRow) label() string {
	return cells.Clean(r.crowd.Name) + " ×" + strconv.Itoa(r.n)
}
