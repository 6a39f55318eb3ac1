package stage

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/scene"
	"github.com/turnstile-go/turnstile/tui/internal/wording"
)

// A Layout is the places of everything on the stage in one State, and how it is drawn.
type Layout struct {
	cells.Sketch // everything but the tokens

	area    cells.Rect
	Spots   []Spot // of objects that have a panel or a row
	Asides  []Spot // of objects that share a line
	Tokens  []Token
	Counted map[int64]bool // goroutines that are counted, not drawn
	words   []cells.Rect   // text, which sliding tokens do not cover
}

// A Spot is the part of the stage that belongs to one object.
type Spot struct {
	Obj    trace.ID
	Area   cells.Rect
	framed bool
}

// moved reports whether an object is at a different place in b than in a.
func moved(a, b []Spot) bool {
	for _, s := range a {
		if i := slices.IndexFunc(b, func(o Spot) bool { return o.Obj == s.Obj }); i >= 0 && b[i] != s {
			return true
		}
	}
	return false
}

// A stage lays out the objects and the goroutines at them.
type stage struct {
	Layout

	sc     *scene.Scene
	cursor trace.ID
	solo   bool // one object has the whole stage, including the goroutines on the way to it
}

// LayOut returns the layout of the stage of sc within r.
func LayOut(sc *scene.Scene, r cells.Rect, cursor trace.ID) *Layout {
	st := &stage{sc: sc, cursor: cursor, Layout: Layout{area: r}}
	st.lay(r)
	return &st.Layout
}

func (st *stage) add(t Token) { st.Tokens = append(st.Tokens, t) }

// say writes s at x, y and keeps sliding tokens off it.
func (st *stage) say(x, y int, s string, style cells.Style) {
	st.words = append(st.words, cells.Area(x, y, cells.Width(s), 1))
	st.Text(x, y, s, style)
}

func (st *stage) placed(g int64) {
	if st.Counted == nil {
		st.Counted = make(map[int64]bool)
	}
	st.Counted[g] = true
}

// lay places everything within r. The places of objects are the same for all States of a recording: they depend only on the
// recording as a whole.
func (st *stage) lay(r cells.Rect) {
	objects := st.sc.Objects
	st.solo = len(objects) == 1
	r.H -= st.banner(r, len(objects))
	switch {
	case len(objects) == 0:
		st.empty(r)
		return
	case st.solo:
		st.panel(r, objects[0])
		return
	}
	way := r.Lines(0, st.wayHeight(r))
	rest := r.Lines(way.H, r.H-way.H)
	if len(objects) <= panelsIn(rest.W, rest.H) {
		st.tile(rest, objects)
	} else {
		st.rows(rest, objects)
	}
	st.wayAcross(way)
}

// leastBanner is the minimum height of a stage that reserves space for the description of an unforeseen deadlock.
const leastBanner = 12

// banner draws the deadlocks at the bottom of r, and returns the number of lines reserved for them, which is the same for all
// States. An unforeseen deadlock is described as far as there is room, and if there is none, only in the footer. Each of n
// objects keeps at least a line.
func (st *stage) banner(r cells.Rect, n int) int {
	sentences := func(ds []string) (lines []string) {
		for _, s := range ds {
			lines = append(lines, cells.Wrap(cells.GlyphTrouble+" deadlock: "+s, r.W-4)...)
		}
		return lines
	}
	lines := sentences(st.sc.Deadlocks)
	most, sudden := max(1, r.H/3), r.H/leastBanner
	if way := st.wayHeight(r); n > panelsIn(r.W, r.H-way-most) { // with the longest banner, objects are rows
		rows := r.H - way
		most = max(1, min(r.H/2, rows-n))
		if n > panelsIn(r.W, rows) && st.sc.Focus.Obj == 0 { // objects are always rows, none is open, and some lines are empty
			sudden = max(sudden, rows-n*cells.Clamp(rows/n, 1, maxRowH))
		}
	}
	h := min(most, len(sentences(st.sc.Worst)))
	if st.sc.Sudden {
		h = min(most, max(h, sudden))
	}
	switch {
	case h == 0:
		return 0
	case len(lines) > h:
		lines = []string{cells.GlyphTrouble + " " + wording.Abridged(st.sc.Deadlock, r.W-6)}
		if h > 1 { // and as many of the other sentences as fit
			lines = wording.InLines(lines[0]+": "+strings.Join(st.sc.Deadlocks, "; "), r.W-4, h)
		}
	}
	for i, s := range lines {
		row := r.Row(r.H - h + i)
		st.Tint(row, cells.StyleOnTrouble)
		st.Text(row.X+2, row.Y, s, cells.StyleTrouble|cells.StyleBold)
	}
	return h
}

