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

// A Token is a goroutine on the stage. A goroutine that holds one object and waits for another has a token at each.
type Token struct {
	G     int64
	Obj   trace.ID // the object it is at; 0: it is on the way
	X, Y  int
	W     int
	H     int // 1: a line; 3: a box; 4: a box with the note below the name; 5: a large box
	Look  scene.Look
	Name  string
	badge string // text that must not be left out: "×2"
	note  string // text that can be left out: "by main"
	under bool   // the note is on a line of its own
	bare  bool   // without a sign
	airy  bool   // the box has a blank on each side
}

// A tokenKey identifies a token across States.
type tokenKey struct {
	g   int64
	obj trace.ID
}

func (t *Token) key() tokenKey { return tokenKey{t.G, t.Obj} }

// draw draws the token at x, y.
func (t *Token) draw(c *cells.Canvas, x, y int, sc *scene.Scene) {
	c.Dim = sc.Dims(t.G)
	defer func() { c.Dim = false }()
	glyph, st := scene.GlyphOf(t.Look)
	if !sc.Focus.None() && sc.Focus.G == t.G {
		st |= cells.StyleBold
	}
	w := t.W
	if t.H >= 3 {
		c.Frame(cells.Area(x, y, w, t.H), cells.Round, st)
		c.Fill(cells.Area(x+1, y+1, w-2, t.H-2))
		x, y, w = x+1, y+1, w-2
		if t.airy {
			x, w = x+1, w-2
		}
		if t.H == largeH {
			x, y, w = x+1, y+1, w-2
		}
	}
	c.Fill(cells.Area(x, y, min(w, t.sign()+cells.Width(t.Name)), 1)) // over whatever it slides past
	if !t.bare {
		c.Text(x, y, glyph, st)
	}
	name := cells.StylePlain
	switch {
	case sc.Focus.G == t.G && t.G != 0:
		name = cells.StyleBright | cells.StyleBold
	case t.Look == scene.LookEnded:
		name = cells.StyleEnded
	}
	badge := t.badge
	room := w - t.sign() - badgeWidth(badge)
	if room < min(cells.Width(t.Name), 4) { // the name matters more
		badge, room = "", w-t.sign()
	}
	end := x + t.sign()
	if room >= 3 || cells.Width(t.Name) <= room { // less would not identify it
		end = c.Fit(end, y, room, t.Name, name)
	}
	if badge != "" {
		end = c.Text(end, y, " "+badge, st)
	}
	if t.under || t.H >= 4 {
		note := "  " + t.note
		if cells.Width(note) > w {
			note = pointed(t.note)
		}
		c.Fit(x, y+1, w, note, cells.StyleDim)
		return
	}
	if left := w - (end - x) - 1; t.note != "" && left >= min(cells.Width(t.note), 10) {
		note := t.note
		if cells.Width(note) > left {
			note = pointed(note)
		}
		c.Text(end, y, " "+wording.ShortenLast(note, left), cells.StyleDim)
	}
}

// pointed returns a note with its words replaced by an arrow: "wants fork-1".
func pointed(note string) string {
	for _, word := range [...]string{"for ", "wants "} {
		if name, ok := strings.CutPrefix(note, word); ok {
			return "→ " + name
		}
	}
	return note
}

// sign returns the width of the sign, with the blank after it.
func (t *Token) sign() int {
	if t.bare {
		return 0
	}
	return 2
}

// badgeWidth returns the width of a badge, with the blank before it.
func badgeWidth(badge string) int {
	if badge == "" {
		return 0
	}
	return 1 + cells.Width(badge)
}

// A seat is a place for a token. A seat without a goroutine is a free place.
type seat struct {
	g           int64
	look        scene.Look
	badge, note string
}

// A seating is an arrangement of seats.
type seating struct {
	boxed bool // in boxes, if there is room
	right bool // right-aligned, with the first on the right
	mid   bool // vertically centered
	flush bool // right-aligned, with the first on the left
	empty int  // the number of free places after the seats
}

