package tui

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/wording"
)

// The tables of the statistics.
const (
	ofObjects = iota
	ofGoroutines
	ofWarnings
	tables
)

// A tally is the statistics of all events that there are, as three tables.
type tally struct {
	on  bool
	sum timeline.Stats

	made     int // of how many events the tables tell
	objects  []timeline.ObjectStats
	gs       []timeline.GoroutineStats
	warnings []timeline.Warning

	table  int
	at     [tables]int // the line that is chosen
	offset [tables]int
	order  [tables]int // by which column it is sorted
	rows   int         // how many lines there was room for
	area   cells.Rect  // where they are
	hits   []hit       // what can be clicked there
}

// look looks at up to n more events of tl.
func (t *tally) look(tl *timeline.Timeline, n int) {
	if t.sum.Len() == 0 {
		t.sum.Start(tl.At(0))
	}
	events := tl.Events()
	for end := min(len(events), t.sum.Len()+n); t.sum.Len() < end; {
		t.sum.Add(events[t.sum.Len()])
	}
}

// make makes the tables anew if enough events have come since the last time. Over reports whether all have come.
func (t *tally) make(of int, over bool) {
	n := t.sum.Len()
	if n == t.made || n < of || !over && t.made > 0 && n-t.made < n/20 {
		return
	}
	t.made = n
	t.objects, t.gs, t.warnings = t.sum.Objects(), t.sum.Goroutines(), t.sum.Warnings(over)
	t.sort()
}

// A statColumn is a column of a table: its title, the order of its lines by it, the largest first, and what it says.
type statColumn[T any] struct {
	title string
	width int
	order func(a, b *T) int
	cell  func(x *T) string
	style cells.Style
}

func largest[T any, V cmp.Ordered](of func(x *T) V) func(a, b *T) int {
	return func(a, b *T) int { return cmp.Compare(of(b), of(a)) }
}

func byName[T any](of func(x *T) string) func(a, b *T) int {
	return func(a, b *T) int { return cmp.Compare(of(a), of(b)) }
}

// lastedMost returns how long s took, "" if there is none; one that still went on has a "+".
func lastedMost(s timeline.Span) string {
	switch {
	case s.At == 0:
		return ""
	case s.Goes:
		return wording.Lasted(s.Took) + "+"
	}
	return wording.Lasted(s.Took)
}

// objectColumns and goroutineColumns are what the tables say; the name comes first, and a queue last.
func objectColumns() []statColumn[timeline.ObjectStats] {
	type T = timeline.ObjectStats
	wait := func(d func(o *T) time.Duration) func(o *T) string {
		return func(o *T) string {
			if o.Waits == 0 {
				return ""
			}
			return wording.Lasted(d(o))
		}
	}
	return []statColumn[T]{
		{"object", 0, byName(func(o *T) string { return o.Name }), func(o *T) string { return o.Name }, cells.StyleBright},
		{"waits", 6, largest(func(o *T) int { return o.Waits }), func(o *T) string { return count(o.Waits) }, cells.StylePlain},
		{"now", 4, largest(func(o *T) int { return o.Waiting }), func(o *T) string { return count(o.Waiting) }, cells.StyleWaiting},
		{"total", 8, largest(func(o *T) time.Duration { return o.WaitTime }), wait(func(o *T) time.Duration { return o.WaitTime }), cells.StylePlain},
		{"p50", 8, largest(func(o *T) time.Duration { return o.P50 }), wait(func(o *T) time.Duration { return o.P50 }), cells.StylePlain},
		{"p99", 8, largest(func(o *T) time.Duration { return o.P99 }), wait(func(o *T) time.Duration { return o.P99 }), cells.StylePlain},
		{"max", 8, largest(func(o *T) time.Duration { return o.Longest.Took }), func(o *T) string { return lastedMost(o.Longest) }, cells.StyleWaiting},
		{"held", 8, largest(func(o *T) time.Duration { return o.LongestUse.Took }), func(o *T) string { return lastedMost(o.LongestUse) }, cells.StyleHolding},
	}
}

func goroutineColumns() []statColumn[timeline.GoroutineStats] {
	type T = timeline.GoroutineStats
	return []statColumn[T]{
		{"goroutine", 0, byName(func(g *T) string { return g.Name }), func(g *T) string { return g.Name }, cells.StyleBright},
		{"waits", 6, largest(func(g *T) int { return g.Waits }), func(g *T) string { return count(g.Waits) }, cells.StylePlain},
		{"waiting", 9, largest(func(g *T) time.Duration { return g.Waiting }), func(g *T) string { return wording.Lasted(g.Waiting) }, cells.StyleWaiting},
		{"running", 9, largest(func(g *T) time.Duration { return g.Running }), func(g *T) string { return wording.Lasted(g.Running) }, cells.StyleRunning},
		{"max", 8, largest(func(g *T) time.Duration { return g.Longest.Took }), func(g *T) string { return lastedMost(g.Longest) }, cells.StyleWaiting},
	}
}

