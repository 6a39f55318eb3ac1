package timeline

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

// The phrases that say more than a word and a name; see phrase.

func sayDropped(_ Words, ev *trace.Event, _ *Object, _ string) string {
	if ev.N == 1 {
		return "1 event is missing here"
	}
	return fmt.Sprintf("%d events are missing here", ev.N)
}

func sayLog(_ Words, ev *trace.Event, _ *Object, _ string) string { return "says: " + ev.Text }

// sayDefineG says nothing of a goroutine that another started, since the start has an event of its own.
func sayDefineG(_ Words, ev *trace.Event, _ *Object, _ string) string {
	if ev.Peer != 0 {
		return ""
	}
	return "appears"
}

// sayDefineObj says nothing of what can be joined, since that is a goroutine as before.
func sayDefineObj(w Words, ev *trace.Event, o *Object, name string) string {
	switch o.Class {
	case trace.ClassGoroutine, trace.ClassSelect, trace.ClassNilChan, trace.ClassClock:
		return ""
	default:
	}
	words := name + " is " + aClass(o)
	switch n := max(0, ev.N); {
	case o.Class == trace.ClassEvent && n > 0:
		words += " that is set"
	case o.Class == trace.ClassBarrier:
		words += " for " + parties(n)
	case o.Class == trace.ClassSemaphore:
		words += " with " + many(n, "permit")
	case isLock(o.Class) && n > 0:
		words += " that is held"
	case isQueue(o.Class) && n > 0:
		words += " for " + many(n, "item")
	case o.Class == trace.ClassChan && n > 0:
		words += " with room for " + strconv.FormatInt(n, 10)
	case o.Class == trace.ClassChan:
		words += " without a buffer"
	case o.Class == trace.ClassRWMutex && n > 1:
		words += " that is held for reading"
	case o.Class == trace.ClassRWMutex && n > 0:
		words += " that is held"
	case o.Class == trace.ClassWaitGroup && n > 0:
		words += fmt.Sprintf(" at %d", n)
	case o.Class == trace.ClassExecutor:
		words += " of " + many(n, "worker")
	case o.Class == trace.ClassGroup:
		words += " of " + many(n, "future")
	case o.Class == trace.ClassTaskGroup && n > 0:
		words += fmt.Sprintf(", %d at once", n)
	case o.Class == trace.ClassWatch:
		words += fmt.Sprintf(" at version %d", n)
	case o.Class == trace.ClassCond && ev.Peer != 0:
		words += " on " + w.ObjName(trace.ID(ev.Peer))
	}
	return words
}

func parties(n int64) string {
	if n == 1 {
		return "1 party"
	}
	return fmt.Sprintf("%d parties", n)
}

// nouns are what the classes are called in running text, with their articles.
var nouns = [...]string{
	trace.ClassEvent: "an event", trace.ClassBarrier: "a barrier", trace.ClassSemaphore: "a semaphore", trace.ClassMutex: "a mutex",
	trace.ClassReentrantLock: "a reentrant lock", trace.ClassLocal: "a goroutine-local variable", trace.ClassCond: "a condition variable",
	trace.ClassQueue: "a queue", trace.ClassStack: "a stack", trace.ClassPriorityQueue: "a priority queue", trace.ClassExecutor: "an executor",
	trace.ClassFuture: "a future", trace.ClassGroup: "a group", trace.ClassGoroutine: "a goroutine", trace.ClassVar: "a variable",
	trace.ClassChan: "a channel", trace.ClassNilChan: "the nil channel", trace.ClassSelect: "a select statement", trace.ClassRWMutex: "a read-write mutex",
	trace.ClassWaitGroup: "a wait group", trace.ClassOnce: "a once", trace.ClassTimer: "a timer", trace.ClassClock: "the clock",
	trace.ClassAtomic: "an atomic variable", trace.ClassWatch: "a watch", trace.ClassKeyedMutex: "a keyed mutex",
	trace.ClassFlight: "a flight", trace.ClassTaskGroup: "a group of goroutines",
}