// The minimum sizes of a panel among others.
const (
	MinPanelW = 38
	MinPanelH = 7
)

// panelsIn returns the number of panels that fit.
func panelsIn(w, h int) int { return max(1, w/MinPanelW) * max(1, h/MinPanelH) }

// tile divides r among the panels of objs, which all have the same width. Wide ones suit motion from left to right.
func (st *stage) tile(r cells.Rect, objs []*timeline.Object) {
	const best = 5.5 // the ratio of width to height
	rows, least := 1, math.Inf(1)
	for n := 1; n <= len(objs); n++ {
		w, h := r.W/((len(objs)+n-1)/n), r.H/n
		if n > 1 && h < MinPanelH || w < MinPanelW && r.W >= MinPanelW {
			continue
		}
		if off := math.Abs(math.Log(float64(w) / float64(h) / best)); off < least {
			rows, least = n, off
		}
	}
	cols := (len(objs) + rows - 1) / rows
	rows = (len(objs) + cols - 1) / cols // fewer rows may be enough
	i := 0
	for row := range rows {
		y0, y1 := r.Y+row*r.H/rows, r.Y+(row+1)*r.H/rows
		for col := range min(cols, len(objs)-i) {
			x0, x1 := r.X+col*r.W/cols, r.X+(col+1)*r.W/cols
			st.panel(cells.Area(x0, y0, x1-x0, y1-y0), objs[i])
			i++
		}
	}
}

// panelOf returns the panel of o, one of the objects of the recording. The panel says so if o does not exist yet.
func (st *stage) panelOf(o *timeline.Object) panel {
	now := st.sc.State.Object(o.ID)
	if now == nil {
		return absentPanel{&subject{st, o}}
	}
	return panelOf(&subject{st, now})
}

// panel places o within r, with a frame around it.
func (st *stage) panel(r cells.Rect, o *timeline.Object) {
	st.Spots = append(st.Spots, Spot{o.ID, r, true})
	now := st.sc.State.Object(o.ID)
	edge, border := cells.StyleLine, cells.Round
	switch {
	case now == nil:
		border = cells.Dashed
	case now.Broken:
		edge = cells.StyleTrouble
	}
	switch {
	case edge == cells.StyleTrouble:
	case st.sc.Focus.Obj == o.ID:
		edge = cells.StyleBright
	case st.cursor == o.ID:
		edge = cells.StyleAccent
	}
	st.Dim(st.sc.DimsObj(o))
	defer st.Dim(false)
	p := st.panelOf(o)
	st.Frame(r, border, edge)
	titles := st.title(r, append([]string{st.sc.NameOf(o)}, p.title()...), edge)
	in := r.Inset()
	defer st.Within(in)()
	if in = cells.Area(in.X+1, in.Y, in.W-2, in.H); in.W >= 8 && in.H >= 1 {
		p.lay(in)
		if text, style := p.sentence(); in.H >= 3 && !slices.Contains(titles, text) {
			st.caption(in.Row(in.H-1), text, style)
		}
	}
}

// caption writes the sentence of a panel into r. It drops the last clauses, rather than cut it.
func (st *stage) caption(r cells.Rect, s string, style cells.Style) {
	st.say(r.X, r.Y, wording.Abridged(s, r.W), style)
}

// title writes parts into the upper edge of r, the first as the name, and drops the last ones if they do not fit. It returns the
// parts that it wrote.
func (st *stage) title(r cells.Rect, parts []string, edge cells.Style) []string {
	for len(parts) > 1 && cells.Width(strings.Join(parts, " · ")) > r.W-6 {
		parts = parts[:len(parts)-1]
	}
	from := r.X + 1
	x := st.Text(from, r.Y, " ", edge)
	name := cells.StyleBright
	if edge == cells.StyleTrouble {
		name = cells.StyleTrouble | cells.StyleBold
	}
	x = st.Fit(x, r.Y, r.W-6, parts[0], name|cells.StyleBold)
	rest := cells.StyleDim
	if edge == cells.StyleTrouble {
		rest = cells.StyleTrouble
	}
	for _, s := range parts[1:] {
		x = st.Text(x, r.Y, " · "+s, rest)
	}
	end := st.Text(x, r.Y, " ", edge)
	st.words = append(st.words, cells.Area(from, r.Y, end-from, 1))
	return parts
}

