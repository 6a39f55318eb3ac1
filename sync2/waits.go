package sync2

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unsafe"

	"github.com/turnstile-go/turnstile/sync2/internal/waitgraph"
	"github.com/turnstile-go/turnstile/sync2/internal/waitq"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A Wait tells of one goroutine that waits in this package.
type Wait struct {
	// Goroutine is the id of the goroutine, as it stands in stack traces, and Name its name. They are 0 and "" if it is not
	// known which goroutine it is. Those who wait for a [Semaphore], an [Event], a [Barrier], a [WaitGroup], the end of a
	// [Goroutine], a [Group] or an [Executor], or in [Queue.Join], are only counted when they wait; Waits then finds them by
	// their stacks, unless more than 10,000 wait or there are more than 100,000 goroutines, or they come and go meanwhile.
	Goroutine int64
	Name      string

	// Object is that for which it waits: a *Mutex, a *Semaphore and so on. Of a [KeyedMutex] it is a *Mutex, that of the key;
	// of a [Future] or a [WaitAll] it is something that tells of it.
	Object fmt.Stringer

	// Verb is what it does there, such as "Lock" or "Get", in whichever variant: also "LockContext" is "Lock".
	Verb string

	// Since is when it began to wait. It is zero if that is not known: only those who wait for a [Mutex], a [ReentrantLock]
	// or a key look at the clock.
	Since time.Time

	// Position is its place in the row, from 1. It is 0 if there is no row, since all of them go on at once. Of several that
	// wait for a Semaphore, it is not known which of them has which place: they are in the order of their ids.
	Position int

	// Holder is the id of the goroutine without which it cannot go on: the owner of a [ReentrantLock], the one whose end is
	// awaited, or the one that runs the function of a [Once]. It is 0 if that is not known.
	Holder int64

	// last is the last place in the row if its place may be any, as at a Semaphore; otherwise it is 0.
	last int
}

// Waits returns who waits now, without a trace having run: all goroutines that wait in this package, those for one object
// one after the other, in their order. It takes no more than a moment's look at each object, one after the other, and so
// what it returns need not have been true all at the same time; of a program that hangs it is.
//
// Those are not told who wait for a channel, such as that of [Event.Done], or for a turn to compare priorities in a
// priority queue, nor a worker of an [Executor] that has nothing to do. In a run of package explore, and in builds with the
// tag deadlock, Waits returns nothing.
func Waits() []Wait {
	told := waitq.Waits()
	all := make([]Wait, len(told))
	for i, t := range told {
		all[i] = Wait{Goroutine: t.G, Object: t.Owner, Verb: t.Verb, Position: t.Position, Holder: holderOf(t.Owner)}
		if t.G != 0 {
			all[i].Name = nameOf(t.G)
		}
		switch t.Owner.(type) {
		case *Mutex, *ReentrantLock:
			if t.Tag != handed {
				all[i].Since = begun.Add(time.Duration(t.Tag))
			}
		case *RWMutex:
			if t.Tag == reading {
				all[i].Verb = "RLock"
			}
		}
	}
	findCounted(all)
	// The places of one object need not come one after the other.
	first := make(map[fmt.Stringer]int, len(all))
	for i := range all {
		if _, known := first[all[i].Object]; !known {
			first[all[i].Object] = i
		}
	}
	slices.SortStableFunc(all, func(a, b Wait) int { return first[a.Object] - first[b.Object] })
	return all
}

// holderOf returns the goroutine without which nobody who waits for o can go on, 0 if it is not known.
func holderOf(o fmt.Stringer) int64 {
	switch o := o.(type) {
	case *ReentrantLock:
		return o.Owner()
	case *Goroutine:
		return o.id.Load()
	case *Once:
		o.q.Inspect("Waits")
		defer o.q.Unlock()
		return o.runner
	}
	return 0
}

// nameOf returns what the goroutine with the given id is called.
func nameOf(id int64) string {
	if name, _, known := goroutineName(id); known {
		return name
	}
	return namelessGoroutine(id)
}

