package tui

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/turnstile-go/turnstile/tui/internal/cells"
)

// startHere is the heading of the entries in Config.First.
const startHere = "Start here"

// sorted returns the entries in the order of the list, and a heading for each: first those named in first, in that order, and
// then those of each category, in order of appearance.
func sorted(entries []Entry, first []string) (list []Entry, headings []string) {
	var order []string
	for i := range entries {
		if !slices.Contains(order, entries[i].Category) {
			order = append(order, entries[i].Category)
		}
	}
	place := func(e *Entry) int {
		if i := slices.Index(first, e.Name); i >= 0 {
			return i - len(first)
		}
		return slices.Index(order, e.Category)
	}
	list = slices.Clone(entries)
	slices.SortStableFunc(list, func(a, b Entry) int { return place(&a) - place(&b) })
	for i := range list {
		heading := list[i].Category
		if place(&list[i]) < 0 {
			heading = startHere
		}
		headings = append(headings, heading)
	}
	return list, headings
}

// A listLine is a line of the list: a heading, a line of an entry, or an empty line.
type listLine struct {
	heading string
	count   int    // the number of entries found below the heading
	entry   int    // an index of found; -1: not an entry
	text    string // a line of the title
	begins  bool   // it is the first line of the entry
}

// The columns of an entry in the list: two signs, for the selected entry and for those that the user has seen; the name, in a
// wide list; the title; and the sign of the bug.
const (
	signsW = 4
	namesW = 28
	bugW   = 2
	wideW  = namesW + 48 // the least width of a list with names
)

// titleWidth returns the width of a title in a list of w cells.
func titleWidth(w int) int {
	w -= signsW + bugW
	if w >= wideW {
		w -= namesW
	}
	return max(w, 8)
}

// lines returns the lines of the list at a width of w cells, and which of them belong to the selected entry.
func (b *browser) lines(w int) (lines []listLine, from, to int) {
	count := make(map[string]int)
	for _, e := range b.found {
		count[b.headings[e]]++
	}
	last := ""
	for i, e := range b.found {
		if h := b.headings[e]; h != last || i == 0 {
			if i > 0 {
				lines = append(lines, listLine{entry: -1})
			}
			lines = append(lines, listLine{heading: h, count: count[h], entry: -1})
			last = h
		}
		if i == b.at {
			from = len(lines)
		}
		title := b.entries[e].Title
		if title == "" {
			title = b.entries[e].Name
		}
		for k, text := range cells.Wrap(cells.Clean(title), titleWidth(w)) {
			lines = append(lines, listLine{entry: i, text: text, begins: k == 0})
		}
		if i == b.at {
			to = len(lines)
		}
	}
	return lines, from, to
}

func (b *browser) drawList(c *cells.Canvas, r cells.Rect) {
	edge := cells.StyleLine
	if !b.form.editing {
		edge = cells.StyleAccent
	}
	c.Frame(r, cells.Round, edge)
	c.Text(r.X+1, r.Y, " scenarios ", cells.StyleBright|cells.StyleBold)
	in := r.Inset()
	in.X, in.W = in.X+1, in.W-2
	if b.filtering || b.filter.Value() != "" {
		b.drawFilter(c, in.Row(0))
		in = in.Lines(2, in.H-2)
	}
	lines, from, to := b.lines(in.W)
	if len(lines) == 0 {
		c.Text(in.X, in.Y, cells.Truncate("nothing matches; esc shows all", in.W), cells.StyleDim)
		return
	}
	top := from
	if from == 1 {
		top = 0 // show the heading, too
	}
	b.offset = max(min(b.offset, top), to-in.H)
	b.offset = cells.Clamp(b.offset, 0, max(0, len(lines)-in.H))
	shown := lines[b.offset:min(len(lines), b.offset+in.H)]
	b.page = 0
	for i, ln := range shown {
		b.drawLine(c, in.Row(i), ln)
		if ln.begins {
			b.page++
		}
	}
	if b.offset > 0 {
		b.button(c, r.X+r.W-2, r.Y, " ↑ more ", keyNow("pgup", realmBrowser))
	}
	if b.offset+in.H < len(lines) {
		b.button(c, r.X+r.W-2, r.Y+r.H-1, " ↓ more ", keyNow("pgdown", realmBrowser))
	}
}

