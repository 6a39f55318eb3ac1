package lanes

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/scene"
)

// Lanes is the timeline. If there are more goroutines than rows, it shows those that matter most, and groups of goroutines whose
// names differ only in a number. The zero Lanes shows everything, in play time.
type Lanes struct {
	// These are set before each frame.

	Active  bool  // keys go to the timeline: it shows its cursor
	Cursor  int64 // the goroutine under the cursor, unless that is on a group
	Playing bool  // the playhead moves by itself

	onGroup string          // the group under the cursor; "": a goroutine is
	open    map[string]bool // the groups whose lanes the user wants to see; it is replaced, not modified
	top     int64           // the first of the lanes that are shown only because there is room

	real  bool          // the axis is recorded time, not play time
	part  time.Duration // the visible part of the axis; 0: all
	from  time.Duration // the first column on the axis
	to    time.Duration // the column after the last
	loose bool          // the user has scrolled the playhead out of sight
	seen  time.Duration // the playhead in the previous frame
	ax    axis

	area cells.Rect // the columns
	over cells.Rect // the columns of the overview; empty if there is none
	rows []laneRow
	all  []*scene.Lane // the lanes of all goroutines, if there is no room for all
}

// A Hit is a part of the timeline that the mouse can point at.
type Hit struct {
	Area  cells.Rect
	Part  Part
	G     int64  // the goroutine whose name this is, or 0
	Group string // the group whose name this is, or ""
}

// A Part is a kind of Hit.
type Part uint8

// The parts of the timeline.
const (
	Elsewhere Part = iota // a name, or nothing
	Columns               // a position on the axis
	Overview              // a position in the whole recording
)

// Kept returns new Lanes with the same zoom, axis and open groups.
func (l *Lanes) Kept() Lanes { return Lanes{part: l.part, real: l.real, open: l.open} }

// Recorded reports whether the axis is recorded time, not play time.
func (l *Lanes) Recorded() bool { return l.real }

// Zoomed reports whether only a part of the recording is visible. Then the timeline needs a row for the overview.
func (l *Lanes) Zoomed() bool { return l.part > 0 }