func count(n int) string {
	if n == 0 {
		return "·"
	}
	return strconv.Itoa(n)
}

// sort brings the tables into the order that was chosen. At first they are sorted by what was waited in all.
func (t *tally) sort() {
	oc, gc := objectColumns(), goroutineColumns()
	if i := t.order[ofObjects]; i > 0 {
		slices.SortStableFunc(t.objects, func(a, b timeline.ObjectStats) int { return oc[i-1].order(&a, &b) })
	}
	if i := t.order[ofGoroutines]; i > 0 {
		slices.SortStableFunc(t.gs, func(a, b timeline.GoroutineStats) int { return gc[i-1].order(&a, &b) })
	}
}

// sorted returns by which column a table is sorted.
func (t *tally) sorted(table int) string {
	switch i := t.order[table]; {
	case table == ofWarnings:
		return "event"
	case i == 0 && table == ofObjects:
		return "total"
	case i == 0:
		return "waiting"
	case table == ofObjects:
		return objectColumns()[i-1].title
	default:
		return goroutineColumns()[i-1].title
	}
}

// len returns how many lines a table has.
func (t *tally) len(table int) int {
	return [...]int{len(t.objects), len(t.gs), len(t.warnings)}[table]
}

// together reports whether all tables have room in h lines, below one another.
func (t *tally) together(h int) bool {
	lines := -1
	for table := range tables {
		lines += 2 + max(1, t.len(table)) // with a heading, and a line between
	}
	return lines <= h
}

// statistics shows the statistics, or takes them away.
func (p *player) statistics() {
	if p.stats == nil {
		p.stats = new(tally)
	}
	if p.stats.on = !p.stats.on; p.stats.on {
		p.work() // a short recording need not wait for another frame
	}
}

// pressStats handles a key while the statistics are shown, and reports whether it concerned them.
func (p *player) pressStats(k tea.KeyPressMsg) bool {
	t, b := p.stats, &bindings
	switch {
	case key.Matches(k, b.stats, b.escape):
		t.on = false
	case key.Matches(k, b.tab):
		t.table = (t.table + 1) % tables
	case key.Matches(k, b.backTab):
		t.table = (t.table + tables - 1) % tables
	case key.Matches(k, b.up):
		t.choose(-1)
	case key.Matches(k, b.down):
		t.choose(1)
	case key.Matches(k, b.pageUp):
		t.choose(-max(1, t.rows-1))
	case key.Matches(k, b.pageDown):
		t.choose(max(1, t.rows-1))
	case key.Matches(k, b.even):
		columns := [...]int{len(objectColumns()), len(goroutineColumns()), 0}[t.table]
		t.order[t.table] = (t.order[t.table] + 1) % (columns + 1)
		t.made = 0 // from the beginning, so that ties stand as they did
	case key.Matches(k, b.enter):
		p.toMost()
	default:
		return false
	}
	return true
}

// choose moves what is chosen in the table by n.
func (t *tally) choose(n int) {
	t.at[t.table] = cells.Clamp(t.at[t.table]+n, 0, max(0, t.len(t.table)-1))
}

// sortBy sorts the table by column i, or as it was at first if it is sorted by that already.
func (t *tally) sortBy(i int) {
	by := i + 1
	if t.order[t.table] == by {
		by = 0
	}
	t.order[t.table] = by
	t.made = 0 // from the beginning, so that ties stand as they did
}

// toMost goes to the event at which what is chosen was at its most.
func (p *player) toMost() {
	t := p.stats
	i := t.at[t.table]
	if i >= t.len(t.table) {
		return
	}
	var n int
	switch t.table {
	case ofObjects:
		o := &t.objects[i]
		if n = o.Longest.At; n == 0 || t.sorted(ofObjects) == "held" && o.LongestUse.At > 0 {
			n = o.LongestUse.At
		}
		p.curO = o.Obj
		p.say = "The longest wait for " + cells.Clean(o.Name) + endsHere(o.Longest)
		if n == o.LongestUse.At && n != o.Longest.At {
			p.say = "The longest hold of " + cells.Clean(o.Name) + " ends here."
		}
	case ofGoroutines:
		g := &t.gs[i]
		n = g.Longest.At
		p.curG = g.G
		p.say = "The longest wait of " + cells.Clean(g.Name) + endsHere(g.Longest)
	default:
		n = t.warnings[i].At
		p.say = cells.Clean(t.warnings[i].Text)
		if g := t.warnings[i].G; g != 0 {
			p.curG = g
		}
	}
	if n == 0 {
		p.say = "It has never waited."
		return
	}
	t.on = false
	p.goTo(n)
}

