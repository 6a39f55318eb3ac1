package scene

import (
	"fmt"
	"slices"
	"strings"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/wording"
)

// Doing describes what g is doing: what in a few words, and more in detail.
func (sc *Scene) Doing(g *timeline.Goroutine) (what, more string) {
	what = cells.Clean(sc.State.Words().Doing(g.ID))
	for _, sep := range [...]string{", ", ": "} {
		if a, b, ok := strings.Cut(what, sep); ok && g.Status != timeline.StatusRunning { // what it holds is one detail
			what, more = a, b
			break
		}
	}
	switch g.Status {
	case timeline.StatusWaiting:
		if sc.Step != nil {
			because := sc.because(g, what)
			return what, wording.Joined(wording.Joined(because, more), sc.waitsSince(g, because))
		}
		return what, wording.Joined(more, wording.Lasted(sc.Now-g.Since))
	case timeline.StatusRunning:
		if by, _, ok := sc.History.Freed(g, sc.N); ok && by != 0 {
			return what, wording.Joined(more, "released by "+sc.Name(by))
		}
	case timeline.StatusGaveUp:
		return what, more
	default:
	}
	return what, more
}

// because returns the reason why g, which waits, cannot continue: the holder of the object it waits for, and the step since when.
// It returns "" if that is unknown, or if said already says it.
func (sc *Scene) because(g *timeline.Goroutine, said string) string {
	helpers := sc.State.Blockers(g.ID)
	o := sc.State.Object(g.For)
	if len(helpers) == 0 || o == nil {
		return cells.Clean(sc.State.Words().WhyStuck(g.ID))
	}
	if o.Class == trace.ClassGoroutine {
		return ""
	}
	by := helpers[0]
	name := sc.Name(by)
	if strings.Contains(said, name) {
		return ""
	}
	hold := sc.holdOf(by, g.For)
	if hold == nil {
		return strings.TrimSuffix(name+" "+cells.Clean(sc.State.Words().Blocks(by, g.For)), ",")
	}
	words := "held by " + name
	if hold.Read {
		words = "read by " + name
	}
	if n := len(helpers) - 1; n > 0 {
		words += fmt.Sprintf(" and %d more", n)
	}
	if n := sc.Step(hold.Since); n > 0 {
		words += fmt.Sprintf(" since step %d", n)
	}
	return words
}

// holdOf returns how goroutine g holds object id; nil if it does not.
func (sc *Scene) holdOf(g int64, id trace.ID) *timeline.Hold {
	x := sc.State.Goroutine(g)
	if x == nil {
		return nil
	}
	if i := slices.IndexFunc(x.Holds, func(h timeline.Hold) bool { return h.Obj == id }); i >= 0 {
		return &x.Holds[i]
	}
	return nil
}

// waitsSince describes when g began to wait.
func (sc *Scene) waitsSince(g *timeline.Goroutine, because string) string {
	switch n := sc.Step(g.Since); {
	case n == 0:
		return ""
	case because == "":
		return fmt.Sprintf("since step %d", n)
	default:
		return fmt.Sprintf("waiting since step %d", n)
	}
}