// aClass returns what o is, with its article.
func aClass(o *Object) string {
	if int(o.Class) < len(nouns) && nouns[o.Class] != "" {
		return nouns[o.Class]
	}
	return "an object"
}

func sayRename(_ Words, ev *trace.Event, o *Object, _ string) string {
	return "names " + aClass(o) + " " + ev.Text
}

func saySpawn(w Words, ev *trace.Event, o *Object, name string) string {
	if o.Class == trace.ClassTaskGroup {
		return "starts " + w.GName(ev.Peer) + " in " + name
	}
	return "starts " + w.GName(ev.Peer)
}

func sayExit(w Words, ev *trace.Event, _ *Object, _ string) string {
	end := ""
	if ev.Text != "" {
		end = ": " + ev.Text
	}
	if g := w.s.Goroutine(ev.G); g != nil && len(g.Holds) > 0 {
		return "ends and still holds " + w.held(g.Holds) + end
	}
	return "ends" + end
}

func sayBlock(w Words, ev *trace.Event, _ *Object, _ string) string {
	g := w.s.Goroutine(ev.G)
	if g == nil || g.Status != Waiting {
		return "waits for " + w.ObjName(ev.Obj)
	}
	return w.says(g)
}

func sayUnblock(w Words, ev *trace.Event, _ *Object, _ string) string {
	g := w.s.Goroutine(ev.G)
	if g == nil || g.Status != Released {
		return "is released by " + w.GName(ev.Peer)
	}
	return "is " + w.at(g).releasedBy()
}

func sayGiveUp(w Words, ev *trace.Event, _ *Object, name string) string {
	words := "gives up waiting for " + name
	if g := w.s.Goroutine(ev.G); g != nil && g.Status == GaveUp {
		words += " after " + seconds(g.Waited)
	}
	return words + ": " + trace.Reason(ev.N).String()
}

func saySet(w Words, ev *trace.Event, o *Object, name string) string {
	if o.Class == trace.ClassTimer {
		return "sets " + name + ", to go off " + after(time.Duration(ev.N)-w.s.now)
	}
	if o.Class == trace.ClassWatch {
		return fmt.Sprintf("sets %s to %s, version %d", name, ev.Text, ev.N)
	}
	if ev.N == 0 {
		return "sets " + name
	}
	return "sets " + name + " for " + many(ev.N, "waiter")
}

func sayPass(w Words, ev *trace.Event, o *Object, name string) string {
	switch {
	case o.Class == trace.ClassWatch:
		return fmt.Sprintf("gets version %d of %s", ev.N, name)
	case o.Class == trace.ClassTaskGroup:
		return "finds that all of " + name + " have ended"
	case o.Class == trace.ClassEvent:
		return "finds " + name + " set"
	case o.Class == trace.ClassGoroutine:
		return "finds that " + w.GName(o.Of) + " has ended"
	case o.Class == trace.ClassFuture:
		return "finds " + name + " settled"
	case isQueue(o.Class):
		return "finds " + name + " done"
	case o.Class == trace.ClassChan:
		return "finds " + name + " closed"
	case o.Class == trace.ClassWaitGroup:
		return "finds " + name + " at 0"
	case o.Class == trace.ClassOnce:
		return "finds that the function of " + name + " has run"
	}
	return "passes " + name
}

func sayAcquire(_ Words, ev *trace.Event, o *Object, name string) string {
	switch {
	case isLock(o.Class) && ev.N > 1:
		return fmt.Sprintf("locks %s again (×%d)", name, ev.N)
	case o.Class == trace.ClassRWMutex && ev.Text == downgrade:
		return "downgrades " + name + " to reading"
	case o.Class == trace.ClassRWMutex && reads(ev.Text):
		return "locks " + name + " for reading"
	case isLock(o.Class) || o.Class == trace.ClassRWMutex:
		return "locks " + name
	}
	return fmt.Sprintf("takes %s of %s, %d left", many(ev.N, "permit"), name, o.Permits)
}

