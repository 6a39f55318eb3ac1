package lanes

import (
	"cmp"
	"maps"
	"slices"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/scene"
)

// A laneRow is a row of the timeline: the lane of a goroutine, or the head of a group.
type laneRow struct {
	g    *timeline.Goroutine
	lane *scene.Lane

	group *scene.Group
	n     int  // its size
	open  bool // the user wants to see its lanes
}

// The ranks of lanes if there is no room for all; lower ranks come first.
const (
	inFocus = iota
	underCursor
	inCycle
	holding
	opened   // in an open group
	lone     // in no group
	grouped  // in a group that has a row of its own
	isOver   // ended
	notThere // has no lane
)

// choose chooses at most n rows for goroutines gs, and returns the number of rows that are lanes.
func (l *Lanes) choose(sc *scene.Scene, gs []*timeline.Goroutine, n int) (shown int) {
	l.rows = l.rows[:0]
	if len(gs) <= n {
		for _, g := range gs {
			l.rows = append(l.rows, laneRow{g: g, lane: sc.History.Lane(g.ID)})
		}
		return len(gs)
	}
	l.all = l.all[:0]
	for _, g := range gs {
		l.all = append(l.all, sc.History.Lane(g.ID))
	}
	l.rows = l.heads(n)
	room := n - len(l.rows)
	acting := max(min(2, room/2), min(1, room-1)) // rows for goroutines that act now; they change, the others stay
	best := l.best(sc, gs, room)
	stay := best[:len(best)-acting]
	l.rows = append(l.rows, stay...)
	slices.SortFunc(l.rows, func(a, b laneRow) int { return a.compare(&b) })
	last := sc.State.Last()
	for _, id := range [...]int64{last.G, last.Peer} {
		if g := sc.State.Goroutine(id); acting > 0 && g != nil && !slices.ContainsFunc(stay, func(r laneRow) bool { return r.g == g }) {
			best = slices.DeleteFunc(best, func(r laneRow) bool { return r.g == g })
			l.rows = append(l.rows, laneRow{g: g, lane: sc.History.Lane(id)})
			acting--
		}
	}
	l.rows = append(l.rows, best[len(stay):][:acting]...)
	return room
}

// heads returns the head rows, among n rows, of groups of goroutines with similar names: those too large for each member to have a
// lane.
func (l *Lanes) heads(n int) []laneRow {
	const leastRows, leastSize = 3, 6
	if n < leastRows {
		return l.rows[:0]
	}
	size := make(map[*scene.Group]int)
	var last *scene.Group // neighbors are mostly in the same one, which saves looking it up
	k := 0
	for _, ln := range l.all {
		if ln == nil {
			continue
		}
		if ln.Group != last {
			size[last] += k
			last, k = ln.Group, 0
		}
		k++
	}
	size[last] += k
	delete(size, nil)
	rows := l.rows[:0]
	for group, k := range size {
		if k >= leastSize && k > n/2 {
			rows = append(rows, laneRow{group: group, n: k, open: l.open[group.Name]})
		}
	}
	slices.SortFunc(rows, func(a, b laneRow) int {
		if under := l.onGroup; under != "" && (a.group.Name == under) != (b.group.Name == under) {
			return cmp.Compare(b2i(b.group.Name == under), b2i(a.group.Name == under))
		}
		return cmp.Or(cmp.Compare(b.n, a.n), cmp.Compare(a.group.ID, b.group.ID))
	})
	return rows[:min(len(rows), n/leastRows)]
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// A candidate is a goroutine that may get a row.
type candidate struct {
	laneRow
	rank  int
	later bool // it comes before l.top, so it is scrolled out of sight
}

func (a *candidate) compare(b *candidate) int {
	return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(b2i(a.later), b2i(b.later)), a.laneRow.compare(&b.laneRow))
}

// compare orders rows from top to bottom: groups in order of appearance, and the goroutines in a group by name.
func (r *laneRow) compare(o *laneRow) int {
	a, b := r.of(), o.of()
	switch {
	case a == nil || b == nil:
		return cmp.Compare(b2i(a == nil), b2i(b == nil))
	case a != b:
		return cmp.Compare(a.ID, b.ID)
	case r.g == nil || o.g == nil:
		return cmp.Compare(b2i(r.g != nil), b2i(o.g != nil))
	}
	return cmp.Or(r.lane.Compare(o.lane), cmp.Compare(r.g.ID, o.g.ID))
}

// of returns the group to which r belongs; nil if that is not known.
func (r *laneRow) of() *scene.Group {
	if r.lane != nil {
		return r.lane.Group
	}
	return r.group
}

