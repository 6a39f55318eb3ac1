package explore

import (
	"fmt"
	"slices"
	"strings"
)

// because says who keeps s waiting.
func (why *explanation) because(s *stranded) string {
	words := ""
	switch s.blame.how {
	case holds:
		words = "held by "
	case reads:
		words = "held for reading by "
	case precedes:
		words = "behind "
	case runs:
		words = "run by "
	case ends, works: // each of those is told of by itself
		return why.otherEnd(s)
	}
	if len(s.blame.by) == 0 {
		return ""
	}
	words += namesOf(s.blame.by)
	gone := slices.DeleteFunc(slices.Clone(s.blame.by), func(t *task) bool { return !why.hasEnded(t) })
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

// otherEnd says that nobody can be expected to come to the other end of the channel where s waits: none of those who
// ever did is there any more.
func (why *explanation) otherEnd(s *stranded) string {
	c, _ := s.ref.(*core)
	verb, does := "Send", "send to it"
	switch {
	case c == nil || s.blame.by != nil:
		return ""
	case s.op == "Send":
		verb, does = "Recv", "receive from it"
	case s.op != "Recv":
		return ""
	}
	var others []*task
	self := ""
	for i := range why.x.notes {
		switch n := &why.x.notes[i]; {
		case !n.does(verb, c):
		case n.task == s.task:
			self = " else"
		case !why.hasEnded(n.task):
			return ""
		case !slices.Contains(others, n.task):
			others = append(others, n.task)
		}
	}
	if len(others) == 0 {
		return fmt.Sprintf("; nobody%s has tried to %s", self, does)
	}
	return fmt.Sprintf("; whoever%s tried to %s has ended: %s", self, does, namesOf(others))
}

// does reports whether it is a step that does verb at c, or would have liked to: a select counts for all its cases.
func (n *note) does(verb string, c *core) bool {
	if n.ref == c && n.op == verb {
		return true
	}
	return slices.ContainsFunc(n.cases, func(k Case) bool { return k.verb() == verb && k.core() == c })
}

// namesOf returns the names of tasks: "ann, ben and cat".
func namesOf(tasks []*task) string {
	names := make([]string, len(tasks))
	for i, t := range tasks {
		names[i] = t.name
	}
	last := len(names) - 1
	if last < 1 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:last], ", ") + " and " + names[last]
}
