package tui

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/wording"
)

// A stepTable has the widths of the columns of a table of steps.
type stepTable struct {
	numW, whoW, whatW int
	width             int  // the width at which nothing is cut
	short             bool // show only the sign of a wait
}

// tableOf returns the columns of a table of steps in which nothing is cut; marked makes room for a mark before the numbers.
func tableOf(steps []Step, marked bool) stepTable {
	t := stepTable{numW: max(2, len(strconv.Itoa(len(steps)))), whoW: 4, whatW: 4}
	if marked {
		t.numW = max(5, t.numW+2)
	}
	for i := range steps {
		t.whoW = max(t.whoW, cells.Width(cells.Clean(steps[i].Who)))
		t.whatW = max(t.whatW, cells.Width(cells.Clean(steps[i].What)))
	}
	t.width = t.measured(steps)
	return t
}

// within returns the columns at a width of w cells, abbreviated if they do not fit.
func (t stepTable) within(w int, steps []Step, marked bool) stepTable {
	if t.width <= w {
		return t
	}
	t.short = true
	if marked {
		t.numW = len(strconv.Itoa(len(steps))) + 1
	}
	t.whoW, t.whatW = min(t.whoW, w*2/5), min(t.whatW, w/2)
	t.width = t.measured(steps)
	return t
}

// measured returns the width of the widest row.
func (t *stepTable) measured(steps []Step) int {
	w := 0
	for i := range steps {
		s := &steps[i]
		row := t.numW + 3 + t.whoW + t.whatW
		if note := t.note(s); note != "" {
			row += 1 + cells.Width(note)
		}
		if where := placeOf(s); where != "" {
			row += 1 + cells.Width(where)
		}
		w = max(w, row+1)
	}
	return w
}

// placeOf returns the position of s, without the directory.
func placeOf(s *Step) string { return cells.Clean(s.Where[strings.LastIndexByte(s.Where, '/')+1:]) }

// note returns the note of s.
func (t *stepTable) note(s *Step) string {
	if t.short && s.Note == "waits" {
		return cells.GlyphWaiting
	}
	return cells.Clean(s.Note)
}

// drawSteps draws a table of steps, starting with step from, with a title; at is the number of steps made, or -1.
func drawSteps(c *cells.Canvas, r cells.Rect, title string, steps []Step, from, at int) {
	body := r
	if title != "" {
		if room := r.H - 1; len(steps) > room {
			title += fmt.Sprintf(" · %d–%d", from+1, min(len(steps), from+room))
		}
		c.Text(r.X, r.Y, cells.Truncate(title, r.W), cells.StyleBright|cells.StyleBold)
		body = r.Lines(1, r.H-1)
	}
	t := tableOf(steps, at >= 0).within(r.W, steps, at >= 0)
	for i := 0; i < body.H && from+i < len(steps); i++ {
		s, y := &steps[from+i], body.Y+i
		st, dim := cells.StylePlain, cells.StyleDim
		switch {
		case at >= 0 && from+i >= at:
			st = cells.StyleDim // it has not been made yet
		case from+i == at-1:
			st = cells.StyleBright | cells.StyleBold
			c.Text(body.X, y, "▸", cells.StyleAccent|cells.StyleBold)
		}
		c.Right(body.X+t.numW, y, strconv.Itoa(from+i+1), dim)
		c.Fit(body.X+t.numW+1, y, t.whoW, cells.Clean(s.Who), st)
		x := body.X + t.numW + 3 + t.whoW
		end := body.X + body.W
		x = max(x+t.whatW, c.Text(x, y, shortOp(cells.Clean(s.What), end-x), st)) + 1
		if note := t.note(s); note != "" && x+1+cells.Width(note) <= end {
			x = c.Text(x+1, y, note, cells.StyleWaiting)
		}
		if where := placeOf(s); x+9 <= end || x+1+cells.Width(where) <= end {
			c.Text(x+1, y, cells.Shorten(where, end-x-1), dim)
		}
	}
}

// shortOp shortens an operation, such as "LockContext fork-1", to n cells. It cuts the operation rather than the name of the
// object.
func shortOp(s string, n int) string {
	op, obj, ok := strings.Cut(s, " ")
	if left := n - 1 - cells.Width(obj); ok && cells.Width(s) > n && left >= 3 {
		return cells.Truncate(op, left) + " " + obj
	}
	return cells.Truncate(s, n)
}

// measure returns the length of a schedule and the number of its context switches.
func measure(steps []Step) string {
	switches := 0
	for i := 1; i < len(steps); i++ {
		if steps[i].Who != steps[i-1].Who {
			switches++
		}
	}
	word := "switches"
	if switches == 1 {
		word = "switch"
	}
	return fmt.Sprintf("%s, %d %s", wording.Plural(len(steps), "step"), switches, word)
}

// drawTable draws the steps made and undone, in place of the events.
func (w *driveState) drawTable(c *cells.Canvas, r cells.Rect) {
	steps := w.tree.steps(w.all())
	n := len(w.now.Made)
	if len(steps) == 0 {
		heading(c, r, "steps", "none yet", false)
		return
	}
	heading(c, r, "steps", fmt.Sprintf("%d of %d", n, len(steps)), false)
	room := r.H - 1
	drawSteps(c, r.Lines(1, r.H-1), "", steps, cells.Clamp(n-room/2-1, 0, max(0, len(steps)-room)), n)
}