// wide returns the width that the widest of seats needs, without a box.
func (st *stage) wide(seats []seat, how seating) int {
	want := 4
	if how.empty > 0 {
		want = max(want, 2+st.widest())
	}
	for _, s := range seats[:min(len(seats), 64)] {
		w := 2
		if s.g != 0 {
			w += cells.Width(st.sc.Name(s.g))
		} else {
			w += st.widest() // leave room for the next goroutine
		}
		if s.badge != "" {
			w += 1 + cells.Width(s.badge)
		}
		want = max(want, w)
	}
	return want
}

// widest returns the width of the longest name among the first goroutines.
func (st *stage) widest() int {
	w := 4
	gs := st.sc.State.Goroutines()
	for _, g := range gs[:min(len(gs), 64)] {
		w = max(w, cells.Width(st.sc.Name(g.ID)))
	}
	return min(w, 16)
}

// seat places the seats in area: as boxes, as lines, or if they are too many, as a count for each look. It returns the leftmost
// column used, or if none is, the column from which area is filled.
func (st *stage) seat(area cells.Rect, obj trace.ID, seats []seat, how seating) int {
	if len(seats) == 0 && how.empty == 0 || area.W < 3 || area.H < 1 {
		if how.right {
			return area.X + area.W
		}
		return area.X
	}
	if room := area.W * area.H; len(seats) > room || how.empty > room-len(seats) { // certainly too many
		st.counts(area, obj, seats, how)
		return area.X
	}
	want := st.wide(seats, how)
	if how.empty > 0 {
		seats = append(slices.Clip(seats), make([]seat, how.empty)...)
		how.empty = 0
	}
	if how.boxed || st.sc.Large {
		first := len(st.Tokens)
		w, h := boxSize(area, len(seats), want, st.widest()+len("  by "))
		if st.sc.Large {
			w, h = largeSize(area, len(seats), want, w, h)
		}
		if w > 0 {
			left := st.boxes(area, obj, seats, how, w, h)
			for i := first; i < len(st.Tokens); i++ {
				st.Tokens[i].airy = w >= want+4
			}
			return left
		}
	}
	per := (len(seats) + area.H - 1) / area.H
	if w := area.W / per; w >= min(want, 9) {
		return st.linesOf(area, obj, seats, how, per, min(w, want+2), want)
	}
	st.counts(area, obj, seats, how)
	return area.X
}

// boxSize returns the size of boxes for n seats that each need want cells inside, or 0 if there is no room for boxes. Boxes are
// as roomy as possible without taking another row, and have a line for a note if there is plenty of room.
func boxSize(area cells.Rect, n, want, note int) (w, h int) {
	const roomy = 15
	if each := area.W / n; area.H >= 16 && each >= max(want+2, roomy) {
		return min(each, max(want, note)+4), 4
	}
	tight, airy := min(want+2, 18), min(want+4, 22)
	per := min(area.W/tight, n)
	if per == 0 || (n+per-1)/per > area.H/3 {
		return 0, 0
	}
	rows := (n + per - 1) / per
	per = (n + rows - 1) / rows
	return min(area.W/per, airy), 3
}

// The heights of boxes, and of large ones.
const (
	boxH   = 3
	largeH = 5
)

// largeSize returns the size of large boxes if there is room for n of them, and otherwise w and h.
func largeSize(area cells.Rect, n, want, w, h int) (int, int) {
	large := want + 8
	per := min(n, area.W/large)
	if per == 0 || (n+per-1)/per*largeH > area.H {
		return w, h
	}
	return large, largeH
}

// boxes places the seats in boxes of w × h cells, in rows.
func (st *stage) boxes(area cells.Rect, obj trace.ID, seats []seat, how seating, w, h int) int {
	left := area.X + area.W
	per := min(area.W/w, len(seats))
	rows := (len(seats) + per - 1) / per
	per = (len(seats) + rows - 1) / rows
	y := area.Y
	if how.mid {
		y += (area.H - rows*h) / 2
	}
	for i, s := range seats {
		x := area.X + i%per*w
		switch {
		case how.right:
			x = area.X + area.W - (i%per+1)*w
		case how.flush:
			x += area.W - per*w
		}
		st.sit(x, y+i/per*h, w, h, obj, s)
		left = min(left, x)
	}
	return left
}

