package main

import (
	"cmp"
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/turnstile-go/turnstile/internal/anytest"
)

// A fault is a failure that was looked at.
type fault struct {
	module, test string
	place        string // one of those of the failure; "*": any
	ours         bool   // it is a false alarm
	text         string // what is wrong
}

//go:embed faults.txt
var faultsText string

// faults returns those of faults.txt, of which each has a line "module Test place: what is wrong". A false alarm begins
// with "false".
func faults() ([]fault, error) {
	var all []fault
	for line := range strings.SplitSeq(faultsText, "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		head, text, ok := strings.Cut(line, ": ")
		rest, ours := strings.CutPrefix(head, "false ")
		f := strings.Fields(rest)
		if !ok || len(f) != 3 {
			return nil, fmt.Errorf("faults.txt: cannot read %q", line)
		}
		all = append(all, fault{module: f[0], test: f[1], place: f[2], ours: ours, text: text})
	}
	return all, nil
}

func (f *fault) is(m *module, t *test, e *anytest.Failure) bool {
	return f.module == m.path && f.test == t.Name && (f.place == "*" ||
		slices.ContainsFunc(e.Places, func(p string) bool { return p == f.place || strings.HasSuffix(p, "/"+f.place) }))
}

// kinds are the columns of the table.
var kinds = []struct {
	name string
	is   func(*test) bool
}{
	{"exhausted", func(t *test) bool { return t.Report != nil && t.Report.Verdict == anytest.Exhausted }},
	{"budget", func(t *test) bool {
		return t.Report != nil && t.Report.Verdict == anytest.Budget && t.Report.Partial == 0
	}},
	{"in part", func(t *test) bool {
		return t.Report != nil && t.Report.Verdict == anytest.Budget && t.Report.Partial > 0
	}}, // of hardly any schedule more than the beginning
	{"failed", func(t *test) bool { return t.Report != nil && t.Report.Verdict == anytest.Failed }},
	{"refused", isRefused},
	{"skipped", func(t *test) bool { return t.Report != nil && t.Report.Verdict == anytest.Skipped }},
	{"no report", func(t *test) bool { return t.Report == nil }},
}

func isRefused(t *test) bool { return t.Report != nil && t.Report.Verdict == anytest.Refused }

func head() {
	fmt.Print("| module | tests |")
	for _, k := range kinds {
		fmt.Printf(" %s |", k.name)
	}
	fmt.Printf(" schedules | s | fail by themselves |\n|-%s|\n", strings.Repeat("|-:", len(kinds)+4))
}

func (m *module) row() {
	total(m.String(), m.Tests, m.Elapsed, m.Broken)
}

func total(name string, tests []test, elapsed time.Duration, broken int) {
	fmt.Printf("| %s | %d |", name, len(tests))
	for _, k := range kinds {
		fmt.Printf(" %d |", count(tests, k.is))
	}
	schedules := 0
	for i := range tests {
		if r := tests[i].Report; r != nil {
			schedules += r.Schedules
		}
	}
	fmt.Printf(" %d | %.1f | %d |\n", schedules, elapsed.Seconds(), broken)
}

func count(tests []test, is func(*test) bool) int {
	n := 0
	for i := range tests {
		if is(&tests[i]) {
			n++
		}
	}
	return n
}

// foot prints the sums, every failure with what it is, why tests were refused, and what kept others from being exhausted.
func foot(ms []*module, known []fault) error {
	var all []test
	var elapsed time.Duration
	broken := 0
	for _, m := range ms {
		all = append(all, m.Tests...)
		elapsed += m.Elapsed
		broken += m.Broken
	}
	total(fmt.Sprintf("%d modules", len(ms)), all, elapsed, broken)
	var bad []string
	for _, m := range ms {
		for i := range m.Tests {
			bad = append(bad, m.Tests[i].tell(m, known)...)
		}
	}
	reasons("refused because", all, func(r *anytest.Report) []string {
		if r.Verdict == anytest.Refused {
			return []string{r.Reason}
		}
		return nil
	})
	reasons("not exhausted, though nothing was left to try, because", all, func(r *anytest.Report) []string { return r.Caveats })
	if n := count(all, isRefused); n*100 > 3*len(all) {
		bad = append(bad, fmt.Sprintf("%d of %d tests are refused, which is more than 3 %%", n, len(all)))
	}
	if len(bad) > 0 {
		return errors.New(strings.Join(bad, "\n"))
	}
	return nil
}

// tell prints the failures of a test, and returns what must not be.
func (t *test) tell(m *module, known []fault) (bad []string) {
	if t.Report == nil {
		fmt.Printf("\n%s %s %s: no report\n%s\n", m, t.Pkg, t.Name, t.Output)
		return []string{fmt.Sprintf("%s %s %s has no report", m, t.Pkg, t.Name)}
	}
	for i := range t.Report.Failures {
		f := &t.Report.Failures[i]
		what := "not looked at yet"
		at := slices.IndexFunc(known, func(k fault) bool { return k.is(m, t, f) })
		if at >= 0 {
			what = known[at].text
		}
		if at < 0 || known[at].ours {
			bad = append(bad, fmt.Sprintf("%s %s %s: %s at %s", m, t.Pkg, t.Name, f.Kind, strings.Join(f.Places, ", ")))
		}
		fmt.Printf("\n%s %s %s, schedule %d of %d, %s\n    %s\n    at %s\n    %s\n    %s\n", m, t.Pkg, t.Name, f.Schedule, t.Report.Schedules, f.Kind,
			strings.ReplaceAll(strings.TrimSpace(f.Message), "\n", "\n    "), strings.Join(f.Places, ", "), what, f.Token)
	}
	for _, n := range t.Report.Notes {
		fmt.Printf("\n%s %s %s, a note: %s\n", m, t.Pkg, t.Name, n)
	}
	return bad
}

// reasons prints how many tests have each reason, the most frequent first.
func reasons(title string, tests []test, of func(*anytest.Report) []string) {
	counts := make(map[string]int)
	var texts []string
	for i := range tests {
		if tests[i].Report == nil {
			continue
		}
		for _, reason := range of(tests[i].Report) {
			if counts[reason] == 0 {
				texts = append(texts, reason)
			}
			counts[reason]++
		}
	}
	if len(texts) == 0 {
		return
	}
	slices.SortStableFunc(texts, func(a, b string) int { return cmp.Compare(counts[b], counts[a]) })
	fmt.Printf("\n%s:\n", title)
	for _, text := range texts {
		fmt.Printf("%5d  %s\n", counts[text], text)
	}
}