// WriteWaits writes to w who waits now, as [Waits] tells it: each object with those who wait for it, and then the cycles
// of goroutines that wait for each other and cannot go on, as far as it is known who they are. Then it names each
// [Executor] that has workers and was not shut down, and the line that made it, which of a program that should have ended
// says what is left. It writes nothing if nobody waits and there is no such executor. It returns the error of w.
func WriteWaits(w io.Writer) error {
	all := Waits()
	var b strings.Builder
	for i := 0; i < len(all); {
		n := 1
		for i+n < len(all) && all[i+n].Object == all[i].Object {
			n++
		}
		writeObject(&b, all[i:i+n])
		i += n
	}
	writeCycles(&b, all)
	writeUnclosed(&b)
	_, err := io.WriteString(w, b.String())
	return err //nolint:wrapcheck // it is the writer's
}

// mostLines is how many lines are written about those who wait for one object.
const mostLines = 100

// writeObject writes about those who wait for one object.
func writeObject(b *strings.Builder, all []Wait) {
	b.WriteString(all[0].Object.String())
	if m, ok := all[0].Object.(*Mutex); ok && m.l.state.Load()&held != 0 {
		b.WriteString("; its owner is not known")
	}
	b.WriteByte('\n')
	for i, lines := 0, 0; i < len(all); lines++ {
		if lines == mostLines {
			fmt.Fprintf(b, "\tand %d more\n", len(all)-i)
			break
		}
		n := 1
		for all[i].anonymous() && i+n < len(all) && all[i+n].anonymous() && all[i+n].Verb == all[i].Verb {
			n++
		}
		all[i].write(b, n)
		i += n
	}
}

// anonymous reports whether nothing is known of w but what it does.
func (w *Wait) anonymous() bool { return w.Goroutine == 0 && w.Since.IsZero() }

// write writes a line about w, and about the n-1 like it that follow.
func (w *Wait) write(b *strings.Builder, n int) {
	fmt.Fprintf(b, "\t%s: ", w.Verb)
	if w.Position > 0 {
		switch {
		case w.last > 1:
			fmt.Fprintf(b, "one of 1 to %d", w.last)
		case n > 1:
			fmt.Fprintf(b, "%d to %d", w.Position, w.Position+n-1)
		default:
			fmt.Fprintf(b, "%d", w.Position)
		}
		b.WriteString(" in the row, ")
	}
	switch {
	case w.Goroutine != 0:
		b.WriteString(shown(w.Goroutine))
	case n > 1:
		fmt.Fprintf(b, "%d goroutines, not known which", n)
	default:
		b.WriteString("a goroutine, not known which")
	}
	if !w.Since.IsZero() {
		fmt.Fprintf(b, ", for %v", max(0, time.Since(w.Since)).Round(time.Millisecond))
	}
	b.WriteByte('\n')
}

// shown returns the name of a goroutine with its id, in one line.
func shown(id int64) string {
	name := nameOf(id)
	if name == namelessGoroutine(id) {
		return name
	}
	if strings.ContainsFunc(name, unicode.IsControl) { // one line
		name = strconv.Quote(name)
	}
	return fmt.Sprintf("%s (goroutine-%d)", name, id)
}

// writeCycles writes the cycles among those who wait and are known.
func writeCycles(b *strings.Builder, all []Wait) {
	var who []int64
	needs := make(map[int64]waitgraph.Need[int64])
	does := make(map[int64]Wait)
	for _, w := range all {
		if w.Goroutine != 0 && w.Holder != 0 {
			who = append(who, w.Goroutine)
			needs[w.Goroutine] = waitgraph.Need[int64]{Of: []int64{w.Holder}}
			does[w.Goroutine] = w
		}
	}
	for _, cycle := range waitgraph.Find(who, needs) {
		b.WriteString("cycle: none of these can go on\n")
		for _, g := range cycle {
			w := does[g]
			fmt.Fprintf(b, "\t%s waits for %s: %s of %s\n", shown(g), shown(w.Holder), w.Verb, w.Object)
		}
	}
}

// A lockKind says of which primitive a lock is the first field. Each kind has its own, so that a program which has no
// ReentrantLock does not link one.
type lockKind struct {
	class trace.Class
	of    func(l *lock) waitq.Owner
}

// mutexKind is also that of the lock of a key: it is all that a Mutex consists of.
var mutexKind = lockKind{trace.ClassMutex, func(l *lock) waitq.Owner {
	return (*Mutex)(unsafe.Pointer(l)) //nolint:gosec // it is one
}}

var reentrantKind = lockKind{trace.ClassReentrantLock, func(l *lock) waitq.Owner {
	return (*ReentrantLock)(unsafe.Pointer(l)) //nolint:gosec // it is one
}}