// linesOf places the seats in lines, in columns of w cells, per in a row; a single column has the whole width.
func (st *stage) linesOf(area cells.Rect, obj trace.ID, seats []seat, how seating, per, w, want int) int {
	left := area.X + area.W
	rows := (len(seats) + per - 1) / per
	if per == 1 && !how.right {
		w = area.W
	}
	pitch := 1
	for _, s := range seats {
		if per == 1 && rows*2 <= area.H && s.note != "" && cells.Width(s.note)+want+2 > w {
			pitch = 2 // the notes go below
		}
	}
	tokenW := w - 1
	if per == 1 {
		tokenW = w
	}
	y := area.Y
	if how.mid {
		y += (area.H - rows*pitch) / 2
	}
	for i, s := range seats {
		x := area.X + i/rows*w
		if how.right {
			x = area.X + area.W - (i/rows+1)*w
		}
		st.sit(x, y+i%rows*pitch, tokenW, 1, obj, s)
		if n := len(st.Tokens); pitch == 2 && n > 0 && s.g != 0 {
			st.Tokens[n-1].under = s.note != ""
		}
		left = min(left, x)
	}
	return left
}

// sit places one seat.
func (st *stage) sit(x, y, w, h int, obj trace.ID, s seat) {
	if s.g == 0 {
		if h >= 3 {
			st.Frame(cells.Area(x, y, w, h), cells.Dashed, cells.StyleLine)
		} else {
			st.Text(x, y, cells.PermitUsed, cells.StyleLine)
		}
		return
	}
	if g := st.sc.State.Goroutine(s.g); h >= 4 && s.note == "" && g != nil && g.Status == timeline.StatusWaiting {
		s.note = wording.Lasted(st.sc.Now - g.Since)
	}
	st.add(Token{G: s.g, Obj: obj, X: x, Y: y, W: w, H: h, Look: s.look, Name: st.sc.Name(s.g), badge: s.badge, note: s.note})
}

// counts draws the number of seats with each look and the number of free seats, with a bar for each if there is a line for it. A
// goroutine in focus is drawn by itself, and so is the only one with its look.
func (st *stage) counts(area cells.Rect, obj trace.ID, seats []seat, how seating) {
	var count [scene.LookFailed + 1]int // by look; no goroutine with a seat is absent, so LookAbsent counts the free places
	count[scene.LookAbsent] = how.empty
	for _, s := range seats {
		if s.g == 0 {
			count[scene.LookAbsent]++
		} else {
			count[s.look]++
		}
	}
	var single []seat
	if st.Counted == nil {
		st.Counted = make(map[int64]bool, len(seats))
	}
	for _, s := range seats {
		if s.g == 0 {
			continue
		}
		st.placed(s.g)
		if count[s.look] == 1 || s.g == st.sc.Focus.G {
			single = append(single, s)
		}
	}
	var looks []scene.Look // the looks that are counted, the most important first
	for l := scene.LookFailed; ; l-- {
		if n := count[l]; n > 1 || n == 1 && l == scene.LookAbsent {
			looks = append(looks, l)
		}
		if l == scene.LookAbsent {
			break
		}
	}
	n := len(looks) + len(single)
	per := (n + area.H - 1) / area.H // side by side if there are more than lines
	w := area.W / max(1, per)
	rows := (n + per - 1) / max(1, per)
	y := area.Y
	if how.mid {
		y += max(0, (area.H-rows)/2)
	}
	all := len(seats) + how.empty
	for i := range n {
		at := cells.Area(area.X+i%per*w, y+i/per, w, 1)
		if i < len(looks) {
			st.counted(at, looks[i], count[looks[i]], all)
		} else {
			st.sit(at.X, at.Y, max(1, w-1), 1, obj, single[i-len(looks)])
		}
	}
}

// counted draws a line for the n goroutines, out of the given number, that have look l.
func (st *stage) counted(r cells.Rect, l scene.Look, n, of int) {
	glyph, style := scene.GlyphOf(l)
	if l == scene.LookAbsent {
		glyph, style = cells.PermitUsed, cells.StyleDim
	}
	text := glyph
	if n > 1 {
		text += " ×" + strconv.Itoa(n)
	}
	x := st.Text(r.X, r.Y, text+" ", style)
	st.Bar(cells.Area(x, r.Y, min(32, r.X+r.W-x), 1), float64(n)/float64(of), style)
}
