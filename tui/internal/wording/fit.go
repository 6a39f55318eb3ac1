package wording

import (
	"cmp"
	"strings"

	"github.com/turnstile-go/turnstile/tui/internal/cells"
)

// Joined returns a and b, separated by a dot if neither is empty.
func Joined(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + " · " + b
}

// OneLine returns what and more, shortened so that together they fit into a line of room cells. It first drops what is least
// important, before it cuts anything: that the goroutine waits or was released, which its sign shows, then how long, and by whom.
func OneLine(what, more string, room int) (string, string) {
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
	return ShortenLast(short, room), ""
}

// nameOnly returns s without the words before the name of the object at its end.
func nameOnly(s string) string {
	for _, words := range [...]string{"the end of ", "the result of ", "the next of ", "the first of "} {
		s = strings.Replace(s, words, "", 1)
	}
	return s
}

// ShortenLast returns s in at most n cells; if it does not fit, its last word, which is a name, is shortened.
func ShortenLast(s string, n int) string {
	if i := strings.LastIndexByte(s, ' ') + 1; cells.Width(s) > n && n-i > 4 {
		return s[:i] + cells.Shorten(s[i:], n-i)
	}
	return cells.Shorten(s, n)
}

// Abridged returns s in at most n cells. It drops the last clauses or shortens a name, rather than cut s.
func Abridged(s string, n int) string {
	whole := s
	for cells.Width(s) > n {
		i := -1
		for _, sep := range [...]string{"; ", ": ", ", ", " · "} {
			i = max(i, strings.LastIndex(s, sep))
		}
		if i <= 0 {
			return ShortenLast(cmp.Or(s, whole), n)
		}
		s = s[:i]
	}
	return s
}

// InLines returns s in at most most lines of w cells. It drops the last clauses, rather than cut s.
func InLines(s string, w, most int) []string {
	lines := cells.Wrap(s, w)
	for n := w * most; len(lines) > most && n > 0; n -= max(1, w/4) {
		lines = cells.Wrap(Abridged(s, n), w)
	}
	return lines
}

// OutcomeIn returns a result or an error in at most n cells: of a long error the last cause, or else what failed; "" if not even
// that fits.
func OutcomeIn(s string, n int) string {
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

// TwoLines returns what and more, shortened so that each fits into a line of room cells. It shortens the name in what, rather
// than cut more.
func TwoLines(what, more string, room int) (string, string) {
	lines := cells.Wrap(what, room)
	if len(lines) < 2 {
		return what, more
	}
	if rest := strings.Join(lines[1:], " "); more == "" || cells.Width(rest)+3+cells.Width(more) <= room {
		return lines[0], Joined(rest, more)
	}
	return ShortenLast(nameOnly(what), room), more
}

// InTwo returns s in two lines, without dispensable if it does not fit.
func InTwo(s, dispensable string, room int) (string, string) {
	lines := cells.Wrap(s, room)
	if len(lines) > 2 {
		lines = cells.Wrap(strings.Replace(s, dispensable, "", 1), room)
	}
	if len(lines) < 2 {
		return s, ""
	}
	return lines[0], strings.Join(lines[1:], " ")
}

// Fewer returns the first parts of s, which are separated by dots, that fit into room cells. If not even the first one fits, it
// is shortened.
func Fewer(s string, room int) string {
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