// Draw draws the ruler and the lanes into r. Of the hits that it returns, later ones cover earlier ones.
func (l *Lanes) Draw(c *cells.Canvas, sc *scene.Scene, r cells.Rect) (hits []Hit) {
	if r.H < 2 || r.W < 20 {
		return nil
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
	if !overview && room >= 5 && len(gs) > room && !slices.ContainsFunc(l.rows, func(r laneRow) bool { return r.group != nil }) {
		overview = true // no group stands for those that are not shown
		shown = l.choose(sc, gs, room-1)
	}
	title := "timeline"
	if shown < len(gs) {
		title = fmt.Sprintf("%d of %d lanes", shown, len(gs))
	}
	nameW := l.nameWidth(sc, r, title)
	l.area = cells.Area(r.X+nameW+3, r.Y, r.W-nameW-4, r.H)
	hits = append(hits, Hit{Area: r}, Hit{Area: l.area, Part: Columns})

	st := cells.StyleDim
	if l.Active {
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
		if row.group != nil {
			l.drawGroup(c, sc, name, row, counts)
			hits = append(hits, Hit{Area: name, Group: row.group.Name})
			continue
		}
		l.drawLane(c, sc, name, row, counts)
		hits = append(hits, Hit{Area: name, G: row.g.ID})
	}
	l.head(c, len(l.rows))
	l.arrows(c, sc)
	l.over = cells.Rect{}
	if overview {
		l.over = cells.Area(l.area.X, r.Y+r.H-1, l.area.W, 1)
		l.overview(c, sc, cells.Area(r.X, l.over.Y, r.W, 1))
		hits = append(hits, Hit{Area: l.over, Part: Overview})
	}
	return hits
}

// nameWidth returns the width of the names, limited by r but no less than the title needs.
func (l *Lanes) nameWidth(sc *scene.Scene, r cells.Rect, title string) int {
	w, most := cells.Width(title)-2, 14
	for i := range l.rows {
		if row := &l.rows[i]; row.group != nil {
			w, most = max(w, cells.Width(row.label())), 18
		} else {
			w = max(w, cells.Width(sc.Name(row.g.ID)))
		}
	}
	return min(max(8, w), max(most, cells.Width(title)-2, r.W/6), r.W/4)
}

// drawLane draws the lane of a goroutine; its name goes into r.
func (l *Lanes) drawLane(c *cells.Canvas, sc *scene.Scene, r cells.Rect, row *laneRow, counts []int) {
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
	if l.Active && l.onGroup == "" && g.ID == l.Cursor {
		c.Tint(r.Cols(0, r.W-1), cells.StyleOnSelected)
	}
	glyph, gst := scene.GlyphOf(sc.Look(g))
	c.Text(r.X, r.Y, glyph, gst)
	c.Fit(r.X+2, r.Y, r.W-3, sc.Name(g.ID), st)
	if row.lane != nil {
		l.columns(c, r.Y, counts, row.lane.Marker(counts[0]))
	}
}

// drawGroup draws the number of waiting goroutines of a group; its name goes into r.
func (l *Lanes) drawGroup(c *cells.Canvas, sc *scene.Scene, r cells.Rect, row *laneRow, counts []int) {
	c.Dim = !sc.Focus.None()
	defer func() { c.Dim = false }()
	if l.Active && row.group.Name == l.onGroup {
		c.Tint(r.Cols(0, r.W-1), cells.StyleOnSelected)
	}
	sign := "▸"
	if row.open {
		sign = "▾"
	}
	c.Text(r.X, r.Y, sign, cells.StyleAccent)
	c.Fit(r.X+2, r.Y, r.W-3, row.label(), cells.StyleBright)
	l.columns(c, r.Y, counts, func(_, m int) (string, cells.Style) { return row.group.Mark(m) })
}

// columns draws the mark of each column, as returned by mark. Columns after the playhead are faint, and there are none after the
// end.
func (l *Lanes) columns(c *cells.Canvas, y int, counts []int, mark func(n, m int) (string, cells.Style)) {
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
func (l *Lanes) head(c *cells.Canvas, rows int) {
	if x := l.column(l.ax.at); x >= 0 && x <= l.area.W {
		c.Column(l.area.X+x, l.area.Y, rows+1, cells.Playhead, cells.StyleAccent|cells.StyleBold)
	}
}

// overview draws into r the number of waiting goroutines at each moment of the recording, and marks the part that the lanes show.
func (l *Lanes) overview(c *cells.Canvas, sc *scene.Scene, r cells.Rect) {
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

// valueAt returns the position on the axis at which column x begins.
func (l *Lanes) valueAt(x int) time.Duration {
	return l.from + time.Duration(float64(l.to-l.from)*float64(x)/float64(max(1, l.area.W)))
}

// PosAt returns the play time at column x of the screen.
func (l *Lanes) PosAt(x int) time.Duration {
	return l.ax.pos(l.valueAt(cells.Clamp(x-l.area.X, 0, l.area.W)))
}

// OverviewPosAt returns the play time at column x of the screen in the overview.
func (l *Lanes) OverviewPosAt(x int) time.Duration {
	return l.ax.pos(l.overviewAt(cells.Clamp(x-l.over.X, 0, l.over.W)))
}

// overviewAt returns the position on the axis at which column x of the overview begins.
func (l *Lanes) overviewAt(x int) time.Duration {
	return time.Duration(float64(l.ax.all()) * float64(x) / float64(max(1, l.over.W)))
}

// column returns the column of position v on the axis; -1 if that is left of the first.
func (l *Lanes) column(v time.Duration) int {
	if l.to <= l.from {
		return 0
	}
	x := float64(v-l.from) * float64(l.area.W) / float64(l.to-l.from)
	if x < 0 {
		return -1
	}
	return int(x)
}

// label returns the name of a group with its size, such as "worker-* ×2000".
func (r *laneRow) label() string {
	return cells.Clean(r.group.Name) + " ×" + strconv.Itoa(r.n)
}
