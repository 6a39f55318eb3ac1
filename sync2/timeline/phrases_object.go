package timeline

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

// Phrases for events of an object, by its class.

func saySet(w Words, ev *trace.Event, o *Object, name string) string {
	if o.Class == trace.ClassTimer {
		return "sets " + name + ", to fire " + after(time.Duration(ev.N)-w.s.now)
	}
	if o.Class == trace.ClassWatch {
		return fmt.Sprintf("sets %s to %s, version %d", name, ev.Text, ev.N)
	}
	if ev.N == 0 {
		return "sets " + name
	}
	return "sets " + name + " for " + many(ev.N, "waiter")
}

func sayClear(_ Words, _ *trace.Event, o *Object, name string) string {
	if o.Class == trace.ClassTimer {
		return "stops " + name
	}
	return "clears " + name
}

func sayNotify(_ Words, ev *trace.Event, _ *Object, name string) string {
	if ev.N == 0 {
		return "notifies no waiter at " + name
	}
	return "notifies " + many(ev.N, "waiter") + " at " + name
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
		return name + " fires, and will again " + after(time.Duration(ev.N)-w.s.now)
	}
	return name + " fires"
}

// after describes the time d from now.
func after(d time.Duration) string {
	if d <= 0 {
		return "at once"
	}
	return "after " + seconds(d)
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

// sayTryFail mentions the number requested if it is more than one.
func sayTryFail(_ Words, ev *trace.Event, o *Object, name string) string {
	if ev.N > 1 && o.Class == trace.ClassSemaphore {
		return fmt.Sprintf("tries to get %d of %s and fails", ev.N, name)
	}
	return "tries " + name + " and fails"
}

func sayResize(_ Words, ev *trace.Event, o *Object, name string) string {
	if o.Class == trace.ClassSemaphore {
		return fmt.Sprintf("gives %s another bound, %d available now", name, o.Permits)
	}
	return fmt.Sprintf("lets %s have %s", name, many(ev.N, "worker"))
}

func sayArrive(_ Words, ev *trace.Event, o *Object, name string) string {
	return fmt.Sprintf("arrives at %s, %s of %d", name, ordinal(plus(count(ev.N), 1)), o.Parties)
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

func sayTrip(_ Words, ev *trace.Event, _ *Object, name string) string {
	return fmt.Sprintf("opens %s, generation %d", name, ev.N)
}

func sayBreak(_ Words, ev *trace.Event, _ *Object, name string) string {
	if ev.Text == "" {
		return "breaks " + name + ": " + trace.Reason(ev.N).String()
	}
	return "breaks " + name + ": " + ev.Text
}

// firstLine returns the first line of s, without details such as the stack of a panic.
func firstLine(s string) string {
	if line, _, more := strings.Cut(s, "\n"); more {
		return line + " …"
	}
	return s
}

func saySetValue(_ Words, ev *trace.Event, _ *Object, name string) string {
	return "sets its " + name + " to " + ev.Text
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

func sayPut(_ Words, ev *trace.Event, o *Object, name string) string {
	if o.Class == trace.ClassChan {
		return sends(ev, o, name)
	}
	words := "puts " + item(Item{ID: ev.N, Text: ev.Text}) + " into " + name
	if o.Capacity > 0 {
		words += fmt.Sprintf(", %d of %d", len(o.Items), o.Capacity)
	}
	if o.Class == trace.ClassPriorityQueue {
		words += ahead(ev, o)
	}
	return words
}

// ahead returns the number of other items of queue o ahead of which ev puts an item, as text, or "" if there are none.
func ahead(ev *trace.Event, o *Object) string {
	n := int64(len(o.Items)) - 1 - max(0, ev.Peer)
	if n <= 0 {
		return ""
	}
	return ", ahead of " + many(n, "other")
}

// sends describes sending a value to channel o.
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

func sayRequeue(_ Words, ev *trace.Event, o *Object, name string) string {
	what := item(Item{ID: ev.N, Text: ev.Text})
	if ev.G == 0 { // the holder is not asked
		return what + " comes back into " + name + ahead(ev, o)
	}
	return "puts " + what + " back into " + name + ahead(ev, o)
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
	case ProgressSucceeded:
		return "settles " + name + ": " + ev.Text
	case ProgressFailed:
		return "fails " + name + ": " + firstLine(ev.Text)
	case ProgressCanceled:
		return "cancels " + name + " before it began"
	case ProgressPending, ProgressRunning:
	}
	return "settles " + name
}

func sayPanic(_ Words, ev *trace.Event, _ *Object, name string) string {
	return "discards a panic in a callback of " + name + ": " + ev.Text
}

// sayEnd describes how a member of a group ended.
func sayEnd(ev *trace.Event, name string) string {
	if Progress(ev.N) == ProgressFailed {
		return "fails in " + name + ": " + firstLine(ev.Text)
	}
	return "is done in " + name
}

// sayCancel describes the cancellation of o, with its cause if known.
func sayCancel(_ Words, ev *trace.Event, _ *Object, name string) string {
	if ev.Text == "" {
		return "cancels " + name
	}
	return "cancels " + name + ": " + firstLine(ev.Text)
}
