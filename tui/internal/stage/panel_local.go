package stage

import (
	"strconv"
	"strings"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/wording"
)

// A Local is a table: each goroutine has its own value, and sees no other.
type localPanel struct{ *subject }

func (p localPanel) title() []string {
	return []string{"Local", wording.Plural(len(p.o.Values), "value")}
}

func (p localPanel) row() (string, cells.Style, []group) {
	var values []string
	for _, v := range p.o.Values {
		values = append(values, p.sc.Name(v.G)+" "+cells.Clean(v.Text))
	}
	return strings.Join(values, ", "), cells.StylePlain, nil
}

func (p localPanel) idle() bool { return false }

func (p localPanel) lay(r cells.Rect) {
	rows := p.values()
	nameW := 9
	for _, v := range rows {
		nameW = max(nameW, 2+cells.Width(p.sc.Name(v.G)))
	}
	nameW = min(nameW, r.W*2/5)
	x := r.X + nameW + 3
	y := r.Y
	if r.H >= 4 {
		p.Text(r.X, y, cells.Truncate("goroutine", nameW), cells.StyleDim)
		p.Text(x, y, cells.Truncate("its own value", r.W-nameW-3), cells.StyleDim)
		y++
		if r.H >= 6 {
			p.Repeat(r.X, y, r.W, "─", cells.StyleLine)
			p.Text(r.X+nameW+1, y, "┼", cells.StyleLine)
			y++
		}
	}
	room := r.Y + r.H - y
	more := 0
	if len(rows) > room {
		more = len(rows) - room + 1
		rows = rows[:max(0, room-1)]
	}
	for i, v := range rows {
		p.line(cells.Area(r.X, y+i, r.W, 1), nameW, v)
	}
	if more > 0 {
		p.Text(r.X, r.Y+r.H-1, "+"+strconv.Itoa(more)+" more", cells.StyleDim)
	}
}

// line draws a goroutine and its value. A value that was just set is bright.
func (p localPanel) line(r cells.Rect, nameW int, v localValue) {
	g := p.sc.State.Goroutine(v.G)
	p.add(Token{G: v.G, Obj: p.o.ID, X: r.X, Y: r.Y, W: nameW, H: 1, Look: p.sc.Look(g), Name: p.sc.Name(v.G)})
	p.Dim(p.sc.DimsObj(p.o) || p.sc.Dims(v.G))
	defer p.Dim(p.sc.DimsObj(p.o))
	x := r.X + nameW + 1
	p.Text(x, r.Y, "│", cells.StyleLine)
	room := r.W - nameW - 3
	switch {
	case !v.has:
		p.Text(x+2, r.Y, cells.Truncate("no value", room), cells.StyleDim)
	case p.sc.Fresh(v.Since):
		end := p.Text(x+2, r.Y, cells.Truncate(cells.Clean(v.Text), room), cells.StyleBright|cells.StyleBold)
		if left := r.X + r.W - end - 2; left >= 8 {
			p.Text(end+2, r.Y, "‹ just set", cells.StyleReleased)
		}
	default:
		p.Text(x+2, r.Y, cells.Truncate(cells.Clean(v.Text), room), cells.StylePlain)
	}
}

type localValue struct {
	timeline.Value
	has bool
}

// values returns the values, and the living goroutines without one.
func (p localPanel) values() []localValue {
	has := make(map[int64]bool, len(p.o.Values))
	var rows []localValue
	for _, v := range p.o.Values {
		has[v.G] = true
		rows = append(rows, localValue{v, true})
	}
	for _, g := range p.sc.State.Goroutines() {
		if !has[g.ID] && g.Status != timeline.StatusEnded {
			rows = append(rows, localValue{timeline.Value{G: g.ID}, false})
		}
	}
	return rows
}
