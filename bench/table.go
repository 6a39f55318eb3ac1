package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

var header = []string{"what", "P", "who", "min", "median", "max", "", "ours ÷", "B/op", "allocs/op", "target", "met"}

// ofMinima stands behind a ratio that is not of medians.
const ofMinima = " min"

// A table is what is printed: Markdown, aligned so that it can be read as it is.
type table struct {
	out    io.Writer
	widths []int
	met    int
	missed []string
}

func newTable(out io.Writer, rows []row) *table {
	t := &table{out: out, widths: []int{0, 1, 0, 8, 8, 8, 5, 8, 6, 9, 16, 3}}
	for _, r := range rows {
		t.widths[0] = max(t.widths[0], utf8.RuneCountInString(r.name()))
		for _, c := range r.who {
			t.widths[2] = max(t.widths[2], utf8.RuneCountInString(c.name))
		}
	}
	return t
}

func (t *table) head() {
	t.line(header)
	var rule []string
	for i, w := range t.widths {
		if i == 0 || i == 2 || i == 6 {
			rule = append(rule, strings.Repeat("-", w))
		} else {
			rule = append(rule, strings.Repeat("-", w-1)+":")
		}
	}
	t.line(rule)
}

// row prints the results of r, ours first.
func (t *table) row(r *row, results []result) {
	unit := r.unit
	if unit == "" {
		unit = "ns"
	}
	for i, res := range results {
		cells := make([]string, len(header))
		ours := i == 0 || results[i-1].p != res.p
		if ours {
			cells[0] = r.name()
			cells[10], cells[11] = t.judge(r, &res)
		} else {
			cells[7] = fmt.Sprintf("%.2f", res.ratio)
			if r.least {
				cells[7] = fmt.Sprintf("%.3f"+ofMinima, res.ratio)
			}
			if res.who.max > 0 {
				cells[10] = "≤ " + number(res.who.max) + " ×"
				cells[11] = t.verdict(r, &res, res.ratio <= res.who.max)
			}
		}
		s := res.samples
		cells[1], cells[2] = strconv.Itoa(res.p), res.who.name
		cells[3], cells[4], cells[5], cells[6] = number(s[0].Value), number(middle(s)), number(s[len(s)-1].Value), unit
		if m := res.median(); m.Bytes >= 0 {
			cells[8], cells[9] = strconv.Itoa(int(m.Bytes)), strconv.Itoa(int(m.Allocs))
		}
		t.line(cells)
	}
}

// judge compares our own result with the row's goals.
func (t *table) judge(r *row, res *result) (target, met string) {
	if len(r.goals) == 0 {
		return "", ""
	}
	ok := true
	var targets []string
	for _, g := range r.goals {
		targets = append(targets, "≤ "+number(g.max)+g.unit)
		ok = ok && g.of(r.judged(res)) <= g.max
	}
	if r.least {
		targets[len(targets)-1] += ofMinima
	}
	return strings.Join(targets, ", "), t.verdict(r, res, ok)
}

func (t *table) verdict(r *row, res *result, ok bool) string {
	if ok {
		t.met++
		return "yes"
	}
	vs := ""
	if res.ratio != 0 {
		vs = fmt.Sprintf(" against %s (%.2f, not %s)", res.who.name, res.ratio, number(res.who.max))
		if r.least {
			vs = fmt.Sprintf(" against %s (%.3f of the minima, not %s)", res.who.name, res.ratio, number(res.who.max))
		}
	}
	t.missed = append(t.missed, fmt.Sprintf("%s, P = %d%s", r.name(), res.p, vs))
	return "NO"
}

// foot says how many targets were met, and names the others.
func (t *table) foot() {
	fmt.Fprintf(t.out, "\n%d targets met, %d not met\n", t.met, len(t.missed))
	for _, m := range t.missed {
		fmt.Fprintln(t.out, "  not met:", m)
	}
}

func (t *table) line(cells []string) {
	var b strings.Builder
	for i, c := range cells {
		pad := strings.Repeat(" ", max(0, t.widths[i]-utf8.RuneCountInString(c)))
		if i == 0 || i == 2 || i == 6 {
			c += pad
		} else {
			c = pad + c
		}
		b.WriteString("| " + c + " ")
	}
	fmt.Fprintln(t.out, b.String()+"|")
}

// number writes x with as many digits as are of interest.
func number(x float64) string {
	switch {
	case x == float64(int64(x)) || x >= 1000:
		return strconv.FormatFloat(x, 'f', 0, 64)
	case x >= 100:
		return strconv.FormatFloat(x, 'f', 1, 64)
	}
	return strconv.FormatFloat(x, 'f', 2, 64)
}
