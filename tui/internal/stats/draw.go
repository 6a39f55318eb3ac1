package stats

import (
	"fmt"
	"strconv"
	"time"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
)

// Draw draws the statistics of tl into r; live reports whether more events may come.
func (t *Tables) Draw(c *cells.Canvas, r cells.Rect, tl *timeline.Timeline, live bool) {
	t.make(tl.Len(), !live)
	t.area, t.hits = r, t.hits[:0]
	c.Frame(r, cells.Round, cells.StyleLine)
	x := r.X + 1
	for i, title := range [...]string{"objects", "goroutines", "warnings"} {
		st := cells.StyleDim
		if i == t.table {
			st = cells.StyleAccent | cells.StyleBold
		}
		n := t.len(i)
		if i == ofWarnings && n > 0 && i != t.table {
			st = cells.StyleTrouble
		}
		from := x
		x = c.Text(x, r.Y, fmt.Sprintf(" %s %d ", title, n), st)
		t.hits = append(t.hits, hit{cells.Area(from, r.Y, x-from, 1), func() bool { t.table = i; return false }})
		x = c.Text(x, r.Y, "─", cells.StyleLine)
	}
	note := fmt.Sprintf(" all %d events, sorted by %s ", t.made, t.sorted(t.table))
	if all := tl.Len(); t.sum.Len() < all {
		note = fmt.Sprintf(" %d %% of the events ", 100*t.sum.Len()/max(1, all))
	} else if live {
		note = fmt.Sprintf(" so far, sorted by %s ", t.sorted(t.table))
	}
	if cells.Width(note) < r.X+r.W-x-2 {
		c.Right(r.X+r.W-2, r.Y, note, cells.StyleDim)
	}
	in := r.Inset()
	in.X, in.W = in.X+1, in.W-2
	if t.made == 0 {
		c.Text(in.X, in.Y, cells.Truncate("Adding up …", in.W), cells.StyleDim)
		return
	}
	if !t.together(in.H) {
		t.drawTableOf(c, in, tl, t.table)
		return
	}
	for table := range tables {
		h := 2 + max(1, t.len(table))
		if table == tables-1 {
			h = in.H
		}
		t.drawTableOf(c, in.Lines(0, h), tl, table)
		in = in.Lines(h, in.H-h)
	}
}

// drawTableOf draws one of the tables into in.
func (t *Tables) drawTableOf(c *cells.Canvas, in cells.Rect, tl *timeline.Timeline, table int) {
	rows := max(1, in.H-1)
	if table == t.table {
		t.rows = rows
	}
	n := t.len(table)
	t.at[table] = cells.Clamp(t.at[table], 0, max(0, n-1))
	at, offset := t.at[table], &t.offset[table]
	*offset = cells.Clamp(max(min(*offset, at), at-rows+1), 0, max(0, n-rows))
	for i := range min(rows, n-*offset) {
		t.hits = append(t.hits, hit{in.Row(1 + i), func() bool {
			at := t.offset[table] + i
			again := t.table == table && t.at[table] == at
			t.table, t.at[table] = table, at
			return again
		}})
	}
	if n > rows {
		c.Right(in.X+in.W, in.Y+in.H, fmt.Sprintf(" %d–%d of %d ", *offset+1, min(n, *offset+rows), n), cells.StyleDim)
	}
	switch {
	case n == 0:
		c.Text(in.X, in.Y, cells.Truncate([...]string{"There were no waits and no holds.", "There are no goroutines.", "There are no warnings."}[table], in.W), cells.StyleDim)
	case table == ofObjects:
		end, by := tl.End(), 0
		for i := range t.objects[:min(n, mostMeasured)] {
			by = max(by, cells.Width(t.userOf(&t.objects[i])))
		}
		drawTable(c, in, t, table, t.objects, objectColumns(), func(o *timeline.ObjectStats, more cells.Rect, head bool) {
			t.drawUse(c, o, more, end, by, head)
		})
	case table == ofGoroutines:
		drawTable(c, in, t, table, t.gs, goroutineColumns(), func(g *timeline.GoroutineStats, more cells.Rect, head bool) {
			if !head && more.W >= 10 && g.Waiting > 0 {
				c.Bar(cells.Area(more.X, more.Y, min(more.W, 32), 1), waitedPart(g), cells.StyleWaiting)
			} else if head {
				c.Text(more.X, more.Y, cells.Truncate("time spent waiting", more.W), cells.StyleDim)
			}
		})
	default:
		t.drawWarnings(c, in)
	}
}