// button draws s so that it ends before column x, and makes it act like key.
func (b *browser) button(c *cells.Canvas, x, y int, s, key string) {
	c.Right(x, y, s, cells.StyleDim)
	w := cells.Width(s)
	b.buttons = append(b.buttons, button{cells.Area(x-w, y, w, 1), key})
}

func (b *browser) drawFilter(c *cells.Canvas, r cells.Rect) {
	x := c.Text(r.X, r.Y, "/ ", cells.StyleAccent|cells.StyleBold)
	c.Text(x, r.Y, cells.Truncate(cells.Clean(b.filter.Value()), r.W-3), cells.StyleBright)
	if b.filtering {
		b.caret = &cells.Point{X: min(x+b.filter.Position(), r.X+r.W-1), Y: r.Y}
	}
}

func (b *browser) drawLine(c *cells.Canvas, r cells.Rect, ln listLine) {
	if ln.entry < 0 {
		if ln.count > 0 {
			count := strconv.Itoa(ln.count)
			if ln.heading == startHere && b.seenOf(startHere) > 0 {
				count = fmt.Sprintf("%d of %d seen", b.seenOf(startHere), ln.count)
			}
			x := c.Text(r.X, r.Y, cells.Truncate(cells.Clean(ln.heading), r.W-cells.Width(count)-1), cells.StyleAccent)
			c.Text(x+1, r.Y, count, cells.StyleDim)
		}
		return
	}
	e := &b.entries[b.found[ln.entry]]
	style := cells.StylePlain
	if ln.entry == b.at {
		c.Tint(r, cells.StyleOnSelected)
		style = cells.StyleBright | cells.StyleBold
	}
	b.hits = append(b.hits, browserHit{r, ln.entry, 0})
	x := r.X + signsW
	if ln.begins {
		b.drawSigns(c, r, e, ln.entry == b.at)
	}
	if r.W-signsW-bugW >= wideW {
		if ln.begins {
			c.Fit(x, r.Y, namesW-2, cells.Clean(e.Name), style)
		}
		x += namesW
		if style == cells.StylePlain {
			style = cells.StyleDim
		}
	}
	end := c.Text(x, r.Y, ln.text, style)
	bug := e.bug()
	if bug == "" || !ln.begins {
		return
	}
	glyph, st := b.bugSign(e)
	if r.X+r.W-end > cells.Width(bug)+3 {
		c.Right(r.X+r.W, r.Y, glyph+" "+bug, st)
	} else { // the entry's description names the bug
		c.Right(r.X+r.W, r.Y, glyph, st)
	}
}

// drawSigns draws whether e is selected, and whether the user has seen it.
func (b *browser) drawSigns(c *cells.Canvas, r cells.Rect, e *Entry, chosen bool) {
	if chosen {
		c.Text(r.X, r.Y, "▸", cells.StyleAccent)
	}
	if b.marks[e.Name]&MarkSeen != 0 {
		c.Text(r.X+2, r.Y, cells.GlyphEnded, cells.StyleRunning)
	}
}

// bugSign returns the sign of the bug in e; it tells whether the user has found it.
func (b *browser) bugSign(e *Entry) (string, cells.Style) {
	if b.marks[e.Name]&MarkFound != 0 {
		return cells.GlyphEnded, cells.StyleRunning
	}
	return cells.GlyphTrouble, cells.StyleTrouble
}

// seenOf returns the number of entries found below heading that the user has seen.
func (b *browser) seenOf(heading string) (n int) {
	for _, i := range b.found {
		if b.headings[i] == heading && b.marks[b.entries[i].Name]&MarkSeen != 0 {
			n++
		}
	}
	return n
}
