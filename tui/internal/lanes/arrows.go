package lanes

import (
	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/scene"
)

// arrows draws, beside the playhead, arrows from a goroutine to those that it has just woken.
func (l *Lanes) arrows(c *cells.Canvas, sc *scene.Scene) {
	x := l.column(l.ax.at)
	if x < 0 || x > l.area.W {
		return
	}
	waker, woken := l.woken(sc)
	if len(woken) == 0 {
		return
	}
	mirror := x+2 >= l.area.W
	step, down, up, side, end := 1, "╮", "╯", "├", "▸"
	last, first := "╰", "╭"
	if mirror {
		step, down, up, side, end = -1, "╭", "╰", "┤", "◂"
		last, first = "╯", "╮"
	}
	const st = cells.StyleReleased | cells.StyleBold
	x += l.area.X
	by, low, high := -1, len(l.rows), -1
	for i := range l.rows {
		if g := l.rows[i].g; g != nil && g.ID == waker {
			by = i
		}
	}
	for _, i := range append(woken, by) {
		if i >= 0 {
			low, high = min(low, i), max(high, i)
		}
	}
	y := func(i int) int { return l.area.Y + 1 + i }
	if by < 0 && low == high || by >= 0 && low == high {
		c.Put(x+step, y(low), "─", 1, st)
	}
	own := map[bool]string{false: "┤", true: "├"}[mirror]
	switch by {
	case low:
		own = down
	case high:
		own = up
	}
	for i := low; i <= high && low < high; i++ {
		s := "│"
		switch i {
		case by:
			s = own
		case high:
			s = last
		case low:
			s = first
		}
		c.Put(x+step, y(i), s, 1, st)
	}
	for _, i := range woken {
		if i > low && i < high {
			c.Put(x+step, y(i), side, 1, st)
		}
		c.Put(x+2*step, y(i), end, 1, st)
	}
}

// woken returns the rows of the goroutines that one goroutine has just woken, and that goroutine; 0 if it is not known.
func (l *Lanes) woken(sc *scene.Scene) (waker int64, rows []int) {
	latest := int32(-1)
	for i := range l.rows {
		r := &l.rows[i]
		if r.lane == nil || r.g == nil {
			continue
		}
		by, from, ok := r.lane.FreedAt(sc.N)
		if !ok || sc.Pos+sc.Ease-sc.Clock.PosOf(int(from)) >= scene.FreshFor {
			continue
		}
		switch {
		case by == waker && rows != nil:
			rows, latest = append(rows, i), max(latest, from)
		case from > latest:
			waker, rows, latest = by, []int{i}, from
		}
	}
	return waker, rows
}
