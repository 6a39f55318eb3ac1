package explore

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/turnstile-go/turnstile/sync2/explore/internal/engine"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// reportWidth is the maximum number of columns of a report, unless names or positions are unusually long.
const reportWidth = 100

// shownSteps is the number of steps, the last of a schedule, that a report shows.
const shownSteps = 60

// Report returns a full report of the failure, in several lines. The first line contains the token.
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
	f.writeBlocked(&b)
	for i, s := range f.Cycle {
		if i == shownCycles {
			fmt.Fprintf(&b, "  … and %s more\n", count(len(f.Cycle)-i, "cycle"))
			break
		}
		fmt.Fprintf(&b, "  cycle: %s\n", s)
	}
	f.writeSteps(&b)
	if f.Stack != "" {
		b.WriteString(engine.TrimStack(f.Stack))
	}
	return b.String()
}

// shownBlocked and shownCycles are the maximum numbers of blocked tasks and of cycles that a report shows.
const (
	shownBlocked = 16
	shownCycles  = 4
)

// writeBlocked writes the blocked tasks. If there are many, those that wait alike share a line.
func (f *Failure) writeBlocked(b *strings.Builder) {
	lines := f.Blocked
	if len(lines) > shownBlocked {
		const waits = " waits in "
		alike := make(map[string]int)
		for _, s := range lines {
			_, how, _ := strings.Cut(s, waits)
			alike[how]++
		}
		lines = nil
		for _, s := range f.Blocked {
			name, how, _ := strings.Cut(s, waits)
			switch n := alike[how]; n {
			case 0: // already written
				continue
			case 1:
				lines = append(lines, s)
			default:
				lines = append(lines, fmt.Sprintf("%s and %d more wait in %s", name, n-1, how))
			}
			alike[how] = 0
		}
	}
	for _, s := range lines[:min(len(lines), shownBlocked)] {
		fmt.Fprintf(b, "  %s\n", s)
	}
	if more := len(lines) - shownBlocked; more > 0 {
		fmt.Fprintf(b, "  … and %d more that wait elsewhere\n", more)
	}
}

// A rowOf is a row of the table of steps: one step, or several consecutive ones of the same kind.
type rowOf struct {
	Step
	from, to int // the numbers of the first and the last
	tasks    int // the number of goroutines that perform them
}

// rows returns the rows of the table of steps. Three or more steps that differ only in their goroutine, among
// goroutines that run the same function, share a row.
func (f *Failure) rows() []rowOf {
	var rows []rowOf
	at := f.before + 1
	base := func(name string) string {
		name, _, _ = strings.Cut(name, "#")
		return name
	}
	for i := 0; i < len(f.Steps); {
		first, j := f.Steps[i], i+1
		for ; j < len(f.Steps) && base(f.Steps[j].Task) == base(first.Task); j++ {
			s := f.Steps[j]
			if s.Task = first.Task; s != first {
				break
			}
		}
		if j-i < 3 {
			rows = append(rows, rowOf{first, at + i, at + i, 1})
			i++
			continue
		}
		tasks := make(map[string]bool)
		for _, s := range f.Steps[i:j] {
			tasks[s.Task] = true
		}
		rows = append(rows, rowOf{first, at + i, at + j - 1, len(tasks)})
		i = j
	}
	return rows
}

func (f *Failure) writeSteps(b *strings.Builder) {
	if len(f.Steps) == 0 {
		return
	}
	rows := [][]string{{"step", "goroutine", "operation", "where"}}
	steps := f.rows()
	from := max(0, len(steps)-shownSteps)
	for _, s := range steps[from:] {
		op, number, name := s.Op, strconv.Itoa(s.from), s.Task
		if s.Object != "" {
			op += " " + s.Object
		}
		if n := s.to - s.from + 1; n > 1 {
			number += "–" + strconv.Itoa(s.to)
			if s.tasks > 1 {
				name += fmt.Sprintf(" and %d more", s.tasks-1)
			}
			if n != s.tasks {
				op += fmt.Sprintf(", %d times", n)
			}
		}
		if s.Note != "" {
			op += " — " + s.Note
		}
		rows = append(rows, []string{number, name, op, s.Where})
	}
	widths := []int{4, 9, 9, 0}
	for _, r := range rows {
		for i := range 3 {
			widths[i] = max(widths[i], len([]rune(r[i])))
		}
	}
	widths[2] = min(widths[2], reportWidth-widths[0]-widths[1]-24)
	if n := steps[from].from - 1; n > 0 {
		fmt.Fprintf(b, "  … %s before\n", count(n, "step"))
	}
	last := ""
	for i, r := range rows {
		name := r[1]
		if i > 0 && name == last {
			name = "" // to show where the schedule switches goroutines
		}
		last = r[1]
		line := fmt.Sprintf("%*s  %-*s  %-*s  %s", widths[0], r[0], widths[1], name, widths[2], r[2], r[3])
		b.WriteString(strings.TrimRight(line, " "))
		b.WriteByte('\n')
	}
}

func joinNames(names []string) string { return strings.Join(names, ", ") }

// objectName returns the name of an object: traced, unless that is "".
func (ex *explorer) objectName(o hook.Object, traced string) string {
	if o == nil || traced != "" {
		return traced
	}
	if n, ok := o.(interface{ ObjectName() string }); ok {
		return n.ObjectName()
	}
	if o, ok := o.(interface{ Object() *trace.Object }); ok && o.Object().GivenName() != "" {
		return o.Object().GivenName() // the trace has forgotten the object, since it has ended
	}
	for i := range ex.x.Objects {
		if ex.x.Objects[i].Ref == o {
			return fmt.Sprintf("object-%d", i)
		}
	}
	return ""
}
