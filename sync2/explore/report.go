package explore

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/turnstile-go/turnstile/sync2/explore/internal/engine"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
)

// Width is how many columns a report has at most, where names and places are not longer than usual.
const Width = 100

// shownSteps is how many steps of an order a report shows: the last.
const shownSteps = 60

// Report returns all there is to say of a failure, as text of several lines. The first has the token.
func (f *Failure) Report() string {
	var b strings.Builder
	b.WriteString(f.Error())
	if f.Token != "" {
		fmt.Fprintf(&b, "  [replay: %s]", f.Token)
	}
	b.WriteByte('\n')
	if _, more, _ := strings.Cut(f.Message, "\n"); strings.TrimSpace(more) != "" {
		fmt.Fprintf(&b, "  %s\n", strings.ReplaceAll(strings.Trim(more, "\n"), "\n", "\n  "))
	}
	for _, s := range f.Blocked {
		fmt.Fprintf(&b, "  %s\n", s)
	}
	for _, s := range f.Cycle {
		fmt.Fprintf(&b, "  cycle: %s\n", s)
	}
	f.writeSteps(&b)
	if f.Stack != "" {
		b.WriteString(engine.TrimStack(f.Stack))
	}
	return b.String()
}

func (f *Failure) writeSteps(b *strings.Builder) {
	if len(f.Steps) == 0 {
		return
	}
	rows := [][]string{{"step", "goroutine", "operation", "where"}}
	from := max(0, len(f.Steps)-shownSteps)
	for i, s := range f.Steps[from:] {
		op := s.Op
		if s.Object != "" {
			op += " " + s.Object
		}
		if s.Note != "" {
			op += " — " + s.Note
		}
		rows = append(rows, []string{strconv.Itoa(from + i + 1), s.Task, op, s.Where})
	}
	widths := []int{4, 9, 9, 0}
	for _, r := range rows {
		for i := range 3 {
			widths[i] = max(widths[i], len([]rune(r[i])))
		}
	}
	widths[2] = min(widths[2], Width-widths[0]-widths[1]-24)
	if from > 0 {
		fmt.Fprintf(b, "  … %s before\n", count(from, "step"))
	}
	last := ""
	for i, r := range rows {
		name := r[1]
		if i > 0 && name == last {
			name = "" // so that the eye sees where the order goes on with another
		}
		last = r[1]
		line := fmt.Sprintf("%*s  %-*s  %-*s  %s", widths[0], r[0], widths[1], name, widths[2], r[2], r[3])
		b.WriteString(strings.TrimRight(line, " "))
		b.WriteByte('\n')
	}
}

func joinNames(names []string) string { return strings.Join(names, ", ") }

// objectName returns what an object is called: as in the trace, if that is not "".
func (ex *explorer) objectName(o hook.Object, traced string) string {
	if o == nil || traced != "" {
		return traced
	}
	if n, ok := o.(interface{ ObjectName() string }); ok {
		return n.ObjectName()
	}
	for i := range ex.x.Objects {
		if ex.x.Objects[i].Ref == o {
			return fmt.Sprintf("object-%d", i)
		}
	}
	return ""
}
