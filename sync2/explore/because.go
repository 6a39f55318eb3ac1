package explore

import (
	"fmt"
	"slices"
	"strings"

	"github.com/turnstile-go/turnstile/sync2/explore/internal/engine"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// because describes what keeps s waiting.
func (why *explanation) because(s *blockedTask) string {
	words := ""
	switch s.blame.how {
	case relationHolds:
		words = "held by "
	case relationReads:
		words = "held for reading by "
	case relationPrecedes:
		words = "behind "
	case relationRuns:
		words = "run by "
	case relationEnds, relationWorks: // each of those is described on its own
		return why.otherEnd(s)
	}
	if len(s.blame.by) == 0 {
		return ""
	}
	words += namesOf(s.blame.by)
	gone := slices.DeleteFunc(slices.Clone(s.blame.by), func(t *engine.Task) bool { return !why.hasEnded(t) })
	have := "have"
	if len(gone) == 1 {
		have = "has"
	}
	switch len(gone) {
	case 0:
	case len(s.blame.by):
		words += ", which " + have + " ended"
	default:
		words += ", of which " + namesOf(gone) + " " + have + " ended"
	}
	return "; " + words
}

// otherEnd says that nobody can come to the other end of the channel where s waits: every goroutine that ever did has
// ended.
func (why *explanation) otherEnd(s *blockedTask) string {
	c, _ := s.Ref.(*core)
	verb, does := "Send", "send to it"
	switch {
	case s.blame.by != nil || why.x.NoteFrom > 0:
		return ""
	case c == nil:
		return why.nobody(s)
	case s.Op == "Send":
		verb, does = "Recv", "receive from it"
	case s.Op != "Recv":
		return ""
	}
	var others []*engine.Task
	none, every := "no goroutine", "every goroutine"
	for i := range why.x.Notes {
		switch n := &why.x.Notes[i]; {
		case !performs(n, verb, c):
		case n.Task == s.Task:
			none, every = "no other goroutine", "every other goroutine"
		case !why.hasEnded(n.Task):
			return ""
		case !slices.Contains(others, n.Task):
			others = append(others, n.Task)
		}
	}
	if len(others) == 0 {
		return fmt.Sprintf("; %s has tried to %s", none, does)
	}
	return fmt.Sprintf("; %s that tried to %s has ended: %s", every, does, namesOf(others))
}

// nobody describes why no goroutine can end the wait of s at an object other than a channel, as far as the recording
// tells.
func (why *explanation) nobody(s *blockedTask) string {
	if why.state == nil {
		return ""
	}
	g := why.state.Goroutine(s.Task.Thread.G)
	if g == nil {
		return ""
	}
	if o := why.state.Object(g.For); o == nil || o.Class == trace.ClassChan || o.Class == trace.ClassNilChan || o.Class == trace.ClassSelect {
		return ""
	}
	if words := why.state.Words().WhyStuck(g.ID); words != "" {
		return "; " + words
	}
	return ""
}

// performs reports whether n is a step that performs verb at c, or waited to: a select counts for all of its cases.
func performs(n *engine.Note, verb string, c *core) bool {
	if n.Ref == c && n.Op == verb {
		return true
	}
	cases, _ := n.Of.(selection)
	return slices.ContainsFunc(cases, func(k Case) bool { return k.verb() == verb && k.core() == c })
}

// mostBlamed is the maximum number of goroutines named that keep another waiting.
const mostBlamed = 5

// namesOf returns the names of tasks: "ann, ben and cat".
func namesOf(tasks []*engine.Task) string {
	names := make([]string, len(tasks))
	for i, t := range tasks {
		names[i] = t.Name
	}
	last := len(names) - 1
	if last > mostBlamed {
		return strings.Join(names[:mostBlamed], ", ") + fmt.Sprintf(" and %d more", len(names)-mostBlamed)
	}
	if last < 1 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:last], ", ") + " and " + names[last]
}
