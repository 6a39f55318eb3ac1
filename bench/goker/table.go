package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/turnstile-go/turnstile/internal/anytest"
)

// table prints what became of each program.
func table(w io.Writer, lines []line) {
	head := "| program | waits at | found as | at | s |"
	rule := "|-|-|-|-|-:|"
	for _, s := range columns(*whole) {
		head, rule = head+" "+s+" |", rule+"-:|"
	}
	for _, s := range columns(*single) {
		head, rule = head+" 1: "+s+" |", rule+"-:|"
	}
	if *natural > 0 {
		for _, t := range tools() {
			head, rule = head+" "+t.name+" |", rule+"-:|"
		}
	}
	fmt.Fprintln(w, head)
	fmt.Fprintln(w, rule)
	for i := range lines {
		lines[i].write(w)
	}
	fmt.Fprintf(w, "\nThe column of a strategy has the number of the schedule that failed. ~: not all goroutines wait that should, !: a goroutine waits elsewhere, –: not found, ×: no report.\n")
	if *single != "" {
		fmt.Fprintln(w, "Behind \"1:\" are the schedules of one copy of what may fail.")
	}
	if *natural > 0 {
		fmt.Fprintf(w, "Under another tool is in how many of %d runs it found something, or did not come to an end within a minute.\n", *natural)
	}
}

func (l *line) write(w io.Writer) {
	cells := []string{l.name, join(l.all), "", "", ""}
	if o := l.first(); o.failure != nil {
		cells[2], cells[3], cells[4] = o.failure.Kind, join(l.lines(o.failure)), fmt.Sprintf("%.2f", o.took().Seconds())
	}
	for _, o := range l.whole {
		cells = append(cells, o.schedule())
	}
	for _, o := range l.single {
		cells = append(cells, o.schedule())
	}
	for _, n := range l.natural {
		cells = append(cells, strconv.Itoa(n))
	}
	fmt.Fprintf(w, "| %s |\n", strings.Join(cells, " | "))
}

// first returns the outcome that counts: that of the first strategy.
func (l *line) first() *outcome { return slices.Concat(l.whole, l.single)[0] }

func join(lines []int) string {
	var b strings.Builder
	for i, n := range lines {
		if i > 0 {
			b.WriteString(", ")
		}
		if n == 0 {
			b.WriteString("another file")
		} else {
			b.WriteString(strconv.Itoa(n))
		}
	}
	return b.String()
}

// schedule returns the number of the schedule that failed.
func (o *outcome) schedule() string {
	switch {
	case o == nil:
		return ""
	case o.report == nil:
		return "×"
	case o.failure == nil && o.report.Verdict == anytest.Exhausted:
		return "exhausted"
	case o.failure == nil:
		return "–"
	}
	return strconv.Itoa(o.failure.Schedule) + map[grade]string{elsewhere: "!", partly: "~"}[o.grade]
}

// took returns how long it took to find the failure.
func (o *outcome) took() time.Duration {
	if o.failure.After > 0 {
		return o.failure.After
	}
	return o.report.Elapsed
}

// summary prints how many were found, and returns what is missing.
func summary(w io.Writer, lines []line) (missed []string) {
	found, there, inTime, right := 0, 0, 0, 0
	for i := range lines {
		l, o := &lines[i], lines[i].first()
		switch {
		case len(l.sets) == 0:
			right++
			if o.failure != nil || o.report == nil {
				right--
				missed = append(missed, l.name+": a failure of what has none")
			}
			continue
		case o.failure == nil:
			missed = append(missed, l.name+": not found")
			continue
		case o.grade == atPlaces:
			there++
		default:
			missed = append(missed, l.name+": not where it should be")
		}
		found++
		if o.took() <= 10*time.Second {
			inTime++
		} else {
			missed = append(missed, l.name+": not found within 10 s")
		}
	}
	faulty := len(slices.DeleteFunc(slices.Clone(lines), func(l line) bool { return len(l.sets) == 0 }))
	fmt.Fprintf(w, "\n%d of %d found, %d where they should wait, %d within 10 s; nothing found in %d of %d without a fault\n",
		found, faulty, there, inTime, right, len(lines)-faulty)
	for s, name := range columns(*whole) {
		fmt.Fprintf(w, "  %s: %d\n", name, count(lines, func(l *line) []*outcome { return l.whole }, s))
	}
	for s, name := range columns(*single) {
		fmt.Fprintf(w, "  one copy, %s: %d\n", name, count(lines, func(l *line) []*outcome { return l.single }, s))
	}
	if *natural == 0 {
		return missed
	}
	for t, tool := range tools() {
		programs, runs := 0, 0
		for i := range lines {
			n := lines[i].natural[t]
			runs += n
			programs += min(n, 1)
		}
		fmt.Fprintf(w, "  %s: %d, in %.0f %% of the runs\n", tool.name, programs, 100*float64(runs)/float64(len(lines)**natural))
	}
	return missed
}

// count returns how many programs the strategy found something in.
func count(lines []line, of func(*line) []*outcome, strategy int) int {
	n := 0
	for i := range lines {
		if of(&lines[i])[strategy].failure != nil {
			n++
		}
	}
	return n
}
