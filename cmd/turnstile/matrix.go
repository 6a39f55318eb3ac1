package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/turnstile-go/turnstile/internal/suite"
	"github.com/turnstile-go/turnstile/scenarios"
)

// A matrix prints the results of the suite: each row when it is complete, and the progress in between.
type matrix struct {
	p     *program
	quiet bool // the rows are not printed
	width int  // of the names
	short bool // so are the names of the checkers, since the terminal is narrow
	last  scenarios.Category
	done  int
	all   int
	shown time.Time // when the progress was shown last
}

func newMatrix(p *program, list []*scenarios.Scenario, quiet bool) *matrix {
	m := &matrix{p: p, quiet: quiet, all: len(list), shown: time.Now()}
	for _, s := range list {
		m.width = max(m.width, len(s.Name))
	}
	if p.terminal && p.columns() > 0 {
		var b strings.Builder
		m.line(&b, "", m.head, "lost-wakeup") // as long as a line gets
		m.short = b.Len()-1 > p.columns()
	}
	return m
}

// shortNames are the names of checkers in a narrow terminal. With them, 80 columns are enough.
var shortNames = map[suite.Checker]string{suite.CheckerGoleak: "leak", suite.CheckerGoDeadlock: "lock", suite.CheckerValidator: "valid", suite.CheckerRandom: "rand"}

// head returns the heading of the column of c.
func (m *matrix) head(c suite.Checker) string {
	if name, ok := shortNames[c]; ok && m.short {
		return name
	}
	return c.String()
}

// signs are the signs in the matrix, in Unicode and in ASCII.
var signs = map[suite.Outcome][2]string{
	suite.OutcomeNone: {"?", "?"}, suite.OutcomeNotApplicable: {"·", "."}, suite.OutcomeClean: {"✓", "+"}, suite.OutcomeFound: {"●", "*"}, suite.OutcomeUnexpected: {"✗", "!"},
}

func (m *matrix) sign(o suite.Outcome) string {
	if m.p.look.ascii {
		return signs[o][1]
	}
	return signs[o][0]
}

// row prints the result of a scenario, with a heading before the first of a category.
func (m *matrix) row(s *scenarios.Scenario, row *suite.Row) error {
	m.done++
	if m.quiet {
		return nil
	}
	m.p.bar().Clear()
	var b strings.Builder
	if s.Category != m.last {
		if m.last != scenarios.CategoryNone {
			b.WriteByte('\n')
		}
		m.last = s.Category
		m.line(&b, s.Category.String(), m.head, "")
	}
	m.line(&b, "  "+s.Name, func(c suite.Checker) string { return m.sign(row.Cells[c-1].Outcome) }, bugOf(row))
	_, err := fmt.Fprint(m.p.out, b.String())
	return err // it names what could not be written
}

// bugOf returns the kind of bug that a scenario has, "" if it has none.
func bugOf(row *suite.Row) string {
	if row.Expect == scenarios.ExpectClean.String() {
		return ""
	}
	return row.Expect
}

// line writes a line of the matrix: a name, a text for each checker, and a remark.
func (m *matrix) line(b *strings.Builder, name string, text func(suite.Checker) string, remark string) {
	var l strings.Builder
	fmt.Fprintf(&l, "%-*s", max(m.width+2, 22), name)
	gap := "  "
	if m.short {
		gap = " "
	}
	for _, c := range suite.Checkers() {
		fmt.Fprintf(&l, "%s%-*s", gap, len(m.head(c)), text(c))
	}
	l.WriteString(gap + remark)
	b.WriteString(strings.TrimRight(l.String(), " ") + "\n")
}

// progress shows the progress: a bar in a terminal, and a line every few seconds elsewhere.
func (m *matrix) progress(s *scenarios.Scenario, c suite.Checker) {
	at := fmt.Sprintf("%d of %d, %s: %s", m.done+1, m.all, s.Name, c)
	if m.p.terminal {
		m.p.bar().Draw(m.done, m.all, at)
		return
	}
	if m.quiet && time.Since(m.shown) > 5*time.Second { // else the rows show it
		m.shown = time.Now()
		_, _ = fmt.Fprintln(m.p.errs, at)
	}
}

// summary prints the unexpected results, and the number of results of each kind.
func (m *matrix) summary(rows []suite.Row, took time.Duration) error {
	var b strings.Builder
	count := make(map[suite.Outcome]int)
	for i := range rows {
		for _, c := range rows[i].Cells {
			count[c.Outcome]++
			if c.Outcome == suite.OutcomeUnexpected {
				fmt.Fprintf(&b, "\n%s %s, %s, which is %s: %s\n", m.sign(c.Outcome), rows[i].Scenario, c.Checker, rows[i].Expect, indent(c.Report))
			}
		}
	}
	fmt.Fprintf(&b, "\n%s clean %d   %s bug found %d   %s unexpected %d   %s not applicable %d\n",
		m.sign(suite.OutcomeClean), count[suite.OutcomeClean], m.sign(suite.OutcomeFound), count[suite.OutcomeFound],
		m.sign(suite.OutcomeUnexpected), count[suite.OutcomeUnexpected], m.sign(suite.OutcomeNotApplicable), count[suite.OutcomeNotApplicable])
	if !suite.Detecting {
		b.WriteString("The race detector did not run, since this program was built without -race. Use go run -race ./cmd/turnstile suite\n")
	}
	noun := "scenarios"
	if len(rows) == 1 {
		noun = "scenario"
	}
	fmt.Fprintf(&b, "%d %s in %.1f s\n", len(rows), noun, took.Seconds())
	_, err := fmt.Fprint(m.p.out, b.String())
	return err // it names what could not be written
}

// indent indents all lines but the first.
func indent(text string) string { return strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n    ") }
