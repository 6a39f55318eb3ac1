package timeline

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/turnstile-go/turnstile/internal/safetext"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A WarningKind is the kind of a [Warning].
type WarningKind uint8

// Kinds of warnings.
const (
	WarningNone           WarningKind = iota
	WarningNotifiedNobody             // a Cond was notified while no goroutine waited: later waiters do not see the notification
	WarningHeldLong                   // a lock was held for ten times its median hold time
	WarningBothOrders                 // two locks were taken in both orders
	WarningGaveUp                     // a goroutine gave up waiting
	WarningNeverRanAgain              // a goroutine waited, or had been released, and did not run again until the end
)

var warningNames = [...]string{"", "notified-nobody", "held-long", "both-orders", "gave-up", "never-ran-again"}

// String returns the name of the kind, such as "held-long".
func (k WarningKind) String() string {
	if int(k) < len(warningNames) {
		return warningNames[k]
	}
	return fmt.Sprintf("warning-%d", uint8(k))
}

// A Warning is a finding in a trace that often indicates a mistake.
type Warning struct {
	Kind  WarningKind
	Obj   trace.ID
	G     int64
	At    int // the position after the event that shows it, or the first of several
	Times int
	Text  string // description
}

const (
	// A lock is held long if that is heldTimes its median hold time.
	heldTimes = 10
	// The median of a lock that was held less often than heldLeast is not significant.
	heldLeast = 5
	// Holding a lock for less than heldFloor is never reported.
	heldFloor = time.Millisecond
	// maxSigns is the maximum number of objects with signs.
	maxSigns = 4096
)

// signs are the warnings that single events give rise to.
type signs struct {
	nobody, gaveUp map[trace.ID]*sign
	orderAt        []int // for each order of locks, the position after which it was known
}

type sign struct {
	times, at int
	g         int64
	name      string // of g
	inner     bool   // it concerns an object internal to the standard library
}

// add accounts for ev, which t has followed.
func (w *signs) add(t *Stats, ev *trace.Event) {
	switch {
	case ev.Kind == trace.KindNotify && ev.N == 0:
		note(&w.nobody, t, ev)
	case ev.Kind == trace.KindGiveUp:
		note(&w.gaveUp, t, ev)
	case ev.Kind == trace.KindAcquire || ev.Kind == trace.KindBlock:
		for len(w.orderAt) < len(t.orders.orders) {
			w.orderAt = append(w.orderAt, t.n)
		}
	}
}

func note(in *map[trace.ID]*sign, t *Stats, ev *trace.Event) {
	s := (*in)[ev.Obj]
	if s == nil {
		if len(*in) >= maxSigns {
			return
		}
		if *in == nil {
			*in = make(map[trace.ID]*sign)
		}
		o := t.s.Object(ev.Obj)
		s = &sign{at: t.n, g: ev.G, name: t.s.Words().GName(ev.G), inner: o != nil && o.Inner}
		(*in)[ev.Obj] = s
	}
	s.times++
}

// Warnings returns the warnings about the trace so far, in the order of the events. over says whether the trace is
// complete, without which [WarningNeverRanAgain] cannot be reported. It leaves out what happens at objects that are [Object.Internal].
func (t *Stats) Warnings(over bool) []Warning {
	var all []Warning
	warn := func(kind WarningKind, obj trace.ID, g int64, at, times int, format string, args ...any) {
		all = append(all, Warning{kind, obj, g, at, times, safetext.Line(fmt.Sprintf(format, args...))})
	}
	for id, s := range t.signs.nobody {
		if o := t.s.Object(id); o != nil && o.Internal() || o == nil && s.inner && (t.objs[id] == nil || t.internal(id)) {
			continue
		}
		warn(WarningNotifiedNobody, id, s.g, s.at, s.times, "%s notifies %s while no goroutine waits%s", s.name, t.name(id), often(s.times))
	}
	for id, s := range t.signs.gaveUp {
		warn(WarningGaveUp, id, s.g, s.at, s.times, "%s gives up waiting for %s%s", s.name, t.name(id), often(s.times))
	}
	for id, r := range t.objs {
		if !isMutex(r.class) || t.internal(id) {
			continue
		}
		o := t.objectStats(id, r)
		if long := o.LongestUse; o.Holds >= heldLeast && long.Took >= heldFloor && long.Took > heldTimes*o.HoldMedian {
			warn(WarningHeldLong, id, long.G, long.At, 1, "%s holds %s for %s; the median is %s", t.gName(long.G), o.Name, seconds(long.Took), seconds(o.HoldMedian))
		}
	}
	for _, v := range t.orders.inversions() {
		if t.internal(v.one.before) || t.internal(v.one.after) {
			continue
		}
		at := t.signs.orderAt[t.orders.index[lockPair{v.other.before, v.other.after}]]
		warn(WarningBothOrders, v.other.after, v.other.g, at, 1, "%s takes %s before %s, and %s takes %s before %s", t.gName(v.one.g), t.name(v.one.before), t.name(v.one.after),
			t.gName(v.other.g), t.name(v.other.before), t.name(v.other.after))
	}
	if over {
		all = append(all, t.neverAgain()...)
	}
	slices.SortFunc(all, func(a, b Warning) int {
		return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Obj, b.Obj))
	})
	return all
}

// neverAgain returns warnings about goroutines that did nothing more up to the end, one for each object they wait
// for.
func (t *Stats) neverAgain() []Warning {
	by := make(map[trace.ID]*Warning)
	var order []trace.ID
	for _, g := range t.s.gs {
		if g.Status != StatusWaiting && g.Status != StatusReleased {
			continue
		}
		if w := by[g.For]; w != nil {
			w.Times++
			continue
		}
		what := t.s.Words().at(g).waitsFor()
		if g.Status == StatusReleased {
			what = t.s.Words().at(g).releasedBy()
		}
		at := t.n
		if r := t.gs[g.ID]; r != nil {
			at = r.last
		}
		by[g.For] = &Warning{WarningNeverRanAgain, g.For, g.ID, at, 1, t.s.Words().GName(g.ID) + " never runs again: " + what}
		order = append(order, g.For)
	}
	var all []Warning
	for _, id := range order {
		w := by[id]
		if w.Times > 1 {
			w.Text = fmt.Sprintf("%s; %s there", w.Text, many(int64(w.Times-1), "other"))
		}
		w.Text = safetext.Line(w.Text)
		all = append(all, *w)
	}
	return all
}

// often describes the repetition of something.
func often(times int) string {
	if times == 1 {
		return ""
	}
	return fmt.Sprintf(", the first of %d times", times)
}

// name returns the name of object id, even if the State has forgotten it.
func (t *Stats) name(id trace.ID) string {
	if r := t.objs[id]; r != nil {
		return r.name
	}
	return t.s.Words().ObjName(id)
}

// GName returns the name of goroutine g, even if [Stats.Now] has forgotten it.
func (t *Stats) GName(g int64) string { return t.gName(g) }

// gName returns the name of goroutine g, even if the State has forgotten it.
func (t *Stats) gName(g int64) string {
	if r := t.gs[g]; r != nil {
		return r.name
	}
	return t.s.Words().GName(g)
}
