package tui

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
)

// A layout is where everything stands on the stage in one State, and how that is drawn.
type layout struct {
	cells.Sketch // all but the tokens

	spots  []spot
	tokens []token
	words  []cells.Rect // what is written, which tokens on their way do not cover
}

// A spot is the part of the stage that belongs to one object.
type spot struct {
	obj trace.ID
	r   cells.Rect
}

// A stage lays out the objects, each as what it is, and the goroutines that are at them.
type stage struct {
	layout

	sc     *scene
	cursor trace.ID
	solo   bool           // one object has all of the stage, and those on the way to it are drawn with it
	crowds map[int64]bool // those who are counted, not drawn
}

// layOut returns the layout of the stage of sc within r.
func layOut(sc *scene, r cells.Rect, cursor trace.ID) *layout {
	st := &stage{sc: sc, cursor: cursor}
	st.lay(r)
	return &st.layout
}

func (st *stage) add(t token) { st.tokens = append(st.tokens, t) }

// say writes s at x, y and keeps tokens on their way off it.
func (st *stage) say(x, y int, s string, style cells.Style) {
	st.words = append(st.words, cells.Area(x, y, cells.Width(s), 1))
	st.Text(x, y, s, style)
}

func (st *stage) placed(g int64) {
	if st.crowds == nil {
		st.crowds = make(map[int64]bool)
	}
	st.crowds[g] = true
}

// lay places everything within r.
func (st *stage) lay(r cells.Rect) {
	r.H -= st.banner(r)
	objs, more := st.choose(r)
	st.solo = len(objs) == 1
	defer st.more(r, more)
	if len(objs) == 0 {
		st.empty(r)
		return
	}
	if st.solo {
		st.panel(r, objs[0])
		return
	}
	way := r.Lines(0, st.wayHeight(r))
	st.tile(cells.Area(r.X, r.Y+way.H, r.W, r.H-way.H), objs)
	way.W -= cells.Width(moreWords(more))
	st.wayAcross(way)
}

// banner draws the deadlocks at the bottom of r, and returns how many lines that took.
func (st *stage) banner(r cells.Rect) int {
	var lines []string
	for _, s := range st.sc.deadlocks {
		lines = append(lines, cells.Wrap(cells.GlyphTrouble+" deadlock: "+s, r.W-4)...)
	}
	if most := max(1, r.H/3); len(lines) > most {
		lines = lines[:most]
		lines[most-1] = cells.Truncate(lines[most-1]+" …", r.W-4)
	}
	for i, s := range lines {
		row := r.Row(r.H - len(lines) + i)
		st.Tint(row, cells.OnTrouble)
		st.Text(row.X+2, row.Y, s, cells.Trouble|cells.Bold)
	}
	return len(lines)
}

// Least sizes of a panel among others.
const (
	minPanelW = 38
	minPanelH = 7
)

// more says how many objects there was no room for.
func (st *stage) more(r cells.Rect, n int) {
	st.Right(r.X+r.W-1, r.Y, moreWords(n), cells.Dim)
}

func moreWords(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" +%d more ", n)
}

// choose returns the objects for which there is room: those most recently active, and the one in focus, in the order
// of their definition; and how many others there are.
func (st *stage) choose(r cells.Rect) (objs []*timeline.Object, more int) {
	for _, o := range st.sc.s.Objects() {
		if hasPanel(o) {
			objs = append(objs, o)
		}
	}
	room := max(1, r.W/minPanelW) * max(1, (r.H-st.wayHeight(r))/minPanelH)
	if len(objs) <= room {
		return objs, 0
	}
	more = len(objs) - room
	slices.SortStableFunc(objs, func(a, b *timeline.Object) int {
		return cmp.Or(cmp.Compare(st.weight(b), st.weight(a)), cmp.Compare(b.Touched, a.Touched))
	})
	objs = objs[:room]
	slices.SortFunc(objs, func(a, b *timeline.Object) int { return cmp.Compare(a.ID, b.ID) })
	return objs, more
}

func (st *stage) weight(o *timeline.Object) int {
	switch {
	case o.ID == st.sc.focus.obj:
		return 3
	case o.ID == st.cursor:
		return 2
	case !st.sc.focus.none() && !st.sc.dimsObj(o):
		return 1
	case panelOf(&subject{st, o}).idle():
		return -1
	default:
		return 0
	}
}

// tile divides r among the panels of objs. Wide ones suit what goes from left to right.
func (st *stage) tile(r cells.Rect, objs []*timeline.Object) {
	const best = 5.5 // width by height
	rows, least := 1, math.Inf(1)
	for n := 1; n <= len(objs); n++ {
		w, h := r.W/((len(objs)+n-1)/n), r.H/n
		if n > 1 && h < minPanelH || w < minPanelW && r.W >= minPanelW {
			continue
		}
		if off := math.Abs(math.Log(float64(w) / float64(h) / best)); off < least {
			rows, least = n, off
		}
	}
	cols := (len(objs) + rows - 1) / rows
	i := 0
	for row := range rows {
		y0, y1 := r.Y+row*r.H/rows, r.Y+(row+1)*r.H/rows
		n := min(cols, len(objs)-i)
		for col := range n {
			x0, x1 := r.X+col*r.W/n, r.X+(col+1)*r.W/n
			st.panel(cells.Area(x0, y0, x1-x0, y1-y0), objs[i])
			i++
		}
	}
}