// best returns the n of gs whose lanes matter most, in order.
func (l *Lanes) best(sc *scene.Scene, gs []*timeline.Goroutine, n int) []laneRow {
	r := ranker{l: l, sc: sc, stuck: make(map[int64]bool, len(sc.Stuck))}
	for _, g := range sc.Stuck {
		r.stuck[g] = true
	}
	for i := range l.rows {
		r.heads = append(r.heads, l.rows[i].group)
	}
	top := laneRow{lane: sc.History.Lane(l.top), g: sc.State.Goroutine(l.top)}
	best := make([]candidate, 0, n+1)
	for i, g := range gs {
		c := candidate{laneRow: laneRow{g: g, lane: l.all[i]}}
		c.rank = r.rank(&c.laneRow)
		if len(best) == n && c.rank > best[n-1].rank {
			continue
		}
		c.later = top.lane != nil && top.g != nil && c.rank > holding && c.laneRow.compare(&top) < 0
		if len(best) == n && c.compare(&best[n-1]) >= 0 {
			continue
		}
		i, _ := slices.BinarySearchFunc(best, c, func(a, b candidate) int { return a.compare(&b) })
		best = slices.Insert(best, i, c)
		best = best[:min(len(best), n)]
	}
	rows := make([]laneRow, len(best))
	for i := range best {
		rows[i] = best[i].laneRow
	}
	return rows
}

// A ranker ranks lanes by how much they matter.
type ranker struct {
	l     *Lanes
	sc    *scene.Scene
	stuck map[int64]bool // the goroutines in a cycle
	heads []*scene.Group // the groups that have a row
}

func (k *ranker) rank(r *laneRow) int {
	l, sc := k.l, k.sc
	switch g := r.g; {
	case sc.Focus.G == g.ID || sc.Focus.Obj != 0 && !sc.Dims(g.ID):
		return inFocus
	case l.Active && l.onGroup == "" && l.Cursor == g.ID:
		return underCursor
	case len(k.stuck) > 0 && k.stuck[g.ID]:
		return inCycle
	case r.lane == nil:
		return notThere
	case g.Status == timeline.StatusEnded:
		return isOver
	case len(g.Holds) > 0:
		return holding
	case !slices.Contains(k.heads, r.lane.Group):
		return lone
	case len(l.open) > 0 && l.open[r.lane.Group.Name]:
		return opened
	default:
		return grouped
	}
}

// Move moves the cursor by n rows. Lanes that are not shown count as rows, and scroll into view.
func (l *Lanes) Move(sc *scene.Scene, n int) {
	gs := sc.State.Goroutines()
	room := len(l.rows)
	rows := slices.Clone(l.rows)
	if len(gs) > room || slices.ContainsFunc(rows, func(r laneRow) bool { return r.group != nil }) {
		rows = slices.DeleteFunc(rows, func(r laneRow) bool { return r.group == nil })
		for _, g := range gs {
			rows = append(rows, laneRow{g: g, lane: sc.History.Lane(g.ID)})
		}
		slices.SortFunc(rows, func(a, b laneRow) int { return a.compare(&b) })
	}
	if len(rows) == 0 {
		return
	}
	is := func(r laneRow) bool {
		if l.onGroup != "" {
			return r.group != nil && r.group.Name == l.onGroup
		}
		return r.g != nil && r.g.ID == l.Cursor
	}
	at := cells.Clamp(slices.IndexFunc(rows, is)+n, 0, len(rows)-1)
	row := rows[at]
	if l.onGroup = ""; row.group != nil {
		l.onGroup = row.group.Name
	} else {
		l.Cursor = row.g.ID
	}
	if slices.ContainsFunc(l.rows, is) {
		return
	}
	if n > 0 { // scroll until the cursor is visible
		at = max(0, at-room+2)
	}
	l.setTop(rows[at:])
}

// setTop scrolls so that the first of rows that is a lane comes first.
func (l *Lanes) setTop(rows []laneRow) {
	if i := slices.IndexFunc(rows, func(r laneRow) bool { return r.g != nil }); i >= 0 {
		l.top = rows[i].g.ID
	}
}

// Toggle moves the cursor to a group, and opens or closes it.
func (l *Lanes) Toggle(group string) {
	l.onGroup = group
	open := make(map[string]bool, len(l.open)+1) // an export that is being drawn may still read the old one
	maps.Copy(open, l.open)
	open[group] = !open[group]
	l.open = open
}

// ToggleCurrent opens or closes the group under the cursor, and reports whether there is one.
func (l *Lanes) ToggleCurrent() bool {
	if l.onGroup == "" {
		return false
	}
	l.Toggle(l.onGroup)
	return true
}