// endsHere says what becomes of s where it was at its most.
func endsHere(s timeline.Span) string {
	if s.Goes {
		return " still goes on here."
	}
	return " ends here."
}

// statsKeys stand below the statistics.
var statsKeys = []keyHelp{{"enter", "to the longest"}, {"↑↓", "choose"}, {"tab", "next table"}, {"s", "sort"}, {"t", "close"}, {"?", "help"}, {"q", "back"}}

// drawStats draws the statistics into r.
func (p *player) drawStats(c *cells.Canvas, r cells.Rect) {
	t := p.stats
	t.make(p.reel.Len(), !p.live)
	t.area, t.hits = r, append(t.hits[:0], hit{r: r, do: func() {}})
	defer func() { p.hits = append(p.hits, t.hits...) }()
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
		t.hits = append(t.hits, hit{r: cells.Area(from, r.Y, x-from, 1), do: func() { t.table = i }})
		x = c.Text(x, r.Y, "─", cells.StyleLine)
	}
	note := fmt.Sprintf(" all %d events, sorted by %s ", t.made, t.sorted(t.table))
	if all := p.reel.Len(); t.sum.Len() < all {
		note = fmt.Sprintf(" %d %% of the events ", 100*t.sum.Len()/max(1, all))
	} else if p.live {
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
		p.drawTableOf(c, in, t.table)
		return
	}
	for table := range tables {
		h := 2 + max(1, t.len(table))
		if table == tables-1 {
			h = in.H
		}
		p.drawTableOf(c, in.Lines(0, h), table)
		in = in.Lines(h, in.H-h)
	}
}

// drawTableOf draws one of the tables into in.
func (p *player) drawTableOf(c *cells.Canvas, in cells.Rect, table int) {
	t := p.stats
	rows := max(1, in.H-1)
	if table == t.table {
		t.rows = rows
	}
	n := t.len(table)
	t.at[table] = cells.Clamp(t.at[table], 0, max(0, n-1))
	at, offset := t.at[table], &t.offset[table]
	*offset = cells.Clamp(max(min(*offset, at), at-rows+1), 0, max(0, n-rows))
	for i := range min(rows, n-*offset) {
		t.hits = append(t.hits, hit{r: in.Row(1 + i), do: func() {
			if at := t.offset[table] + i; t.table != table || t.at[table] != at {
				t.table, t.at[table] = table, at
			} else {
				p.toMost()
			}
		}})
	}
	if n > rows {
		c.Right(in.X+in.W, in.Y+in.H, fmt.Sprintf(" %d–%d of %d ", *offset+1, min(n, *offset+rows), n), cells.StyleDim)
	}
	switch {
	case n == 0:
		c.Text(in.X, in.Y, cells.Truncate([...]string{"Nothing has been waited for or held.", "There are no goroutines.", "There are no warnings."}[table], in.W), cells.StyleDim)
	case table == ofObjects:
		end, by := p.reel.Timeline.End(), 0
		for i := range t.objects[:min(n, mostUsers)] {
			by = max(by, cells.Width(p.userOf(&t.objects[i])))
		}
		drawTable(c, in, t, table, t.objects, objectColumns(), func(o *timeline.ObjectStats, more cells.Rect, head bool) {
			p.drawUse(c, o, more, end, by, head)
		})
	case table == ofGoroutines:
		drawTable(c, in, t, table, t.gs, goroutineColumns(), func(g *timeline.GoroutineStats, more cells.Rect, head bool) {
			if !head && more.W >= 10 && g.Waiting > 0 {
				c.Bar(cells.Area(more.X, more.Y, min(more.W, 32), 1), waitedPart(g), cells.StyleWaiting)
			} else if head {
				c.Text(more.X, more.Y, cells.Truncate("waiting of its time", more.W), cells.StyleDim)
			}
		})
	default:
		t.drawWarnings(c, in)
	}
}

// waitedPart returns which part of its time g has waited.
func waitedPart(g *timeline.GoroutineStats) float64 {
	all := float64(g.Waiting) + float64(g.Running)
	if all <= 0 {
		return 0
	}
	return float64(g.Waiting) / all
}

