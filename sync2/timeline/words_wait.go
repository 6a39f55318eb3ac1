package timeline

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/turnstile-go/turnstile/internal/safetext"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// Words for what a goroutine waits for.

// WaitsFor describes what goroutine g waits for: "waits for fork-1", "waits for the end of ann". It returns "" if g
// does not wait.
func (w Words) WaitsFor(g int64) string {
	if x := w.s.Goroutine(g); x != nil && x.Status == StatusWaiting {
		return safetext.Line(w.at(x).waitsFor())
	}
	return ""
}

// waitsFor describes what the waiting g waits for, by the class of the object.
func (w waitWords) waitsFor() string {
	g, o := w.g, w.o
	name := w.ObjName(g.For)
	if o == nil {
		return "waits for " + name
	}
	switch {
	case o.Class == trace.ClassWatch:
		return w.waitsForVersion()
	case o.Class == trace.ClassTaskGroup:
		return w.waitsForGroup()
	case o.Class == trace.ClassClock:
		return "sleeps for " + seconds(time.Duration(g.Want))
	case g.Want > 1:
		return fmt.Sprintf("waits for %d of %s", g.Want, name)
	case o.Class == trace.ClassChan || o.Class == trace.ClassNilChan:
		return "waits to " + toOrFrom(family(g.Verb) == puts) + name
	case o.Class == trace.ClassSelect:
		return w.chooses()
	case o.Class == trace.ClassRWMutex && reads(g.Verb):
		return "waits for " + name + " for reading"
	case o.Class == trace.ClassWaitGroup:
		return fmt.Sprintf("waits until %s is 0, now %d", name, o.Count)
	case o.Class == trace.ClassOnce && o.Acting != 0:
		return "waits for " + name + ", which " + w.GName(o.Acting) + " runs"
	case o.Class == trace.ClassBarrier && g.Verb == awaitsAction:
		return "waits to run the action of " + name
	case o.Class == trace.ClassGoroutine:
		return "waits for the end of " + w.GName(o.Of)
	case o.Class == trace.ClassFuture:
		return "waits for the result of " + name
	case o.Class == trace.ClassGroup && o.Watches > 0:
		return "waits for " + w.enough()
	case o.Class == trace.ClassExecutor && g.Verb == idles:
		return "waits for work from " + name
	case o.Class == trace.ClassExecutor && g.Verb == submits:
		return "waits until " + name + " takes its task"
	case isQueue(o.Class):
		switch family(g.Verb) {
		case puts:
			return "waits to put into " + name
		case gets:
			return "waits to get from " + name
		case joins:
			return "waits until " + name + " is done"
		}
	}
	return "waits for " + name
}

// toOrFrom describes a channel operation, before the channel's name.
func toOrFrom(send bool) string {
	if send {
		return "send to "
	}
	return "receive from "
}

// chooses describes what a goroutine waits for in the select o: "waits to receive from a or b, or to send to c".
func (w waitWords) chooses() string {
	o := w.o
	if len(o.Cases) == 0 {
		return "waits in a select without cases"
	}
	var ways []string
	for _, send := range []bool{false, true} {
		var names []string
		for _, c := range o.Cases {
			if name := w.ObjName(c.Obj); c.Send == send && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
		if len(names) > maxListed {
			names = append(names[:maxListed], many(int64(len(names)-maxListed), "more"))
		}
		if len(names) > 0 {
			ways = append(ways, "to "+toOrFrom(send)+strings.Join(names, " or "))
		}
	}
	return "waits " + strings.Join(ways, ", or ")
}

// enough describes which futures of group o the waiting g waits for, and the number that are settled.
func (w waitWords) enough() string {
	g, o := w.g, w.o
	words, then := many(int64(o.Watches), "future"), ", "
	if o.Watches > 1 {
		switch g.Verb {
		case "AsCompleted":
			words = "the next of " + words
		case "WaitAny":
			words = "the first of " + words
		case "WaitAll":
			words = "all of " + words
		case "WaitFirstError":
			words, then = "all of "+words+", or one that fails", "; "
		}
	}
	if n := w.s.Settled(o.ID); n == 1 {
		words += then + "1 is settled"
	} else if n > 1 {
		words += fmt.Sprintf("%s%d are settled", then, n)
	}
	return words
}

// waitsForGroup describes what g waits for at the group o.
func (w waitWords) waitsForGroup() string {
	g, o := w.g, w.o
	if family(g.Verb) == goes {
		return fmt.Sprintf("waits for one of the %d places in %s", o.Limit, w.ObjName(o.ID))
	}
	words := "waits for the end of " + w.ObjName(o.ID)
	switch n := len(o.Team); n {
	case 0:
		return words
	case 1:
		return words + ", where " + w.GName(o.Team[0]) + " runs"
	default:
		return fmt.Sprintf("%s, where %d run", words, n)
	}
}

// waitsForVersion describes what g waits for at the Watch o.
func (w waitWords) waitsForVersion() string {
	g, o := w.g, w.o
	if after := int(g.Want); after > o.Count {
		return fmt.Sprintf("waits for a version of %s after %d, now %d", w.ObjName(o.ID), after, o.Count)
	}
	return fmt.Sprintf("waits for a version of %s after %d", w.ObjName(o.ID), o.Count)
}