// panel places o within r, with a frame around it.
func (st *stage) panel(r cells.Rect, o *timeline.Object) {
	st.spots = append(st.spots, spot{o.ID, r})
	edge := cells.Line
	switch {
	case o.Broken:
		edge = cells.Trouble
	case st.sc.focus.obj == o.ID:
		edge = cells.Bright
	case st.cursor == o.ID:
		edge = cells.Accent
	}
	st.Dim(st.sc.dimsObj(o))
	defer st.Dim(false)
	p := panelOf(&subject{st, o})
	st.Frame(r, cells.Round, edge)
	st.title(r, append([]string{st.sc.objName(o.ID)}, p.title()...), edge)
	in := r.Inset()
	defer st.Within(in)()
	if in = cells.Area(in.X+1, in.Y, in.W-2, in.H); in.W >= 8 && in.H >= 1 {
		p.lay(in)
		if text, style := p.sentence(); in.H >= 3 {
			st.caption(in.Row(in.H-1), text, style)
		}
	}
}

// caption writes the sentence of a panel into r, without its last clauses rather than cut.
func (st *stage) caption(r cells.Rect, s string, style cells.Style) {
	for cells.Width(s) > r.W {
		i := strings.LastIndex(s, "; ")
		if i < 0 {
			break
		}
		s = s[:i]
	}
	st.say(r.X, r.Y, cells.Truncate(s, r.W), style)
}

// title writes parts into the upper edge of r, the first as the name, leaving out the last ones if there is no room.
func (st *stage) title(r cells.Rect, parts []string, edge cells.Style) {
	for len(parts) > 1 && cells.Width(strings.Join(parts, " · ")) > r.W-6 {
		parts = parts[:len(parts)-1]
	}
	from := r.X + 1
	x := st.Text(from, r.Y, " ", edge)
	name := cells.Bright
	if edge == cells.Trouble {
		name = cells.Trouble | cells.Bold
	}
	x = st.Fit(x, r.Y, r.W-6, parts[0], name|cells.Bold)
	rest := cells.Dim
	if edge == cells.Trouble {
		rest = cells.Trouble
	}
	for _, s := range parts[1:] {
		x = st.Text(x, r.Y, " · "+s, rest)
	}
	end := st.Text(x, r.Y, " ", edge)
	st.words = append(st.words, cells.Area(from, r.Y, end-from, 1))
}

// empty draws the stage before there is anything on it.
func (st *stage) empty(r cells.Rect) {
	st.Frame(r, cells.Round, cells.Line)
	in := r.Inset()
	if len(st.sc.s.Goroutines()) == 0 {
		st.Center(in, in.H/2-1, "The stage is empty.", cells.Plain)
		st.Center(in, in.H/2, "Waiting for the first event …", cells.Dim)
		return
	}
	st.Center(in, 0, "No primitive has been used yet.", cells.Dim)
	area := cells.Area(in.X+2, in.Y+2, in.W-4, in.H-3)
	st.seat(area, 0, st.others(true), seating{boxed: true, mid: true})
}

// others returns the seats of those who stand nowhere yet; of those who have ended, too, if that is asked for.
func (st *stage) others(ended bool) []seat {
	at := make(map[int64]bool, len(st.tokens))
	for i := range st.tokens {
		at[st.tokens[i].g] = true
	}
	var seats []seat
	for _, g := range st.sc.s.Goroutines() {
		if g.Status == timeline.Ended && !ended || at[g.ID] || st.crowds[g.ID] {
			continue
		}
		s := seat{g: g.ID, look: st.sc.look(g)}
		switch g.Status {
		case timeline.Waiting:
			s.note = "for " + st.sc.objName(g.For)
		case timeline.GaveUp:
			s.note = g.Reason.String()
		case timeline.Ended:
			s.note = "ended"
		default:
		}
		seats = append(seats, s)
	}
	return seats
}

func (st *stage) wayHeight(r cells.Rect) int {
	if r.H < 12 {
		return 1
	}
	return 2
}

// wayAcross draws those who are at no object in lines above the panels.
func (st *stage) wayAcross(r cells.Rect) {
	const label = "on the way"
	st.say(r.X+1, r.Y, label, cells.Dim)
	area := cells.Area(r.X+len(label)+3, r.Y, r.W-len(label)-4, r.H)
	if seats := st.others(false); len(seats) > 0 {
		st.seat(area, 0, seats, seating{})
	} else {
		st.say(area.X, r.Y, "nobody", cells.Dim)
	}
}
