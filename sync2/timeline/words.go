package timeline

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/turnstile-go/turnstile/internal/safetext"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// Words describes a State: it has a name for each goroutine and object, and sentences about them.
type Words struct{ s *State }

// Words returns the Words for s. They describe whatever s is at the time.
func (s *State) Words() Words { return Words{s} }

// GName returns the name of goroutine id, or "goroutine-<id>" if it has none. Goroutine 0 is "an unknown goroutine".
func (w Words) GName(id int64) string {
	if g := w.s.Goroutine(id); g != nil && g.Name != "" {
		return g.Name
	}
	if id == 0 {
		return "an unknown goroutine"
	}
	return fmt.Sprintf("goroutine-%d", id)
}

// ObjName returns the name of object id, or "object-<id>" if it has none. Object 0 is "nothing".
func (w Words) ObjName(id trace.ID) string {
	if o := w.s.Object(id); o != nil && o.Name != "" {
		return o.Name
	}
	if id == 0 {
		return "nothing"
	}
	return fmt.Sprintf("object-%d", id)
}

// waitWords describes a wait of goroutine g for object o, which is nil if unknown.
type waitWords struct {
	Words
	g *Goroutine
	o *Object
}

// at returns words for the wait of g, or for its last wait.
func (w Words) at(g *Goroutine) waitWords { return waitWords{w, g, w.s.Object(g.For)} }

// Doing describes what goroutine g is doing: "running", "holds pool (×2)", "waits for start-line, 2nd of 4", "released
// by main", "gave up after 0.2 s: timed out", "ended". It returns "unknown" if g has not appeared.
func (w Words) Doing(g int64) string { return safetext.Line(w.doing(w.s.Goroutine(g))) }

func (w Words) doing(g *Goroutine) string {
	switch {
	case g == nil || g.Status == StatusUnknown:
		return "unknown"
	case g.Status == StatusWaiting:
		words := w.at(g).waitsFor()
		o := w.s.Object(g.For)
		if o != nil && o.Class == trace.ClassExecutor { // any worker will do
			return words
		}
		if place, of := w.s.QueuePosition(g.ID); of > 1 || o != nil && o.Class == trace.ClassBarrier && of > 0 {
			words += fmt.Sprintf(", %s of %d", ordinal(place), of)
		}
		return words
	case g.Status == StatusReleased:
		return w.at(g).releasedBy()
	case g.Status == StatusGaveUp:
		return fmt.Sprintf("gave up after %s: %s", seconds(g.Waited), g.Reason)
	case g.Status == StatusEnded:
		return "ended"
	case g.Last.Kind == trace.KindFail:
		return "failed: " + firstLine(g.Last.Text)
	case g.Last.Kind == trace.KindActionBegin:
		if o := w.s.Object(g.Last.Obj); o != nil && o.Class == trace.ClassOnce {
			return "runs the function of " + w.ObjName(g.Last.Obj)
		}
		return "runs the action of " + w.ObjName(g.Last.Obj)
	case w.tookTurn(g):
		return "runs the function of " + w.ObjName(g.Last.Obj)
	case len(g.Holds) > 0:
		return "holds " + w.held(g.Holds)
	}
	return "running"
}

// tookTurn reports whether the last event of g was to resume as the next to run the function of a Once.
func (w Words) tookTurn(g *Goroutine) bool {
	o := w.s.Object(g.Last.Obj)
	return g.Last.Kind == trace.KindResume && o != nil && o.Class == trace.ClassOnce && o.Acting == g.ID
}

// Held describes the objects that goroutine g holds, such as "fork-1, pool (×2)". It returns "" if g holds nothing.
func (w Words) Held(g int64) string {
	if x := w.s.Goroutine(g); x != nil {
		return safetext.Line(w.held(x.Holds))
	}
	return ""
}

func (w Words) held(holds []Hold) string {
	var words []string
	for i, h := range holds {
		if i == maxListed && len(holds) > maxListed+1 {
			words = append(words, fmt.Sprintf("%d more", len(holds)-i))
			break
		}
		words = append(words, w.heldAs(h))
	}
	return strings.Join(words, ", ")
}

// heldAs describes what is held, and how: "pool (×2)".
func (w Words) heldAs(h Hold) string {
	word := w.ObjName(h.Obj)
	if h.Read {
		word += " for reading"
	}
	if h.N > 1 {
		word += fmt.Sprintf(" (×%d)", h.N)
	}
	return word
}

// idles is the verb with which the workers of an executor wait for a task.
const idles = "next"

// submits is the verb of a goroutine that waits until there is room for its task.
const submits = "Submit"

// releasedBy describes what released g, or why its wait failed.
func (w waitWords) releasedBy() string {
	g := w.g
	switch {
	case g.Failed:
		return "turned away: " + w.ObjName(g.For) + " " + w.failure()
	case w.o != nil && w.o.Class == trace.ClassClock:
		return "awake again"
	case g.By == 0:
		return "released"
	}
	return "released by " + w.GName(g.By)
}

// failure describes why the wait of g failed.
func (w waitWords) failure() string {
	g, o := w.g, w.o
	words := "broken"
	switch g.Reason {
	case trace.ReasonReset:
		words = "reset"
	case trace.ReasonClosed:
		words = "closed"
	case trace.ReasonNone, trace.ReasonTimedOut, trace.ReasonCanceled, trace.ReasonAborted, trace.ReasonActionFailed:
	}
	if g.By != 0 {
		words += " by " + w.GName(g.By)
	}
	if o != nil && o.Broken && o.Cause != "" {
		words += ": " + o.Cause
	}
	return words
}

// ordinal formats n as "1st", "2nd", "3rd", "4th" and so on.
func ordinal(n int) string {
	suffix := "th"
	if n/10%10 != 1 {
		switch n % 10 {
		case 1:
			suffix = "st"
		case 2:
			suffix = "nd"
		case 3:
			suffix = "rd"
		}
	}
	return strconv.Itoa(n) + suffix
}

// seconds formats d with two significant digits: "0.41 s", "12 s", "310 µs".
func seconds(d time.Duration) string {
	unit, name := time.Second, "s"
	switch {
	case d < time.Microsecond:
		return fmt.Sprintf("%d ns", d)
	case d < time.Millisecond:
		unit, name = time.Microsecond, "µs"
	case d < 10*time.Millisecond:
		unit, name = time.Millisecond, "ms"
	}
	x := float64(d) / float64(unit)
	digits := 0
	switch {
	case x < 1:
		digits = 2
	case x < 10:
		digits = 1
	}
	number := strconv.FormatFloat(x, 'f', digits, 64)
	if digits > 0 {
		number = strings.TrimRight(strings.TrimRight(number, "0"), ".")
	}
	return number + " " + name
}

// many returns "1 thing" or "n things".
func many(n int64, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
