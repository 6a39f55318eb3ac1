package timeline

import (
	"fmt"
	"strings"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

// The phrases that say more than a word and a name; see phrase.

func sayDropped(_ *State, ev *trace.Event, _ *Object, _ string) string {
	if ev.N == 1 {
		return "1 event is missing here"
	}
	return fmt.Sprintf("%d events are missing here", ev.N)
}

func sayLog(_ *State, ev *trace.Event, _ *Object, _ string) string { return "says: " + ev.Text }

// sayDefineG says nothing of a goroutine that another started, since the start has an event of its own.
func sayDefineG(_ *State, ev *trace.Event, _ *Object, _ string) string {
	if ev.Peer != 0 {
		return ""
	}
	return "appears"
}

// sayDefineObj says nothing of what can be joined, since that is a goroutine as before.
func sayDefineObj(s *State, ev *trace.Event, o *Object, name string) string {
	if o.Class == trace.ClassGoroutine {
		return ""
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
	case o.Class == trace.ClassExecutor:
		words += " of " + many(n, "worker")
	case o.Class == trace.ClassGroup:
		words += " of " + many(n, "future")
	case o.Class == trace.ClassCond && ev.Peer != 0:
		words += " on " + s.ObjName(trace.ID(ev.Peer))
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
}

// aClass returns what o is, with its article.
func aClass(o *Object) string {
	if int(o.Class) < len(nouns) && nouns[o.Class] != "" {
		return nouns[o.Class]
	}
	return "an object"
}

func sayRename(_ *State, ev *trace.Event, o *Object, _ string) string {
	return "names " + aClass(o) + " " + ev.Text
}

func saySpawn(s *State, ev *trace.Event, _ *Object, _ string) string {
	return "starts " + s.GName(ev.Peer)
}

func sayExit(s *State, ev *trace.Event, _ *Object, _ string) string {
	end := ""
	if ev.Text != "" {
		end = ": " + ev.Text
	}
	if g := s.Goroutine(ev.G); g != nil && len(g.Holds) > 0 {
		return "ends and still holds " + s.held(g.Holds) + end
	}
	return "ends" + end
}

func sayBlock(s *State, ev *trace.Event, _ *Object, _ string) string {
	g := s.Goroutine(ev.G)
	if g == nil || g.Status != Waiting {
		return "waits for " + s.ObjName(ev.Obj)
	}
	return s.says(g)
}

func sayUnblock(s *State, ev *trace.Event, _ *Object, _ string) string {
	g := s.Goroutine(ev.G)
	if g == nil || g.Status != Released {
		return "is released by " + s.GName(ev.Peer)
	}
	return "is " + s.releasedBy(g)
}

func sayGiveUp(s *State, ev *trace.Event, _ *Object, name string) string {
	words := "gives up waiting for " + name
	if g := s.Goroutine(ev.G); g != nil && g.Status == GaveUp {
		words += " after " + seconds(g.Waited)
	}
	return words + ": " + trace.Reason(ev.N).String()
}

func saySet(_ *State, ev *trace.Event, _ *Object, name string) string {
	if ev.N == 0 {
		return "sets " + name
	}
	return "sets " + name + " for " + many(ev.N, "waiter")
}

func sayPass(s *State, _ *trace.Event, o *Object, name string) string {
	switch {
	case o.Class == trace.ClassEvent:
		return "finds " + name + " set"
	case o.Class == trace.ClassGoroutine:
		return "finds that " + s.GName(o.Of) + " has ended"
	case o.Class == trace.ClassFuture:
		return "finds " + name + " settled"
	case isQueue(o.Class):
		return "finds " + name + " done"
	}
	return "passes " + name
}

func sayAcquire(_ *State, ev *trace.Event, o *Object, name string) string {
	switch {
	case isLock(o.Class) && ev.N > 1:
		return fmt.Sprintf("locks %s again (×%d)", name, ev.N)
	case isLock(o.Class):
		return "locks " + name
	}
	return fmt.Sprintf("takes %s of %s, %d left", many(ev.N, "permit"), name, o.Permits)
}

func sayRelease(s *State, ev *trace.Event, o *Object, name string) string {
	switch {
	case isLock(o.Class) && ev.N > 0:
		return fmt.Sprintf("unlocks %s once (×%d)", name, ev.N)
	case isLock(o.Class) && ev.Peer != 0 && ev.Peer != ev.G:
		return "unlocks " + name + " for " + s.GName(ev.Peer)
	case isLock(o.Class):
		return "unlocks " + name
	}
	return fmt.Sprintf("gives %s back to %s, %d now", many(ev.N, "permit"), name, o.Permits)
}

func sayArrive(_ *State, ev *trace.Event, o *Object, name string) string {
	return fmt.Sprintf("arrives at %s, %s of %d", name, ordinal(plus(count(ev.N), 1)), o.Parties)
}

func sayActionEnd(_ *State, ev *trace.Event, _ *Object, name string) string {
	if ev.Text == "" {
		return "has run the action of " + name
	}
	return "fails in the action of " + name + ": " + firstLine(ev.Text)
}

// firstLine returns what s says before it goes into detail, such as the stack of a panic.
func firstLine(s string) string {
	if line, _, more := strings.Cut(s, "\n"); more {
		return line + " …"
	}
	return s
}

func sayTrip(_ *State, ev *trace.Event, _ *Object, name string) string {
	return fmt.Sprintf("opens %s, generation %d", name, ev.N)
}

func sayBreak(_ *State, ev *trace.Event, _ *Object, name string) string {
	if ev.Text == "" {
		return "breaks " + name + ": " + trace.Reason(ev.N).String()
	}
	return "breaks " + name + ": " + ev.Text
}

func saySetValue(_ *State, ev *trace.Event, _ *Object, name string) string {
	return "sets its " + name + " to " + ev.Text
}

func sayNotify(_ *State, ev *trace.Event, _ *Object, name string) string {
	if ev.N == 0 {
		return "notifies nobody at " + name
	}
	return "notifies " + many(ev.N, "waiter") + " at " + name
}

func sayPut(_ *State, ev *trace.Event, o *Object, name string) string {
	words := "puts " + item(Item{ID: ev.N, Text: ev.Text}) + " into " + name
	if o.Capacity > 0 {
		words += fmt.Sprintf(", %d of %d", len(o.Items), o.Capacity)
	}
	return words
}

func sayGet(_ *State, _ *trace.Event, o *Object, name string) string {
	return "takes " + item(o.Taken) + " from " + name
}

func item(it Item) string {
	if it.Text != "" {
		return it.Text
	}
	return fmt.Sprintf("item %d", it.ID)
}

func sayTaskDone(_ *State, ev *trace.Event, _ *Object, name string) string {
	return fmt.Sprintf("is done with an item of %s, %d unfinished", name, ev.N)
}

func sayClose(_ *State, ev *trace.Event, _ *Object, name string) string {
	if ev.N > 0 {
		return "closes " + name + " and drops " + many(ev.N, "item")
	}
	return "closes " + name
}

func saySubmit(s *State, ev *trace.Event, _ *Object, name string) string {
	if ev.Peer == 0 {
		return "promises " + name
	}
	return "submits " + name + " to " + s.ObjName(trace.ID(ev.Peer))
}

func saySettle(_ *State, ev *trace.Event, _ *Object, name string) string {
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

func sayRead(_ *State, ev *trace.Event, _ *Object, name string) string {
	return "reads " + name + ": " + ev.Text
}

func sayWrite(_ *State, ev *trace.Event, _ *Object, name string) string {
	return "writes " + name + ": " + ev.Text
}

func sayOp(_ *State, ev *trace.Event, _ *Object, name string) string {
	if ev.Obj == 0 {
		return ev.Text
	}
	return ev.Text + " at " + name
}
