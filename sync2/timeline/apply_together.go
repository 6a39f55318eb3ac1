package timeline

import (
	"fmt"
	"slices"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

// Groups of goroutines, and Watches.

// enders returns who could end the wait of g at the group o. It waits for the end of all members, and of those who wait to
// start one; or for the end of any member, so that there is a place.
func (gr graph) enders(g *Goroutine, o *Object) []int64 {
	gs := slices.Clone(o.Team)
	if family(g.Verb) == goes {
		if len(gs) > 1 { // it cannot itself end before it has its place
			gs = slices.DeleteFunc(gs, func(m int64) bool { return m == g.ID })
		}
		return gs
	}
	for _, w := range o.Queue {
		if family(gr.verb(w)) == goes {
			gs = append(gs, w)
		}
	}
	return gs
}

// waitsForAll reports whether the wait of g at o ends only when all who could end it have done their part.
func (gr graph) waitsForAll(g *Goroutine, o *Object) bool {
	return o.Class == trace.ClassRWMutex || o.Class == trace.ClassTaskGroup && family(g.Verb) != goes
}

// waitsForGroup says for what g waits at the group o.
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

// waitsForVersion says for what g waits at the Watch o.
func (w waitWords) waitsForVersion() string {
	g, o := w.g, w.o
	if after := int(g.Want); after > o.Count {
		return fmt.Sprintf("waits for a version of %s after %d, now %d", w.ObjName(o.ID), after, o.Count)
	}
	return fmt.Sprintf("waits for a version of %s after %d", w.ObjName(o.ID), o.Count)
}

// sayEnd says how a member of a group came to its end.
func sayEnd(ev *trace.Event, name string) string {
	if Progress(ev.N) == FailedWithError {
		return "fails in " + name + ": " + firstLine(ev.Text)
	}
	return "is done in " + name
}

// sayCancel says that o was canceled, and why if that is known.
func sayCancel(_ Words, ev *trace.Event, _ *Object, name string) string {
	if ev.Text == "" {
		return "cancels " + name
	}
	return "cancels " + name + ": " + firstLine(ev.Text)
}
