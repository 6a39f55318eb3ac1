package stats

import (
	"cmp"
	"strconv"
	"time"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/wording"
)

// A column is a column of a table. Order sorts lines by it, the largest first.
type column[T any] struct {
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

// lastedMost returns the duration of s, with a "+" if it has not ended; "" if there is none.
func lastedMost(s timeline.Span) string {
	switch {
	case s.At == 0:
		return ""
	case s.Ongoing:
		return wording.Lasted(s.Took) + "+"
	}
	return wording.Lasted(s.Took)
}

// objectColumns and goroutineColumns are the columns of the tables, of which the name is the first.
func objectColumns() []column[timeline.ObjectStats] {
	type T = timeline.ObjectStats
	wait := func(d func(o *T) time.Duration) func(o *T) string {
		return func(o *T) string {
			if o.Waits == 0 {
				return ""
			}
			return wording.Lasted(d(o))
		}
	}
	return []column[T]{
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

func goroutineColumns() []column[timeline.GoroutineStats] {
	type T = timeline.GoroutineStats
	return []column[T]{
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
