package tui

import (
	"fmt"
	"slices"
	"strings"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/wording"
)

// A listRow is a line of the list: a goroutine, and its choice if the user drives.
type listRow struct {
	g      *timeline.Goroutine // nil: it has not started yet
	choice int                 // an index; -1: none
}

// rowsOf returns the lines of the list: each goroutine once, or once for each of its choices.
func rowsOf(gs []*timeline.Goroutine, choices []Choice) []listRow {
	rows := make([]listRow, 0, len(gs)+len(choices))
	for _, g := range gs {
		n := len(rows)
		for i := range choices {
			if choices[i].G == g.ID {
				rows = append(rows, listRow{g, i})
			}
		}
		if len(rows) == n {
			rows = append(rows, listRow{g, -1})
		}
	}
	for i := range choices {
		if !slices.ContainsFunc(gs, func(g *timeline.Goroutine) bool { return g.ID == choices[i].G }) {
			rows = append(rows, listRow{nil, i})
		}
	}
	return rows
}

// drawChoice draws a choice into r, with its digit in place of the goroutine's sign. It returns the buttons that make the choice.
func drawChoice(c *cells.Canvas, r cells.Rect, nameW, i int, ch *Choice) (buttons []button) {
	digit := "·"
	if i < 9 {
		digit = string(rune('1' + i))
	}
	c.Text(r.X, r.Y, digit, cells.StyleAccent|cells.StyleBold)
	c.Fit(r.X+2, r.Y, nameW, cells.Clean(ch.Name), cells.StyleBright)
	x := r.X + nameW + 4
	room := r.X + r.W - x
	end := c.Text(x, r.Y, cells.Truncate(cells.Clean(ch.What), room), cells.StyleRunning)
	if i < 9 {
		buttons = []button{{cells.Area(r.X, r.Y, 1, 1), digit}, {cells.Area(x, r.Y, end-x, 1), digit}}
	}
	where := cells.Clean(ch.Where)
	if i := strings.LastIndexByte(where, '/'); strings.Contains(where[i+1:], ".go:") {
		where = where[i+1:]
	}
	switch {
	case where == "":
	case r.H >= 2:
		c.Text(x, r.Y+1, cells.Truncate(where, room), cells.StyleDim)
	default:
		c.Text(end, r.Y, cells.Truncate(" · "+where, r.X+r.W-end), cells.StyleDim)
	}
	return buttons
}

// driving returns the message that asks for a choice or describes the current command. It reports whether there is one.
func (w *driveState) driving() (string, cells.Style, bool) {
	more := ""
	if n := len(w.ahead); n > 0 {
		more = fmt.Sprintf(" · %s typed ahead, esc clears", wording.Plural(n, "key"))
	}
	switch {
	case w.stop != nil && w.since < soon && more == "":
	case w.busy != "" && w.tried != nil && w.tried.Load() != nil:
		n := w.tried.Load()
		return fmt.Sprintf("%s: %d of %d schedules tried", w.busy, n[0], n[1]) + more, cells.StyleAccent | cells.StyleBold, true
	case w.busy != "":
		return w.busy + " …" + more, cells.StyleAccent | cells.StyleBold, true
	case more != "":
		return strings.TrimPrefix(more, " · "), cells.StyleAccent | cells.StyleBold, true
	}
	switch {
	case w.now == nil || len(w.now.Choices) == 0:
		return "", cells.StylePlain, false
	case len(w.now.Choices) == 1:
		return "one can run", cells.StyleAccent | cells.StyleBold, true
	}
	return fmt.Sprintf("%s can run: which?", wording.Number(len(w.now.Choices))), cells.StyleAccent | cells.StyleBold, true
}

// title returns the title in the header while the user drives.
func (w *driveState) title(name string) string {
	if w.now == nil {
		return name
	}
	return strings.TrimSpace(fmt.Sprintf("%s · you decide, step %d", name, len(w.now.Made)))
}