func sayRelease(w Words, ev *trace.Event, o *Object, name string) string {
	switch {
	case isLock(o.Class) && ev.N > 0:
		return fmt.Sprintf("unlocks %s once (×%d)", name, ev.N)
	case isLock(o.Class) && ev.Peer != 0 && ev.Peer != ev.G:
		return "unlocks " + name + " for " + w.GName(ev.Peer)
	case o.Class == trace.ClassRWMutex && reads(ev.Text):
		return "unlocks " + name + " after reading"
	case isLock(o.Class) || o.Class == trace.ClassRWMutex:
		return "unlocks " + name
	}
	return fmt.Sprintf("gives %s back to %s, %d now", many(ev.N, "permit"), name, o.Permits)
}

func sayResize(_ Words, ev *trace.Event, o *Object, name string) string {
	if o.Class == trace.ClassSemaphore {
		return fmt.Sprintf("gives %s another bound, %d available now", name, o.Permits)
	}
	return fmt.Sprintf("lets %s have %s", name, many(ev.N, "worker"))
}

func sayRequeue(_ Words, ev *trace.Event, _ *Object, name string) string {
	return "puts " + item(Item{ID: ev.N, Text: ev.Text}) + " back into " + name
}

func sayPanic(_ Words, ev *trace.Event, _ *Object, name string) string {
	return "loses a panic of a callback of " + name + ": " + ev.Text
}

func sayArrive(_ Words, ev *trace.Event, o *Object, name string) string {
	return fmt.Sprintf("arrives at %s, %s of %d", name, ordinal(plus(count(ev.N), 1)), o.Parties)
}

func sayClear(_ Words, _ *trace.Event, o *Object, name string) string {
	if o.Class == trace.ClassTimer {
		return "stops " + name
	}
	return "clears " + name
}

func sayActionBegin(_ Words, _ *trace.Event, o *Object, name string) string {
	if o.Class == trace.ClassOnce {
		return "runs the function of " + name
	}
	return "runs the action of " + name
}

func sayActionEnd(_ Words, ev *trace.Event, o *Object, name string) string {
	what := "action"
	if o.Class == trace.ClassOnce {
		what = "function"
	}
	if ev.Text == "" && ev.N == 0 {
		return "has run the " + what + " of " + name
	}
	return "fails in the " + what + " of " + name + ": " + firstLine(ev.Text)
}

// firstLine returns what s says before it goes into detail, such as the stack of a panic.
func firstLine(s string) string {
	if line, _, more := strings.Cut(s, "\n"); more {
		return line + " …"
	}
	return s
}

func sayTrip(_ Words, ev *trace.Event, _ *Object, name string) string {
	return fmt.Sprintf("opens %s, generation %d", name, ev.N)
}

func sayBreak(_ Words, ev *trace.Event, _ *Object, name string) string {
	if ev.Text == "" {
		return "breaks " + name + ": " + trace.Reason(ev.N).String()
	}
	return "breaks " + name + ": " + ev.Text
}

func saySetValue(_ Words, ev *trace.Event, _ *Object, name string) string {
	return "sets its " + name + " to " + ev.Text
}

func sayNotify(_ Words, ev *trace.Event, _ *Object, name string) string {
	if ev.N == 0 {
		return "notifies nobody at " + name
	}
	return "notifies " + many(ev.N, "waiter") + " at " + name
}

func sayPut(_ Words, ev *trace.Event, o *Object, name string) string {
	if o.Class == trace.ClassChan {
		return sends(ev, o, name)
	}
	words := "puts " + item(Item{ID: ev.N, Text: ev.Text}) + " into " + name
	if o.Capacity > 0 {
		words += fmt.Sprintf(", %d of %d", len(o.Items), o.Capacity)
	}
	return words
}

