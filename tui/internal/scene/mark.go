package scene

import "github.com/turnstile-go/turnstile/tui/internal/cells"

// Marker returns a function that is like [Lane.Mark], but must be called for columns from left to right; the first begins at
// event first.
func (ln *Lane) Marker(first int) func(n, m int) (string, cells.Style) {
	i := ln.index(first)
	return func(n, m int) (string, cells.Style) {
		var j int
		if i >= 0 {
			j = ln.indexFrom(i, m)
		} else {
			j = ln.index(m)
		}
		glyph, st := ln.markOf(i, j, n, m)
		i = j
		return glyph, st
	}
}

// Mark returns the mark of a column that covers the events from n to m.
func (ln *Lane) Mark(n, m int) (string, cells.Style) {
	return ln.markOf(ln.index(n), ln.index(m), n, m)
}

// manySpans is the number of spans above which a column shows the most frequent look, not the most important one.
const manySpans = 16

// markOf returns the mark of a column that covers the events from n, in span i, to m, in span j: the beginning of a look that
// stands out, such as a release or the end, if there is one, and otherwise the most important look.
func (ln *Lane) markOf(i, j, n, m int) (string, cells.Style) {
	if i < 0 && j < 0 {
		return cells.LaneAbsent, cells.StyleLine
	}
	remarkable := LookReleased
	if j-i > manySpans { // releases are too frequent to stand out
		remarkable = LookGivingUp
	}
	begun, most, holds := LookAbsent, LookAbsent, false
	for k := max(i, 0, j-manySpans); k <= j; k++ {
		sp := &ln.spans[k]
		if sp.look >= most {
			most, holds = sp.look, sp.holds
		}
		if k > i && (sp.look >= remarkable && sp.look != LookWaiting || sp.look == LookEnded) {
			begun = max(begun, sp.look)
		}
	}
	if begun != LookAbsent {
		return GlyphOf(begun)
	}
	if j-i > manySpans {
		most, holds = ln.mostly(max(i, 0), n, m)
	}
	return laneMark(most, holds)
}

// mostly returns the look after most events from n to m, estimated from a few of them; n is in span i.
func (ln *Lane) mostly(i, n, m int) (l Look, holds bool) {
	const samples = 8
	var looks [LookFailed + 1]int
	held := 0
	for k := 1; k <= samples; k++ {
		i = ln.indexFrom(i, n+(m-n)*k/samples)
		looks[ln.spans[i].look]++
		if ln.spans[i].holds {
			held++
		}
	}
	for k, n := range looks {
		if n >= looks[l] {
			l = Look(k)
		}
	}
	return l, l == LookWaiting && held*2 >= looks[l]
}

// laneMark returns the mark of a look.
func laneMark(l Look, holds bool) (string, cells.Style) {
	switch {
	case l == LookAbsent || l == LookEnded:
		return cells.LaneAbsent, cells.StyleLine
	case l == LookWaiting && holds:
		return cells.LaneStuck, cells.StyleWaiting
	case l == LookWaiting:
		return cells.LaneWaiting, cells.StyleWaiting
	case l == LookHolding:
		return cells.LaneHolding, cells.StyleHolding
	case l == LookFailed:
		return cells.LaneRunning, cells.StyleTrouble
	default:
		return cells.LaneRunning, cells.StyleRunning
	}
}

// woken reports whether another goroutine ended a wait at the start of s.
func (s *span) woken() bool { return (s.look == LookReleased || s.look == LookFailed) && s.by != 0 }

// FreedAt returns the goroutine that released the lane's goroutine, and the event with which it did, if the lane's goroutine has
// only resumed since, up to event n.
func (ln *Lane) FreedAt(n int) (by int64, from int32, ok bool) {
	i := ln.index(n)
	if i > 0 && !ln.spans[i].woken() { // it has resumed
		i--
	}
	if i < 0 {
		return 0, 0, false
	}
	sp := &ln.spans[i]
	return sp.by, sp.from, sp.woken()
}