// drawTable draws a heading and the lines of a table. Tail draws what comes after the columns.
func drawTable[T any](c *cells.Canvas, r cells.Rect, t *tally, table int, of []T, columns []statColumn[T], tail func(x *T, r cells.Rect, head bool)) {
	from := t.offset[table]
	shown := of[from:min(len(of), from+max(1, r.H-1))]
	columns, name := fitted(columns, of, shown, r.W)
	sorted := t.sorted(table)
	line := func(row cells.Rect, x *T, st cells.Style) {
		at := row.X
		for i, col := range columns {
			text, style, w := col.title, st, col.width
			if i == 0 {
				w = name
			}
			if x != nil {
				text, style = cells.Clean(col.cell(x)), col.style
			} else if col.title == sorted {
				style = cells.StyleAccent | cells.StyleBold
			}
			if at+w+1 > row.X+row.W {
				return
			}
			if i == 0 {
				c.Fit(at, row.Y, w, text, style)
				if x == nil {
					t.hits = append(t.hits, hit{r: cells.Area(at, row.Y, w, 1), do: func() { t.table = table; t.sortBy(i) }})
				}
				at += w
				continue
			}
			at += w + 1
			c.Right(at, row.Y, cells.Truncate(text, w), style)
			if x == nil {
				t.hits = append(t.hits, hit{r: cells.Area(at-w, row.Y, w, 1), do: func() { t.table = table; t.sortBy(i) }})
			}
		}
		if left := row.X + row.W - at - 2; left > 3 {
			tail(x, cells.Area(at+2, row.Y, left, 1), x == nil)
		}
	}
	line(r.Row(0), nil, cells.StyleDim)
	for i := range shown {
		row := r.Row(1 + i)
		if table == t.table && from+i == t.at[table] {
			c.Tint(row, cells.StyleOnSelected)
		}
		line(row, &shown[i], cells.StylePlain)
	}
}

// fitted returns the columns for which there is room in w cells beside the names of those shown, and how wide these are. Names
// matter more than a last column in which nothing stands.
func fitted[T any](columns []statColumn[T], of, shown []T, w int) ([]statColumn[T], int) {
	name := cells.Width(columns[0].title)
	for i := range shown {
		name = max(name, cells.Width(cells.Clean(columns[0].cell(&shown[i]))))
	}
	all := 0
	for _, col := range columns[1:] {
		all += col.width + 1
	}
	for last := len(columns) - 1; name > max(8, w-all) && last > 1; last-- {
		if slices.ContainsFunc(of[:min(len(of), mostUsers)], func(x T) bool { return columns[last].cell(&x) != "" }) {
			break
		}
		all -= columns[last].width + 1
		columns = columns[:last]
	}
	return columns, min(name, max(24, w/5), max(8, w-all))
}

// mostUsers is of how many objects it is looked how long the names of those are that have held them.
const mostUsers = 64

// userOf returns the name of the goroutine that held o longest, "" if nobody held it.
func (p *player) userOf(o *timeline.ObjectStats) string {
	if o.LongestUse.At == 0 {
		return ""
	}
	return cells.Clean(p.stats.sum.GName(o.LongestUse.G))
}

// drawUse draws which goroutine held o longest, in at most by cells, and how long its queue was over time.
func (p *player) drawUse(c *cells.Canvas, o *timeline.ObjectStats, r cells.Rect, end time.Duration, by int, head bool) {
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
		c.Fit(r.X, r.Y, by, p.userOf(o), cells.StyleHolding)
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

// drawSpark draws how numbers change, of which none is larger than top.
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

// warningNames says of what kind a warning is.
var warningNames = map[timeline.WarningKind]string{
	timeline.WarningNotifiedNobody: "lost signal", timeline.WarningHeldLong: "held long", timeline.WarningBothOrders: "both orders",
	timeline.WarningGaveUp: "gave up", timeline.WarningNeverRanAgain: "never again",
}

func (t *tally) drawWarnings(c *cells.Canvas, r cells.Rect) {
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
	// What is cut of the one that is chosen stands below, where there is room.
	text := cells.Clean(t.warnings[t.at[ofWarnings]].Text)
	lines, left := cells.Wrap(text, r.W), r.H-2-len(t.warnings)
	if cells.Width(text) > r.W-event-2-kind && left > len(lines) {
		for i, s := range lines {
			c.Text(r.X, r.Y+r.H-len(lines)+i, s, cells.StylePlain)
		}
	}
}
