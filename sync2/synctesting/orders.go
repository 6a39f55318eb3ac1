package synctesting

import (
	"fmt"
	"runtime"
	"slices"
	"strings"

	"github.com/turnstile-go/turnstile/internal/safetext"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// orders records the orders in which locks were taken, to report what go-deadlock finds with the names and positions of the
// program. go-deadlock itself sees only the shadows, and does not know inlined functions.
type orders struct {
	names      map[trace.ID]string
	goroutines map[int64]string
	has        map[int64][]taken // by goroutine, oldest first
	seen       map[[2]trace.ID]order
}

// A taken is a lock that a goroutine holds or waits for.
type taken struct {
	lock  trace.ID
	stack []uintptr // where it took it
}

// An order is two locks, the second of which a goroutine took while it had the first.
type order struct {
	g             int64
	first, second taken
}

func newOrders() orders {
	return orders{make(map[trace.ID]string), make(map[int64]string), make(map[int64][]taken), make(map[[2]trace.ID]order)}
}

// define records a name.
func (o *orders) define(ev trace.Event) {
	switch ev.Kind {
	case trace.KindDefineObj, trace.KindRename:
		o.names[ev.Obj] = safetext.Line(ev.Text)
	case trace.KindDefineG:
		o.goroutines[ev.G] = safetext.Line(ev.Text)
	default:
	}
}

// maxStack is the number of callers recorded for an operation on a lock, including those in the library.
const maxStack = 50

// taking returns a lock as taken by the calling goroutine.
func taking(lock trace.ID) taken {
	var pcs [maxStack]uintptr
	return taken{lock, slices.Clone(pcs[:runtime.Callers(2, pcs[:])])}
}

func (o *orders) take(g int64, t taken) {
	for _, first := range o.has[g] {
		o.seen[[2]trace.ID{first.lock, t.lock}] = order{g, first, t}
	}
	o.has[g] = append(o.has[g], t)
}

func (o *orders) drop(g int64, lock trace.ID) {
	has := o.has[g]
	for i, t := range slices.Backward(has) {
		if t.lock == lock {
			o.has[g] = slices.Delete(has, i, i+1)
			return
		}
	}
}

// against returns a summary and a report of how goroutine g, which takes t, violates an order that was seen before, or
// deadlocks with itself. They are "" if neither is known.
func (o *orders) against(g int64, t taken) (summary, report string) {
	for _, first := range o.has[g] {
		now := order{g, first, t}
		if first.lock == t.lock {
			return o.describe(now) + " again", "Recursive locking:\n" + o.stacks(now)
		}
		if before, ok := o.seen[[2]trace.ID{t.lock, first.lock}]; ok {
			return o.describe(before) + "; " + o.describe(now), "Inconsistent locking:\n" + o.stacks(before) + o.stacks(now)
		}
	}
	return "", ""
}

func (o *orders) describe(r order) string {
	return fmt.Sprintf("%s took %s%s and then %s%s", o.goroutines[r.g], o.names[r.first.lock], r.first.at(), o.names[r.second.lock], r.second.at())
}

// at returns the position at which a lock was taken.
func (t taken) at() string {
	calls := callsOf(t.stack)
	if len(calls) == 0 {
		return ""
	}
	return " (" + calls[0].at + ")"
}

// stacks returns the stacks of an order, one call a line.
func (o *orders) stacks(r order) string {
	var b strings.Builder
	for _, t := range []taken{r.first, r.second} {
		fmt.Fprintf(&b, "%s took %s:\n", o.goroutines[r.g], o.names[t.lock])
		for _, c := range callsOf(t.stack) {
			fmt.Fprintf(&b, "  %s %s\n", c.at, c.function)
		}
	}
	return b.String()
}
