package timeline

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

// Phrases longer than a word and a name; see phrase.

func sayDropped(_ Words, ev *trace.Event, _ *Object, _ string) string {
	if ev.N == 1 {
		return "1 event is missing here"
	}
	return fmt.Sprintf("%d events are missing here", ev.N)
}

func sayLog(_ Words, ev *trace.Event, _ *Object, _ string) string { return "says: " + ev.Text }

// sayDefineG omits goroutines started by another, since the start has an event of its own.
func sayDefineG(_ Words, ev *trace.Event, _ *Object, _ string) string {
	if ev.Peer != 0 {
		return ""
	}
	return "appears"
}

// sayDefineObj omits handles of goroutines, since the goroutine has been described.
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
	case o.Class == trace.ClassFuture && Progress(n) > ProgressPending:
		words += " that " + became(Progress(n))
	case o.Class == trace.ClassTaskGroup && n > 0:
		words += fmt.Sprintf(", %d at once", n)
	case o.Class == trace.ClassWatch:
		words += fmt.Sprintf(" at version %d", n)
	case o.Class == trace.ClassCond && ev.Peer != 0:
		words += " on " + w.ObjName(trace.ID(ev.Peer))
	}
	return words
}

// became describes a future in state p: "is running", "has failed".
func became(p Progress) string {
	switch p {
	case ProgressRunning:
		return "is running"
	case ProgressSucceeded:
		return "has succeeded"
	case ProgressFailed:
		return "has failed"
	case ProgressCanceled:
		return "was canceled"
	case ProgressPending:
	}
	return "is pending"
}

func parties(n int64) string {
	if n == 1 {
		return "1 party"
	}
	return fmt.Sprintf("%d parties", n)
}

// nouns are the names of the classes in running text, with their articles.
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

// aClass returns the name of o's class, with its article.
func aClass(o *Object) string {
	if int(o.Class) < len(nouns) && nouns[o.Class] != "" {
		return nouns[o.Class]
	}
	return "an object"
}

// sayRename includes the name that the object had before: without it the object could be any of its class.
func sayRename(w Words, ev *trace.Event, o *Object, _ string) string {
	what := aClass(o)
	if w.s.was != "" {
		what = w.s.was
	}
	return "names " + what + " " + ev.Text
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

func sayBlock(w Words, ev *trace.Event, o *Object, _ string) string {
	g := w.s.Goroutine(ev.G)
	if g == nil || g.Status != StatusWaiting {
		return "waits for " + w.ObjName(ev.Obj)
	}
	return w.doing(g) + w.unsettled(o)
}

// unsettled returns text with the number of futures of group o that are settled, followed by the names of some that are not.
func (w Words) unsettled(o *Object) string {
	var names []string
	width := 0                                                        // of names
	for _, id := range o.Members[:min(len(o.Members), 4*maxListed)] { // of very many, some of the first
		if f := w.s.Object(id); f != nil && f.Class == trace.ClassFuture && f.Progress <= ProgressRunning && width < maxListWidth {
			names = append(names, w.ObjName(id))
			width += len(names[len(names)-1])
		}
	}
	if len(names) == 0 {
		return ""
	}
	n := o.Watches - w.s.Settled(o.ID)
	if more := n - len(names); more > 0 {
		names = append(names, fmt.Sprintf("%d more", more))
	}
	switch list := strings.Join(names, ", "); n {
	case o.Watches:
		return ": " + list
	case 1:
		return "; " + list + " is not"
	default:
		return "; " + list + " are not"
	}
}

func sayUnblock(w Words, ev *trace.Event, _ *Object, _ string) string {
	g := w.s.Goroutine(ev.G)
	if g == nil || g.Status != StatusReleased {
		return "is released by " + w.GName(ev.Peer)
	}
	return "is " + w.at(g).releasedBy()
}

func sayGiveUp(w Words, ev *trace.Event, _ *Object, name string) string {
	words := "gives up waiting for " + name
	if g := w.s.Goroutine(ev.G); g != nil && g.Status == StatusGaveUp {
		words += " after " + seconds(g.Waited)
	}
	return words + ": " + trace.Reason(ev.N).String()
}

func sayFail(_ Words, ev *trace.Event, _ *Object, _ string) string {
	if ev.G == 0 {
		return "it fails: " + firstLine(ev.Text)
	}
	return "fails: " + firstLine(ev.Text)
}
