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
		return cells.Clean(sc.s.Words().Nobody(g.ID))
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
		return strings.TrimSuffix(name+" "+cells.Clean(sc.s.Words().Owes(by, g.For)), ",")
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
func (sc *scene) waitsSince(g *timeline.Goroutine, because string) string {
	switch n := sc.step(g.Since); {
	case n == 0:
		return ""
	case because == "":
		return fmt.Sprintf("since step %d", n)
	default:
		return fmt.Sprintf("waiting since step %d", n)
	}
}

// fewer returns as many of the parts of s, which have dots between them, as there is room for. The first one gets shorter before
// it is cut.
func fewer(s string, room int) string {
	for {
		if cells.Width(s) <= room {
			return s
		}
		i := strings.LastIndex(s, " · ")
		if i < 0 {
			break
		}
		s = s[:i]
	}
	for _, r := range [...][2]string{{" since step ", ", step "}, {"held by ", "by "}} {
		if s = strings.Replace(s, r[0], r[1], 1); cells.Width(s) <= room {
			break
		}
	}
	return s
}
