package tui

import (
	"fmt"
	"slices"
	"strings"

	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/wording"
)

// saidStyles are the styles of the kinds of log line.
var saidStyles = [...]cells.Style{
	SaidCommand: cells.StyleBright, SaidOutcome: cells.StyleRunning, SaidWaits: cells.StyleWaiting, SaidAsks: cells.StyleAccent, SaidNote: cells.StyleDim, SaidWrong: cells.StyleTrouble | cells.StyleBold,
}

var saidMarks = [...]string{SaidCommand: "", SaidOutcome: "→ ", SaidWaits: cells.GlyphWaiting + " ", SaidAsks: "● ", SaidNote: "", SaidWrong: cells.GlyphTrouble + " "}

// drawSaid draws the end of the log into r.
func (b *sandboxUI) drawSaid(c *cells.Canvas, r cells.Rect) {
	if r.W == 0 || r.H == 0 {
		return
	}
	body := r
	if r.H >= 3 {
		heading(c, r, "what you did, as Go", "", false)
		body = r.Lines(1, r.H-1)
	}
	type row struct {
		text string
		st   cells.Style
	}
	var rows []row
	for i := len(b.now.Said) - 1; i >= 0 && len(rows) < body.H; i-- {
		s := &b.now.Said[i]
		text := saidMarks[s.Sort] + s.Text
		switch {
		case s.Sort != SaidCommand && i > 0 && b.now.Said[i-1].Who == s.Who:
			text = "  " + text
		case s.Who != "":
			text = s.Who + ": " + text
		}
		for _, l := range slices.Backward(cells.Wrap(cells.Clean(text), body.W-2)) {
			rows = append(rows, row{l, saidStyles[s.Sort]})
		}
	}
	if len(rows) == 0 {
		for _, l := range slices.Backward(cells.Wrap("n makes an object, g starts a goroutine, and a digit lets it call something", body.W-2)) {
			rows = append(rows, row{l, cells.StyleDim})
		}
	}
	rows = rows[:min(len(rows), body.H)]
	for i, l := range rows {
		c.Text(body.X+1, body.Y+len(rows)-1-i, cells.Truncate(l.text, body.W-1), l.st)
	}
}

// draw draws the input line and the completions over the bottom of the screen.
func (b *sandboxUI) draw(c *cells.Canvas) {
	b.caret, b.lines = nil, b.lines[:0]
	if !b.open {
		return
	}
	const most = 12
	w := 110
	if c.W < 140 { // too little would remain visible beside it
		w = c.W
	}
	n := min(len(b.found), most, c.H-8)
	r := cells.Area((c.W-w)/2, c.H-n-4, w, n+3)
	c.Clear(cells.Area(r.X-1, r.Y, r.W+2, r.H))
	c.Frame(r, cells.Round, cells.StyleAccent)
	title := " what should happen? "
	if who, _, told := strings.Cut(b.line.Value(), ":"); told && !strings.Contains(who, " ") {
		title = " what should " + cells.Clean(who) + " do? "
	}
	c.Text(r.X+2, r.Y, cells.Truncate(title, w-4), cells.StyleAccent|cells.StyleBold)
	if len(b.found) > n {
		c.Right(r.X+r.W-2, r.Y, fmt.Sprintf(" %d of %d ", n, len(b.found)), cells.StyleDim)
	}
	in := r.Inset()
	from := cells.Clamp(b.at-n/2, 0, max(0, len(b.found)-n))
	textW := 0
	for _, s := range b.found[from : from+n] {
		textW = max(textW, cells.Width(cells.Clean(s.Text)))
	}
	textW = min(textW, in.W*3/5)
	for i, s := range b.found[from : from+n] {
		row := in.Row(i)
		b.lines = append(b.lines, viewLine{row, from + i})
		st := cells.StylePlain
		if from+i == b.at {
			c.Tint(row, cells.StyleOnSelected)
			st = cells.StyleBright | cells.StyleBold
		}
		c.Fit(row.X+1, row.Y, textW, cells.Clean(s.Text), st)
		c.Text(row.X+textW+3, row.Y, wording.Abridged(cells.Clean(s.About), row.W-textW-4), cells.StyleDim)
	}
	y := in.Y + n
	x := c.Text(in.X+1, y, "▸ ", cells.StyleAccent|cells.StyleBold)
	text := cells.Clean(b.line.Value())
	at := cells.Width(cells.Clean(string([]rune(b.line.Value())[:b.line.Position()])))
	if over := at - (in.W - 5); over > 0 {
		text, at = string([]rune(text)[min(over, len([]rune(text))):]), at-over
	}
	c.Text(x, y, cells.Truncate(text, in.W-4), cells.StyleBright)
	b.caret = &cells.Point{X: x + at, Y: y}
}
