package tui

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
)

// doing says what g is doing: in a few words, and with details.
func (sc *scene) doing(g *timeline.Goroutine) (what, more string) {
	what = cells.Clean(sc.s.Words().Says(g.ID))
	for _, sep := range [...]string{", ", ": "} {
		if a, b, ok := strings.Cut(what, sep); ok && g.Status != timeline.StatusRunning { // what it holds belongs together
			what, more = a, b
			break
		}
	}
	switch g.Status {
	case timeline.StatusWaiting:
		if sc.step != nil {
			because := sc.because(g, what)
			return what, join(join(because, more), sc.waitsSince(g, because))
		}
		return what, join(more, lasted(sc.now-g.Since))
	case timeline.StatusRunning:
		if by, _, ok := sc.hist.freed(g, sc.n); ok && by != 0 {
			return what, join(more, "released by "+sc.name(by))
		}
	case timeline.StatusGaveUp:
		return what, more
	default:
	}
	return what, more
}

// join returns a and b with a dot between them, if there are both.
func join(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + " · " + b
}

// oneLine returns what and more as there is room for in one line. What can be done without goes before anything is cut:
// that it waits or was released, which its sign says already, for how long, who released it.
func oneLine(what, more string, room int) (string, string) {
	fits := func(a, b string) bool {
		return b == "" && cells.Width(a) <= room || b != "" && cells.Width(a)+3+cells.Width(b) <= room
	}
	if fits(what, more) {
		return what, more
	}
	if (what == "running" || what == "turned away") && fits(more, "") {
		return more, ""
	}
	brief := strings.TrimPrefix(strings.TrimPrefix(what, "waits "), "released ")
	short := nameOnly(brief)
	place, _, _ := strings.Cut(more, " · ")
	for _, more := range [...]string{more, place, ""} {
		for _, words := range [...]string{what, brief, short} {
			if fits(words, more) {
				return words, more
			}
		}
	}
	return shortenLast(short, room), ""
}

// nameOnly returns s without what it is of the one named last that is waited for.
func nameOnly(s string) string {
	for _, words := range [...]string{"the end of ", "the result of ", "the next of ", "the first of "} {
		s = strings.Replace(s, words, "", 1)
	}
	return s
}

// shortenLast returns s in at most n cells, with its last word, which is a name, shortened if it is longer.
func shortenLast(s string, n int) string {
	if i := strings.LastIndexByte(s, ' ') + 1; cells.Width(s) > n && n-i > 4 {
		return s[:i] + cells.Shorten(s[i:], n-i)
	}
	return cells.Shorten(s, n)
}

// abridged returns s in at most n cells: without its last clauses, or with a name in it shortened, rather than cut.
func abridged(s string, n int) string {
	whole := s
	for cells.Width(s) > n {
		i := -1
		for _, sep := range [...]string{"; ", ": ", ", ", " · "} {
			i = max(i, strings.LastIndex(s, sep))
		}
		if i <= 0 {
			return shortenLast(cmp.Or(s, whole), n)
		}
		s = s[:i]
	}
	return s
}

// inLines returns s in at most most lines of w cells, without its last clauses rather than cut.
func inLines(s string, w, most int) []string {
	lines := cells.Wrap(s, w)
	for n := w * most; len(lines) > most && n > 0; n -= max(1, w/4) {
		lines = cells.Wrap(abridged(s, n), w)
	}
	return lines
}

// outcomeIn returns a result, or an error, in at most n cells: of an error the last cause, or else what failed; "" if there
// is no room for that.
func outcomeIn(s string, n int) string {
	s = strings.TrimPrefix(s, "sync2: ")
	if cells.Width(s) <= n {
		return s
	}
	if i := strings.LastIndex(s, ": "); i >= 0 && cells.Width(s[i+2:]) <= n {
		return s[i+2:]
	}
	if before, _, ok := strings.Cut(s, ": "); ok && cells.Width(before) <= n {
		return before
	}
	return ""
}

// twoLines returns what and more as there is room for in two lines. Rather than that more is cut, the name of what it is
// about gets shorter.
func twoLines(what, more string, room int) (string, string) {
	lines := cells.Wrap(what, room)
	if len(lines) < 2 {
		return what, more
	}
	if rest := strings.Join(lines[1:], " "); more == "" || cells.Width(rest)+3+cells.Width(more) <= room {
		return lines[0], join(rest, more)
	}
	return shortenLast(nameOnly(what), room), more
}

// inTwo returns s in two lines. If it is longer than that it goes without dispensable.
func inTwo(s, dispensable string, room int) (string, string) {
	lines := cells.Wrap(s, room)
	if len(lines) > 2 {
		lines = cells.Wrap(strings.Replace(s, dispensable, "", 1), room)
	}
	if len(lines) < 2 {
		return s, ""
	}
	return lines[0], strings.Join(lines[1:], " ")
}

// allOf returns "both", "all 3"; of one it is "all".
func allOf(n int) string {
	switch n {
	case 1:
		return "all"
	case 2:
		return "both"
	}
	return "all " + strconv.Itoa(n)
}

// lasted returns how long something has taken: "0.41 s", "12.0 s", "310 µs".
func lasted(d time.Duration) string {
	switch d = max(0, d); {
	case d < time.Millisecond:
		return fmt.Sprintf("%d µs", d.Microseconds())
	case d < 10*time.Millisecond:
		return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
	case d < 10*time.Second:
		return fmt.Sprintf("%.2f s", d.Seconds())
	case d < 1000*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < 100*time.Hour:
		return fmt.Sprintf("%.0f s", d.Seconds())
	default:
		return fmt.Sprintf("%.0f h", d.Hours())
	}
}

// stamp returns the recorded time t in the unit that suits a trace as long as end.
func stamp(t, end time.Duration) string {
	switch {
	case end >= 100*time.Millisecond:
		return fmt.Sprintf("%.3f s", t.Seconds())
	case end >= 100*time.Microsecond:
		return fmt.Sprintf("%.3f ms", float64(t)/float64(time.Millisecond))
	default:
		return fmt.Sprintf("%.2f µs", float64(t)/float64(time.Microsecond))
	}
}

// speedName returns "1×", "0.5×".
func speedName(x float64) string { return strconv.FormatFloat(x, 'g', 3, 64) + "×" }