// sends says that a value is sent to channel o.
func sends(ev *trace.Event, o *Object, name string) string {
	words := "sends to " + name
	if ev.Text != "" {
		words = "sends " + ev.Text + " to " + name
	}
	if o.Capacity > 0 {
		words += fmt.Sprintf(", %d of %d", min(len(o.Items), o.Capacity), o.Capacity)
	}
	return words
}

func sayGet(_ Words, _ *trace.Event, o *Object, name string) string {
	if o.Class == trace.ClassChan {
		if o.Taken.Text == "" {
			return "receives from " + name
		}
		return "receives " + o.Taken.Text + " from " + name
	}
	return "takes " + item(o.Taken) + " from " + name
}

func item(it Item) string {
	if it.Text != "" {
		return it.Text
	}
	return fmt.Sprintf("item %d", it.ID)
}

func sayTaskDone(_ Words, ev *trace.Event, o *Object, name string) string {
	if o.Class == trace.ClassTaskGroup {
		return "leaves " + name + ", where " + strconv.FormatInt(ev.N, 10) + " run now"
	}
	return fmt.Sprintf("is done with an item of %s, %d unfinished", name, ev.N)
}

func sayClose(_ Words, ev *trace.Event, _ *Object, name string) string {
	if ev.N > 0 {
		return "closes " + name + " and drops " + many(ev.N, "item")
	}
	return "closes " + name
}

func saySubmit(w Words, ev *trace.Event, _ *Object, name string) string {
	if ev.Peer == 0 {
		return "promises " + name
	}
	if in := w.s.Object(trace.ID(ev.Peer)); in != nil && in.Class == trace.ClassFlight {
		return "asks for " + name + ", the first"
	}
	return "submits " + name + " to " + w.ObjName(trace.ID(ev.Peer))
}

func saySettle(_ Words, ev *trace.Event, o *Object, name string) string {
	if o.Class == trace.ClassTaskGroup {
		return sayEnd(ev, name)
	}
	switch Progress(ev.N) {
	case Succeeded:
		return "settles " + name + ": " + ev.Text
	case FailedWithError:
		return "fails " + name + ": " + firstLine(ev.Text)
	case CanceledBefore:
		return "cancels " + name + " before it began"
	case Pending, InProgress:
	}
	return "settles " + name
}

func sayAdd(_ Words, ev *trace.Event, o *Object, name string) string {
	switch {
	case ev.N < 0:
		return fmt.Sprintf("takes %s below 0", name)
	case o.Added < 0:
		return fmt.Sprintf("counts %s down to %d", name, ev.N)
	}
	return fmt.Sprintf("adds %d to %s, now %d", o.Added, name, ev.N)
}

func sayFire(w Words, ev *trace.Event, _ *Object, name string) string {
	if ev.N > 0 {
		return name + " goes off, and will again " + after(time.Duration(ev.N)-w.s.now)
	}
	return name + " goes off"
}

// after says when something will be that comes after d.
func after(d time.Duration) string {
	if d <= 0 {
		return "at once"
	}
	return "after " + seconds(d)
}

func sayFail(_ Words, ev *trace.Event, _ *Object, _ string) string {
	if ev.G == 0 {
		return "it fails: " + firstLine(ev.Text)
	}
	return "fails: " + firstLine(ev.Text)
}

func sayRead(_ Words, ev *trace.Event, _ *Object, name string) string {
	if ev.Text == "" {
		return "reads " + name
	}
	return "reads " + name + ": " + ev.Text
}

func sayWrite(_ Words, ev *trace.Event, _ *Object, name string) string {
	if ev.Text == "" {
		return "writes " + name
	}
	return "writes " + name + ": " + ev.Text
}

func sayOp(_ Words, ev *trace.Event, _ *Object, name string) string {
	if ev.Obj == 0 {
		return ev.Text
	}
	return ev.Text + " at " + name
}
