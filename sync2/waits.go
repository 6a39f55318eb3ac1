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

// A Wait describes one goroutine that is waiting in this package.
type Wait struct {
	// Goroutine is the id of the goroutine, as shown in stack traces, and Name its name. They are 0 and "" if the
	// goroutine is not known. Waiters of a [Semaphore], an [Event], a [Barrier], a [WaitGroup], the end of a
	// [Goroutine], a [Group] or an [Executor], and of [Queue.Join], are only counted while they wait. Waits identifies
	// them by their stacks, unless more than 10,000 wait, more than 100,000 goroutines exist, or they come and go
	// meanwhile.
	Goroutine int64
	Name      string

	// Object is the primitive for which the goroutine waits: a *Mutex, a *Semaphore and so on. For a [KeyedMutex] it is
	// the *Mutex of the key; for a [Future] or [WaitAll] it is a value that describes it.
	Object fmt.Stringer

	// Verb is the operation, such as "Lock" or "Get". It is the same for all variants: "Lock" also stands for
	// LockContext.
	Verb string

	// Since is the time at which the wait began. It is zero if that is not known: only waiters of a [Mutex], a
	// [ReentrantLock] or a [KeyedMutex] record it.
	Since time.Time

	// Position is the goroutine's position in the queue, from 1. It is 0 if there is no queue because all waiters are
	// released at once. For a Semaphore with several waiters the positions are not known: they are in the order of the
	// goroutines' ids.
	Position int

	// Holder is the id of the goroutine that blocks this one: the owner of a [ReentrantLock], the goroutine that is
	// joined, or the one that runs the function of a [Once]. It is 0 if that is not known.
	Holder int64

	// last is the last possible position if the position is not known, as at a Semaphore; otherwise it is 0.
	last int
}

// Waits returns all goroutines that are currently waiting in this package, grouped by object and in queue order. It
// needs no trace. The objects are inspected briefly, one after the other, so the result is not an atomic snapshot
// unless the program hangs.
//
// The result does not include goroutines that wait for a channel, such as that of [Event.Done], or for their turn to
// compare items of a priority queue, nor idle workers of an [Executor]. Waits returns nothing in a run of package
// explore and in builds with the tag deadlock.
func Waits() []Wait {
	waits := waitq.Waits()
	all := make([]Wait, len(waits))
	for i, t := range waits {
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

// holderOf returns the goroutine that the waiters of o wait for, 0 if it is not known.
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

// nameOf returns the name of the goroutine with the given id.
func nameOf(id int64) string {
	if name, _, known := goroutineName(id); known {
		return name
	}
	return namelessGoroutine(id)
}

// WriteWaits writes a report of all waiting goroutines, as returned by [Waits], to w: each object with its waiters,
// followed by the deadlock cycles among goroutines that are known. Then it lists each [Executor] that has workers and
// was not shut down, with the line that made it. It writes nothing if there is nothing to report. It returns the error
// of w.
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
	return err // it is the writer's
}

// mostLines is the maximum number of lines about the waiters of one object.
const mostLines = 100

// writeObject describes the waiters of one object.
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

// anonymous reports whether only the operation of w is known.
func (w *Wait) anonymous() bool { return w.Goroutine == 0 && w.Since.IsZero() }

// write writes a line about w and the n-1 waits like it that follow.
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

// writeCycles writes the cycles among the known waiters.
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

// mutexKind is also the kind of the lock of a key, because a Mutex consists only of that.
var mutexKind = lockKind{trace.ClassMutex, func(l *lock) waitq.Owner {
	return (*Mutex)(unsafe.Pointer(l)) //nolint:gosec // it is one
}}

var reentrantKind = lockKind{trace.ClassReentrantLock, func(l *lock) waitq.Owner {
	return (*ReentrantLock)(unsafe.Pointer(l)) //nolint:gosec // it is one
}}
