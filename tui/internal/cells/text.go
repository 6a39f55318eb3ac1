package cells

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"

	"github.com/turnstile-go/turnstile/internal/safetext"
)

// Text on the screen is measured in cells. Terminals disagree about the width of some characters, such as those joined from
// several; a layout that relies on them would break. So next, through which everything is drawn and measured, returns only what
// all terminals agree on. Text from outside must be cleaned first.

// Clean returns s, a text from outside, in a form that is safe to show on one line.
func Clean(s string) string {
	s = safetext.Line(s)
	if isPlain(s) {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		var ch string
		ch, _, s = next(s)
		b.WriteString(ch)
	}
	return b.String()
}

// isPlain reports whether s is printable ASCII.
func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// certain reports whether the width of the cluster equals the sum of the widths of its characters, all of which are visible.
func certain(cluster string) bool {
	for _, r := range cluster {
		if !unicode.IsPrint(r) {
			return false
		}
	}
	w := ansi.StringWidth(cluster)
	return w > 0 && w <= 2 && w == ansi.StringWidthWc(cluster)
}

// next splits the first character, with its combining marks, off s. It returns what to draw for it and its width: nothing if it
// is invisible, and if the width of the cluster depends on the terminal, only its first character, or "�".
func next(s string) (ch string, w int, rest string) {
	if s[0] >= ' ' && s[0] <= '~' && (len(s) == 1 || s[1] < utf8.RuneSelf) {
		return s[:1], 1, s[1:]
	}
	r, n := utf8.DecodeRuneInString(s)
	if drawn(r) && (n == len(s) || s[n] < utf8.RuneSelf || drawnNext(s[n:])) {
		return s[:n], 1, s[n:]
	}
	switch {
	case r == '\t' || r == '\n' || r == '\r' || r >= utf8.RuneSelf && unicode.Is(unicode.Zs, r):
		return " ", 1, s[n:]
	case r == utf8.RuneError || unicode.IsControl(r):
		return "�", 1, s[n:]
	case unicode.Is(unicode.Cf, r):
		return "", 0, s[n:]
	}
	cluster, w := ansi.FirstGraphemeCluster(s, ansi.GraphemeWidth)
	rest = s[len(cluster):]
	switch {
	case certain(cluster):
		return cluster, w, rest
	case certain(cluster[:n]):
		return cluster[:n], ansi.StringWidth(cluster[:n]), rest
	}
	return "�", 1, rest
}

// drawn reports whether the UI draws with r: then it is one cell wide.
func drawn(r rune) bool {
	return r >= 0x2500 && r <= 0x25ff || r == '…' || r == '·' || r == '×' || r == '›' || r == '‹' || r == '─' || r == '✗' || r == '✓' || r == '➤' || r == '▸'
}

func drawnNext(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return drawn(r)
}

// Width returns the width of s in cells.
func Width(s string) int {
	if isPlain(s) {
		return len(s)
	}
	n := 0
	for len(s) > 0 {
		_, w, rest := next(s)
		n += w
		s = rest
	}
	return n
}

// Truncate returns s in at most n cells, ending in "…" if it was shortened.
func Truncate(s string, n int) string {
	if len(s) <= n || Width(s) <= n {
		return s
	}
	if n < 1 {
		return ""
	}
	head, _ := Cut(s, n-1)
	return head + "…"
}

// Shorten returns s in at most n cells, with "…" in the middle if it was shortened, because the ends of "worker-17" and
// "worker-18" distinguish them.
func Shorten(s string, n int) string {
	if len(s) <= n {
		return s
	}
	total := Width(s)
	if total <= n {
		return s
	}
	if n < 3 {
		return Truncate(s, n)
	}
	tail := (n - 1) / 2
	head, _ := Cut(s, n-1-tail)
	_, rest := Cut(s, total-tail)
	if Width(rest) > tail { // the cut was within a wide character
		_, _, rest = next(rest)
	}
	return strings.TrimRight(head, " ") + "…" + strings.TrimLeft(rest, " ")
}

// Cut splits s after the characters that fit into n cells.
func Cut(s string, n int) (head, rest string) {
	rest = s
	for len(rest) > 0 {
		_, w, after := next(rest)
		if n -= w; n < 0 {
			break
		}
		rest = after
	}
	return s[:len(s)-len(rest)], rest
}

// Wrap breaks s into lines of at most n cells, between words if possible.
func Wrap(s string, n int) []string {
	if n < 1 {
		return nil
	}
	var lines []string
	line, used := "", 0
	for word := range strings.FieldsSeq(s) {
		head, rest := Cut(word, n)
		if line != "" && (rest != "" || used+1+Width(head) > n) {
			lines, line, used = append(lines, line), "", 0
		}
		for ; rest != ""; head, rest = Cut(rest, n) {
			if head == "" { // a wide character does not fit into one column
				return lines
			}
			lines = append(lines, head)
		}
		if line != "" {
			line, used = line+" ", used+1
		}
		line, used = line+head, used+Width(head)
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}
