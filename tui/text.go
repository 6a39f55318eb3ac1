package tui

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// Text on the screen is measured in cells. Terminals do not agree on how wide some characters are, such as those made of
// several with joiners between them; a layout that relies on them would break. So clean, through which every name of a
// stream goes, keeps only what all agree on, and next may measure what is left simply.

// clean returns s without what would disturb the screen: control characters, those that change the direction of text,
// and clusters whose width depends on the terminal, of which the first character is kept if that one is certain.
func clean(s string) string {
	if isPlain(s) {
		return s
	}
	var b strings.Builder
	for s = strings.ToValidUTF8(s, "�"); len(s) > 0; {
		cluster, _ := ansi.FirstGraphemeCluster(s, ansi.GraphemeWidth)
		s = s[len(cluster):]
		switch r, n := utf8.DecodeRuneInString(cluster); {
		case r == '\t' || r == '\n' || r == '\r':
			b.WriteByte(' ')
		case unicode.IsControl(r):
			b.WriteString("�")
		case unicode.In(r, unicode.Cf):
			// invisible: direction marks, zero-width joiners
		case certain(cluster):
			b.WriteString(cluster)
		case certain(cluster[:n]):
			b.WriteString(cluster[:n])
		default:
			b.WriteString("�")
		}
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

// certain reports whether the cluster is as wide by its characters as it is as a whole, and visible.
func certain(cluster string) bool {
	w := ansi.StringWidth(cluster)
	return w > 0 && w <= 2 && w == ansi.StringWidthWc(cluster)
}

// next splits the first character, with the marks that combine with it, off s and tells its width.
func next(s string) (ch string, w int, rest string) {
	if s[0] >= ' ' && s[0] <= '~' && (len(s) == 1 || s[1] < utf8.RuneSelf) {
		return s[:1], 1, s[1:]
	}
	if r, n := utf8.DecodeRuneInString(s); drawn(r) && (n == len(s) || s[n] < utf8.RuneSelf || drawnNext(s[n:])) {
		return s[:n], 1, s[n:]
	}
	ch, w = ansi.FirstGraphemeCluster(s, ansi.GraphemeWidth)
	return ch, min(w, 2), s[len(ch):]
}

// drawn reports whether r is one of the characters of which the UI itself is drawn: all are one cell wide.
func drawn(r rune) bool {
	return r >= 0x2500 && r <= 0x25ff || r == '…' || r == '·' || r == '×' || r == '›' || r == '‹' || r == '─' || r == '✗' || r == '✓' || r == '➤' || r == '▸'
}

func drawnNext(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return drawn(r)
}

// width returns how many cells s takes.
func width(s string) int {
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

// truncate returns s in at most n cells, with "…" at its end if something is missing.
func truncate(s string, n int) string {
	if len(s) <= n || width(s) <= n {
		return s
	}
	if n < 1 {
		return ""
	}
	head, _ := cut(s, n-1)
	return head + "…"
}

// shorten returns s in at most n cells, with "…" in its middle if something is missing: the ends of "worker-17" and
// "worker-18" tell them apart.
func shorten(s string, n int) string {
	if len(s) <= n {
		return s
	}
	total := width(s)
	if total <= n {
		return s
	}
	if n < 3 {
		return truncate(s, n)
	}
	tail := (n - 1) / 2
	head, _ := cut(s, n-1-tail)
	_, rest := cut(s, total-tail)
	if width(rest) > tail { // a wide character lay across the cut
		_, _, rest = next(rest)
	}
	return head + "…" + rest
}

// cut splits s after the characters that fit into n cells.
func cut(s string, n int) (head, rest string) {
	i := 0
	for i < len(s) {
		ch, w, _ := next(s[i:])
		if n -= w; n < 0 {
			break
		}
		i += len(ch)
	}
	return s[:i], s[i:]
}

// wrap breaks s into lines of at most n cells, between words where it can.
func wrap(s string, n int) []string {
	if n < 1 {
		return nil
	}
	var lines []string
	line, used := "", 0
	for word := range strings.FieldsSeq(s) {
		for width(word) > n {
			if line != "" {
				lines, line, used = append(lines, line), "", 0
			}
			head, rest := cut(word, n)
			if head == "" { // a wide character in a column of one
				return lines
			}
			lines, word = append(lines, head), rest
		}
		w := width(word)
		switch {
		case word == "":
		case line == "":
			line, used = word, w
		case used+1+w <= n:
			line, used = line+" "+word, used+1+w
		default:
			lines, line, used = append(lines, line), word, w
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}
