package timeline

import (
	"fmt"
	"strings"

	"github.com/turnstile-go/turnstile/internal/safetext"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A ChainPart is a piece of the text of a [Chain].
type ChainPart struct {
	Text string
	G    int64 // the goroutine whose name Text is, 0 if it is none
}

// maxHops is the maximum number of goroutines named in a chain.
const maxHops = 64

// Parts returns a description of c, in pieces: "main → end of ann → fork-2 (held by ben) → fork-1 (held by ann) → …".
// If c leads into a cycle, only the first hop of the cycle is included, since the cycle is a Chain of its own; see
// [Words.WholeParts].
func (w Words) Parts(c *Chain) []ChainPart { return w.chainParts(c, false) }

// WholeParts is like [Words.Parts], but includes all hops of a cycle into which c leads, back to its first goroutine.
func (w Words) WholeParts(c *Chain) []ChainPart { return w.chainParts(c, true) }

func (w Words) chainParts(c *Chain, whole bool) []ChainPart {
	var parts []ChainPart
	say := func(text string) {
		if n := len(parts); n > 0 && parts[n-1].G == 0 {
			parts[n-1].Text += text
		} else {
			parts = append(parts, ChainPart{Text: text})
		}
	}
	name := func(g int64) { parts = append(parts, ChainPart{safetext.Line(w.GName(g)), g}) }
	if len(c.Links) == 0 {
		return nil
	}
	name(c.Links[0].G)
	if n := len(c.Alike); n > 0 {
		say(fmt.Sprintf(" and %d more", n))
	}
	enough := c.Loop                            // the index of the last goroutine named of a cycle to which c leads
	if c.Loop > 0 && c.Loop == len(c.Links)-1 { // it waits for itself
		enough--
	}
	for i, l := range c.Links {
		next := int64(0)
		switch {
		case i+1 < len(c.Links):
			next = c.Links[i+1].G
		case c.Loop >= 0:
			next = c.Links[c.Loop].G
		}
		if l.For == 0 || next == 0 {
			break
		}
		before, after := w.at(w.s.Goroutine(l.G)).hop(next)
		say(" → " + safetext.Line(before))
		name(next)
		say(safetext.Line(after))
		if i+1 >= maxHops || c.Loop > 0 && i >= enough && !whole {
			say(" → …")
			return parts
		}
	}
	if c.Loop < 0 {
		say(w.chainEnd(c))
	}
	return parts
}

// ChainText returns [Words.Parts] joined into one line.
func (w Words) ChainText(c *Chain) string {
	var b strings.Builder
	for _, p := range w.Parts(c) {
		b.WriteString(p.Text)
	}
	return b.String()
}

// chainEnd describes the end of a chain that leads into no cycle.
func (w Words) chainEnd(c *Chain) string {
	last := c.Links[len(c.Links)-1]
	g := w.s.Goroutine(last.G)
	switch {
	case last.For != 0:
		words := " → " + w.at(g).aim()
		if why := w.WhyStuck(last.G); why != "" {
			words += ": " + why
		}
		return safetext.Line(words)
	case g == nil:
		return ""
	case g.Status == StatusEnded:
		return ", who has ended"
	case g.Status == StatusReleased:
		return ", who was just released"
	default:
		return ", who runs"
	}
}

// aim names what g waits for: "fork-2", "end of ann".
func (w waitWords) aim() string {
	g, o := w.g, w.o
	name := w.ObjName(g.For)
	if o == nil {
		return name
	}
	switch o.Class {
	case trace.ClassGoroutine:
		return "end of " + w.GName(o.Of)
	case trace.ClassFuture:
		return "result of " + name
	case trace.ClassSelect, trace.ClassNilChan, trace.ClassClock, trace.ClassGroup, trace.ClassTaskGroup:
		words := w.waitsFor()
		return strings.TrimPrefix(strings.TrimPrefix(words, "waits to "), "waits for ")
	case trace.ClassChan:
		return toOrFrom(family(g.Verb) == puts) + name
	default:
	}
	if g.Want > 1 {
		return fmt.Sprintf("%d of %s", g.Want, name)
	}
	return name
}

// hop describes how the waiting g depends on h, in words before and after the name of h: "fork-2 (held by " and ")".
func (w waitWords) hop(h int64) (before, after string) {
	g, o := w.g, w.o
	if o == nil {
		return w.ObjName(g.For) + " (", ")"
	}
	if o.Class == trace.ClassGoroutine {
		return "end of ", ""
	}
	more := ""
	if o.Class == trace.ClassSemaphore || o.Class == trace.ClassRWMutex {
		if n := len(o.Holders) - 1; n > 0 && holdOf(o.Holders, h) >= 0 {
			more = fmt.Sprintf(" and %d more", n)
		}
	}
	return w.aim() + " (" + w.relation(h), more + ")"
}

// relation describes how h relates to o, for which g waits, in words before the name of h: "held by ".
func (w waitWords) relation(h int64) string {
	g, o := w.g, w.o
	switch o.Class {
	case trace.ClassOnce:
		return "run by "
	case trace.ClassFuture:
		if o.Worker == h && o.Progress == ProgressRunning {
			return "run by "
		}
		return "waits for a worker such as "
	case trace.ClassGroup:
		return "one is up to "
	case trace.ClassTaskGroup:
		return "still running: "
	case trace.ClassChan, trace.ClassSelect:
		return "up to "
	case trace.ClassRWMutex:
		if i := holdOf(o.Holders, h); i < 0 {
			return "behind "
		} else if o.Holders[i].Read {
			return "read by "
		}
	case trace.ClassCond:
		return "notified before by "
	case trace.ClassEvent:
		return "set before by "
	case trace.ClassWaitGroup:
		return "counted down before by "
	case trace.ClassSemaphore:
		if o.Signals {
			return "released before by "
		}
	case trace.ClassQueue, trace.ClassStack, trace.ClassPriorityQueue:
		if family(g.Verb) == puts {
			return "taken from before by "
		}
		return "filled before by "
	default:
	}
	return "held by "
}