// The minimum size of a stage beside or below a table of steps.
const (
	leastStageW = 44
	leastStageH = 13
)

// besideTable divides r between a table of w × h cells and a stage, which is beside it or below it. The stage is empty if there
// is no room for it.
func besideTable(r cells.Rect, w, h int) (table, stage cells.Rect) {
	switch {
	case r.W-w-2 >= leastStageW && r.H >= leastStageH:
		return r.Cols(0, w), r.Cols(w+2, r.W-w-2)
	case r.H-h-1 >= leastStageH:
		return r.Lines(0, h), r.Lines(h+1, r.H-h-1)
	}
	return r, cells.Rect{}
}

// drawAll draws the table of steps over the stage, and the stage after the step under the cursor.
func (w *driveState) drawAll(c *cells.Canvas, r cells.Rect) {
	steps := w.tree.steps(w.all())
	n := len(w.now.Made)
	in := w.box(c, r, fmt.Sprintf(" steps · %d of %d ", n, len(steps)), "enter goes there")
	w.at = cells.Clamp(w.at, 0, len(steps))
	width := max(tableOf(steps, true).width, len("     0 the beginning"))
	in, stage := besideTable(in, width, len(steps)+1)
	numW := tableOf(steps, true).within(in.W, steps, true).numW
	from := cells.Clamp(w.at-in.H/2, 0, max(0, len(steps)+1-in.H)) // the beginning is a line, too
	w.more(c, r, from, in.H, len(steps)+1)
	for i := from; i < from+in.H && i <= len(steps); i++ {
		row := in.Row(i - from)
		if i == w.at {
			c.Tint(row, cells.StyleOnSelected)
		}
		w.lines = append(w.lines, viewLine{row, i})
	}
	w.drawPreview(c, stage)
	if from == 0 {
		st := cells.StylePlain
		if n == 0 {
			st = cells.StyleBright | cells.StyleBold
			c.Text(in.X, in.Y, "▸", cells.StyleAccent|cells.StyleBold)
		}
		c.Right(in.X+numW, in.Y, "0", cells.StyleDim)
		c.Text(in.X+numW+1, in.Y, "the beginning", st)
		in = in.Lines(1, in.H-1)
	}
	drawSteps(c, in, "", steps, max(0, from-1), n)
}

// drawSide draws the failing schedule beside the shortest one, or above it if there is no room for that, and how each ends,
// or where yours is if it has not ended.
func (w *driveState) drawSide(c *cells.Canvas, r cells.Rect, p *player) {
	in := w.box(c, r, " your schedule beside the shortest found ", "")
	yours := w.tree.steps(w.now.Made)
	var theirs []Step
	note := w.sideNote
	switch {
	case w.shortest != nil:
		if theirs = w.shortest.Steps; theirs == nil {
			note = "a failing run, recorded without its steps"
		}
	case w.seeking:
		note = "looking for the shortest schedule … " + w.sought.said() + "; esc cancels"
	case note == "":
		note = "no other is known"
	}
	width := max(tableOf(yours, false).width, tableOf(theirs, false).width)
	half := (in.W - 2) / 2
	top, below := in.Cols(0, half), in.Cols(half+2, in.W-half-2)
	if width > half { // one above the other
		h := 1 + len(yours)
		if theirs == nil {
			h = min(h, in.H-1-len(cells.Wrap(cells.Clean(note), in.W)))
		} else if rest := 2 + len(theirs); h > in.H-rest {
			h = max(min(h, in.H/2), in.H-rest)
		}
		top, below = in.Lines(0, h), in.Lines(h+1, in.H-h-1)
	}
	high := 1 + max(len(yours), len(theirs))
	mine, end := besideTable(top, width, high)
	other, otherEnd := besideTable(below, width, high)
	w.at = cells.Clamp(w.at, 0, max(0, len(yours)-mine.H+1, len(theirs)-other.H+1))
	drawSteps(c, mine, "yours: "+measure(yours), yours, min(w.at, max(0, len(yours)-mine.H+1)), -1)
	title := "how it ends"
	if len(w.now.Choices) > 0 {
		title = afterStep(len(w.now.Made))
	}
	drawMoment(c, end, title, p.rec, p.rec.Len(), nil)
	if theirs == nil {
		lines := cells.Wrap(cells.Clean(note), below.W)
		for i, l := range lines {
			c.Text(below.X, below.Y+i, l, cells.StyleDim)
		}
		if otherEnd = below.Lines(len(lines)+1, below.H-len(lines)-1); otherEnd.H < leastStageH {
			return
		}
	} else {
		drawSteps(c, other, "the shortest found: "+measure(theirs), theirs, min(w.at, max(0, len(theirs)-other.H+1)), -1)
	}
	if rec := w.endOfShortest(); rec != nil {
		drawMoment(c, otherEnd, "how it ends", rec, rec.Len(), nil)
	}
}
