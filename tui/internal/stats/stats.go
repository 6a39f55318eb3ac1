package stats

import (
	"slices"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
)

// The tables.
const (
	ofObjects = iota
	ofGoroutines
	ofWarnings
	tables
)

// Tables is the statistics of a recording, as three tables of which one has the cursor. The zero Tables has looked at no events.
type Tables struct {
	sum timeline.Stats

	made     int // the number of events that the tables cover
	objects  []timeline.ObjectStats
	gs       []timeline.GoroutineStats
	warnings []timeline.Warning

	table  int         // the table with the cursor
	at     [tables]int // the line under the cursor
	offset [tables]int // the first line shown
	order  [tables]int // the column by which the table is sorted, from 1; 0: as at first
	rows   int         // the number of lines there was room for
	area   cells.Rect  // where the tables are
	hits   []hit
}

// A hit is a part of the tables that can be clicked. Do reports whether the click was on the line under the cursor.
type hit struct {
	area cells.Rect
	do   func() bool
}

// Len returns the number of events looked at.
func (t *Tables) Len() int { return t.sum.Len() }

// Forget makes t look at all events again.
func (t *Tables) Forget() { t.sum, t.made = timeline.Stats{}, 0 }

// Has reports whether x, y is within the tables.
func (t *Tables) Has(x, y int) bool { return t.area.Has(x, y) }

// Look looks at up to n more events of tl.
func (t *Tables) Look(tl *timeline.Timeline, n int) {
	if t.sum.Len() == 0 {
		t.sum.Start(tl.At(0))
	}
	events := tl.Events()
	for end := min(len(events), t.sum.Len()+n); t.sum.Len() < end; {
		t.sum.Add(events[t.sum.Len()])
	}
}

// make updates the tables if enough events have come since the last time, or if over is true and so these are all.
func (t *Tables) make(of int, over bool) {
	n := t.sum.Len()
	if n == t.made || n < of || !over && t.made > 0 && n-t.made < n/20 {
		return
	}
	t.made = n
	t.objects, t.gs, t.warnings = t.sum.Objects(), t.sum.Goroutines(), t.sum.Warnings(over)
	t.sort()
}

// sort sorts the tables by the chosen columns. At first they are sorted by total waiting time.
func (t *Tables) sort() {
	oc, gc := objectColumns(), goroutineColumns()
	if i := t.order[ofObjects]; i > 0 {
		slices.SortStableFunc(t.objects, func(a, b timeline.ObjectStats) int { return oc[i-1].order(&a, &b) })
	}
	if i := t.order[ofGoroutines]; i > 0 {
		slices.SortStableFunc(t.gs, func(a, b timeline.GoroutineStats) int { return gc[i-1].order(&a, &b) })
	}
}

// sorted returns the title of the column by which a table is sorted.
func (t *Tables) sorted(table int) string {
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

// len returns the number of lines of a table.
func (t *Tables) len(table int) int {
	return [...]int{len(t.objects), len(t.gs), len(t.warnings)}[table]
}

// together reports whether all tables fit into h lines, one below the other.
func (t *Tables) together(h int) bool {
	lines := -1
	for table := range tables {
		lines += 2 + max(1, t.len(table)) // with a heading and an empty line
	}
	return lines <= h
}

// Choose moves the cursor by n lines.
func (t *Tables) Choose(n int) {
	t.at[t.table] = cells.Clamp(t.at[t.table]+n, 0, max(0, t.len(t.table)-1))
}

// Page moves the cursor by n pages.
func (t *Tables) Page(n int) { t.Choose(n * max(1, t.rows-1)) }

// NextTable moves the cursor by n tables.
func (t *Tables) NextTable(n int) { t.table = ((t.table+n)%tables + tables) % tables }

// Sort sorts the table with the cursor by its next column, and after the last one as at first.
func (t *Tables) Sort() {
	columns := [...]int{len(objectColumns()), len(goroutineColumns()), 0}[t.table]
	t.order[t.table] = (t.order[t.table] + 1) % (columns + 1)
	t.made = 0 // so that equal lines are ordered as at first
}

// sortBy sorts the table with the cursor by column i, or as at first if it is sorted by that already.
func (t *Tables) sortBy(i int) {
	by := i + 1
	if t.order[t.table] == by {
		by = 0
	}
	t.order[t.table] = by
	t.made = 0 // as in Sort
}

// Click handles a click at x, y. It reports whether that was on the line under the cursor, which asks for [Tables.Peak].
func (t *Tables) Click(x, y int) bool {
	for _, h := range slices.Backward(t.hits) {
		if h.area.Has(x, y) {
			return h.do()
		}
	}
	return false
}

// A Peak is an event at which something was at its maximum.
type Peak struct {
	Event int // from 1; 0 if there is none
	G     int64
	Obj   trace.ID
	Text  string // a sentence about it
}

// Peak returns the event at which the line under the cursor was at its maximum, such as the end of the longest wait for an object. It
// reports false if the table is empty.
func (t *Tables) Peak() (Peak, bool) {
	i := t.at[t.table]
	if i >= t.len(t.table) {
		return Peak{}, false
	}
	var p Peak
	switch t.table {
	case ofObjects:
		p = t.peakOf(&t.objects[i])
	case ofGoroutines:
		g := &t.gs[i]
		p = Peak{Event: g.Longest.At, G: g.G, Text: "The longest wait of " + cells.Clean(g.Name) + endsHere(g.Longest)}
	default:
		w := &t.warnings[i]
		p = Peak{Event: w.At, G: w.G, Text: cells.Clean(w.Text)}
	}
	if p.Event == 0 {
		p.Text = "It has never waited."
	}
	return p, true
}

// peakOf returns the event at which the longest wait for o ended, or its longest hold if no goroutine has waited or the table is
// sorted by holds.
func (t *Tables) peakOf(o *timeline.ObjectStats) Peak {
	p := Peak{Event: o.Longest.At, Obj: o.Obj, Text: "The longest wait for " + cells.Clean(o.Name) + endsHere(o.Longest)}
	if p.Event == 0 || t.sorted(ofObjects) == "held" && o.LongestUse.At > 0 {
		p.Event = o.LongestUse.At
	}
	if p.Event == o.LongestUse.At && p.Event != o.Longest.At {
		p.Text = "The longest hold of " + cells.Clean(o.Name) + " ends here."
	}
	return p
}

// endsHere returns the end of a sentence about s at its event.
func endsHere(s timeline.Span) string {
	if s.Ongoing {
		return " has not ended yet."
	}
	return " ends here."
}
