package tui

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
)

// stepOf returns the number of the step with which event i happened, the first event being 0; 0 if it happened before the first
// step.
func (m *Moment) stepOf(i int) int {
	return sort.Search(len(m.Before), func(k int) bool { return m.Before[k] > i })
}

// because says why g, which waits, does not go on: who holds what it waits for, and since which step. It returns "" if that is
// not known, or if what is said of g already says it.
func (sc *scene) because(g *timeline.Goroutine, said string) string {
	helpers := sc.s.Helpers(g.ID)
	o := sc.s.Object(g.For)
	if len(helpers) == 0 || o == nil {
		return cells.Clean(sc.s.Nobody(g.ID))
	}
	if o.Class == trace.ClassGoroutine {
		return ""
	}
	by := helpers[0]
	name := sc.name(by)
	if strings.Contains(said, name) {
		return ""
	}
	hold := sc.holdOf(by, g.For)
	if hold == nil {
		return strings.TrimSuffix(name+" "+cells.Clean(sc.s.Owes(by, g.For)), ",")
	}
	words := "held by " + name
	if hold.Read {
		words = "read by " + name
	}
	if n := len(helpers) - 1; n > 0 {
		words += fmt.Sprintf(" and %d more", n)
	}
	if n := sc.step(hold.Since); n > 0 {
		words += fmt.Sprintf(" since step %d", n)
	}
	return words
}

// holdOf returns how goroutine g holds object id, nil if it does not.
func (sc *scene) holdOf(g int64, id trace.ID) *timeline.Hold {
	x := sc.s.Goroutine(g)
	if x == nil {
		return nil
	}
	if i := slices.IndexFunc(x.Holds, func(h timeline.Hold) bool { return h.Obj == id }); i >= 0 {
		return &x.Holds[i]
	}
	return nil
}

// waitsSince says since when g waits.
func (sc *scene) waitsSince(g *timeline.Goroutine) string {
	if n := sc.step(g.Since); n > 0 {
		return fmt.Sprintf("waits since step %d", n)
	}
	return ""
}

// fewer returns as many of the parts of s, which have dots between them, as there is room for; of the first one, it shortens how it
// says since which step.
func fewer(s string, room int) string {
	for cells.Width(s) > room {
		i := strings.LastIndex(s, " · ")
		if i < 0 {
			return strings.Replace(s, " since step ", ", step ", 1)
		}
		s = s[:i]
	}
	return s
}