// empty draws a stage without objects: what the goroutines do and have logged, each with its lane.
func (st *stage) empty(r cells.Rect) {
	st.Frame(r, cells.Round, cells.StyleLine)
	st.title(r, []string{"goroutines", "what they do and say"}, cells.StyleLine)
	in := r.Inset()
	gs := st.sc.State.Goroutines()
	if len(gs) == 0 {
		st.Center(in, in.H/2-1, "The stage is empty.", cells.StylePlain)
		st.Center(in, in.H/2, "Waiting for the first event …", cells.StyleDim)
		return
	}
	in = cells.Area(in.X+1, in.Y, in.W-2, in.H)
	room := in.H
	if len(gs) > room {
		room--
	}
	shown := scene.AliveFirst(gs, room)
	if more := len(gs) - room; more > 0 {
		for _, g := range shown[room:] {
			st.placed(g.ID)
		}
		shown = shown[:room]
		st.say(in.X, in.Y+room, fmt.Sprintf("+%d more", more), cells.StyleDim)
	}
	nameW := 4
	for _, g := range shown {
		nameW = max(nameW, cells.Width(st.sc.Name(g.ID)))
	}
	nameW = min(nameW, mostN, in.W/4)
	h, part := cells.Clamp(in.H/len(shown), 1, 2), 3
	for _, g := range shown {
		if text, _ := st.remark(g); cells.Width(text) > in.W*2/3-nameW-5 {
			part = 6 // words matter more than the lane
		}
	}
	for i, g := range shown {
		st.strand(in.Lines(i*h, h), g, nameW, in.W/part)
	}
}

// strand draws the lane of goroutine g and what it has logged, in as many lines as r has.
func (st *stage) strand(r cells.Rect, g *timeline.Goroutine, nameW, laneW int) {
	t := Token{G: g.ID, X: r.X, Y: r.Y, W: nameW + 2, H: 1, Look: st.sc.Look(g), Name: st.sc.Name(g.ID)}
	st.add(t)
	st.Dim(st.sc.Dims(g.ID))
	defer st.Dim(false)
	lane := cells.Area(r.X+nameW+3, r.Y, laneW, 1)
	if ln := st.sc.History.Lane(g.ID); ln != nil {
		st.past(lane, ln)
	}
	x := lane.X + lane.W + 2
	text, style := st.remark(g)
	room := r.X + r.W - x
	for i, s := range wording.InLines(text, room, r.H) {
		st.say(x, r.Y+i, s, style)
	}
}

// past draws lane ln over the whole recording, bright up to the playhead.
func (st *stage) past(r cells.Rect, ln *scene.Lane) {
	k := st.sc.Clock
	all := max(k.End(), st.sc.Pos, 1)
	at := func(x int) int { return k.Count(time.Duration(float64(all) * float64(x) / float64(r.W))) }
	head := int(float64(st.sc.Pos) * float64(r.W) / float64(all))
	for x := range r.W {
		glyph, style := ln.Mark(at(x), at(x+1))
		if x > head {
			style = cells.StyleLine
		}
		st.Text(r.X+x, r.Y, glyph, style)
	}
}

// remark returns the last message of g, or what it is doing if there is none.
func (st *stage) remark(g *timeline.Goroutine) (string, cells.Style) {
	if ln := st.sc.History.Lane(g.ID); ln != nil {
		if said, ok := ln.Remark(st.sc.N); ok {
			if said.At == st.sc.N {
				return "“" + cells.Clean(said.Text) + "”", cells.StyleBright | cells.StyleBold
			}
			return "“" + cells.Clean(said.Text) + "”", cells.StylePlain
		}
	}
	what, _ := st.sc.Doing(g)
	return what, cells.StyleDim
}

// others returns the seats of the living goroutines that have no place yet.
func (st *stage) others() []seat {
	at := make(map[int64]bool, len(st.Tokens))
	for i := range st.Tokens {
		at[st.Tokens[i].G] = true
	}
	var seats []seat
	for _, g := range st.sc.State.Goroutines() {
		if g.Status == timeline.StatusEnded || at[g.ID] || st.Counted[g.ID] {
			continue
		}
		s := seat{g: g.ID, look: st.sc.Look(g)}
		switch g.Status {
		case timeline.StatusWaiting:
			s.note = "for " + st.sc.ObjectName(g.For)
		case timeline.StatusGaveUp:
			s.note = g.Reason.String()
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

// wayAcross draws the goroutines that are at no object, in lines above the panels.
func (st *stage) wayAcross(r cells.Rect) {
	const label = "on the way"
	st.say(r.X+1, r.Y, label, cells.StyleDim)
	area := cells.Area(r.X+len(label)+3, r.Y, r.W-len(label)-4, r.H)
	if seats := st.others(); len(seats) > 0 {
		st.seat(area, 0, seats, seating{})
	} else {
		st.say(area.X, r.Y, "none", cells.StyleDim)
	}
}