// waitedPart returns the fraction of its time that g has waited.
func waitedPart(g *timeline.GoroutineStats) float64 {
	all := float64(g.Waiting) + float64(g.Running)
	if all <= 0 {
		return 0
	}
	return float64(g.Waiting) / all
}

// userOf returns the name of the goroutine that held o longest; "" if no goroutine has held it.
func (t *Tables) userOf(o *timeline.ObjectStats) string {
	if o.LongestUse.At == 0 {
		return ""
	}
	return cells.Clean(t.sum.GName(o.LongestUse.G))
}

// drawUse draws the name of the goroutine that held o longest, in at most by cells, and the length of its queue over time.
func (t *Tables) drawUse(c *cells.Canvas, o *timeline.ObjectStats, r cells.Rect, end time.Duration, by int, head bool) {
	by = cells.Clamp(by, 12, max(12, r.W*2/5))
	queue := r
	if r.W >= 2*by {
		queue = r.Cols(by+1, r.W)
	}
	if head {
		if queue != r {
			c.Text(r.X, r.Y, "by", cells.StyleDim)
		}
		title := "queue over time"
		if queue.W < cells.Width(title) {
			title = "queue"
		}
		c.Text(queue.X, queue.Y, cells.Truncate(title, queue.W), cells.StyleDim)
		return
	}
	if queue != r {
		c.Fit(r.X, r.Y, by, t.userOf(o), cells.StyleHolding)
	}
	w := min(queue.W, 64)
	if o.MaxQueue == 0 {
		return
	}
	most := fmt.Sprintf(" ≤ %d", o.MaxQueue)
	if w > cells.Width(most)+6 {
		w -= cells.Width(most)
		c.Text(queue.X+w, queue.Y, most, cells.StyleDim)
	}
	drawSpark(c, cells.Area(queue.X, queue.Y, w, 1), o.Queue(w, end), o.MaxQueue)
}

// drawSpark draws ns as a sparkline; none of them exceeds top.
func drawSpark(c *cells.Canvas, r cells.Rect, ns []int, top int) {
	for i, n := range ns {
		if i >= r.W {
			return
		}
		ch, st := "·", cells.StyleLine
		if n > 0 {
			ch, st = cells.Level(n, top), cells.StyleWaiting
		}
		c.Put(r.X+i, r.Y, ch, 1, st)
	}
}

// warningNames are the names of the kinds of warning.
var warningNames = map[timeline.WarningKind]string{
	timeline.WarningNotifiedNobody: "lost signal", timeline.WarningHeldLong: "held long", timeline.WarningBothOrders: "both orders",
	timeline.WarningGaveUp: "gave up", timeline.WarningNeverRanAgain: "not resumed",
}

func (t *Tables) drawWarnings(c *cells.Canvas, r cells.Rect) {
	const kind, event = 12, 8
	c.Right(r.X+event, r.Y, "event", cells.StyleDim)
	c.Text(r.X+event+2, r.Y, "warning", cells.StyleDim)
	from := t.offset[ofWarnings]
	for i := range min(max(1, r.H-1), len(t.warnings)-from) {
		w := &t.warnings[from+i]
		row := r.Row(1 + i)
		if t.table == ofWarnings && from+i == t.at[ofWarnings] {
			c.Tint(row, cells.StyleOnSelected)
		}
		c.Right(row.X+event, row.Y, strconv.Itoa(w.At), cells.StyleDim)
		x := row.X + event + 2
		c.Text(x, row.Y, warningNames[w.Kind], cells.StyleTrouble)
		x += kind
		c.Text(x, row.Y, cells.Truncate(cells.Clean(w.Text), row.X+row.W-x), cells.StylePlain)
	}
	// If the warning under the cursor is cut, it is repeated in full at the bottom, if there is room.
	text := cells.Clean(t.warnings[t.at[ofWarnings]].Text)
	lines, left := cells.Wrap(text, r.W), r.H-2-len(t.warnings)
	if cells.Width(text) > r.W-event-2-kind && left > len(lines) {
		for i, s := range lines {
			c.Text(r.X, r.Y+r.H-len(lines)+i, s, cells.StylePlain)
		}
	}
}
