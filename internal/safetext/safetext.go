// Package safetext cleans text from outside, such as a traced program, a file or a command line, before it is shown: in
// a terminal, a picture, a file for another program or an error message. Cleaned text cannot move the cursor, change the
// direction of the text around it, or take more room than it seems to.
package safetext

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// MaxLine is the maximum length of a result of [Line], in bytes.
	MaxLine = 4 << 10
	// maxLines is the maximum length of a result of [Lines], in bytes.
	maxLines = 64 << 10

	// maxMarks is the maximum number of marks that combine with one character. Real writing has up to five.
	maxMarks = 8

	more = "…"
)

// Line returns s as one line that is safe to show. Line breaks, tabs and other spaces become blanks; unprintable
// characters, such as control characters, direction marks and other invisible ones, are escaped as in a Go string;
// joiners between characters are omitted; invalid UTF-8 becomes U+FFFD. "…" replaces text beyond [MaxLine] bytes, and
// the excess of marks that combine with one character.
func Line(s string) string { return clean(s, MaxLine, false) }

// Lines is like [Line] for a text of several lines: it keeps line feeds and tabs, and allows up to 64 KiB.
func Lines(s string) string { return clean(s, maxLines, true) }

// Cut returns s if it has at most n bytes. Otherwise it returns as much as fits, with "…" at the end; n must have
// room for that.
func Cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return s[:boundary(s, n-len(more))] + more
}

// boundary returns the index of the last character that begins at n or before it.
func boundary(s string, n int) int {
	for i := n; i > n-utf8.UTFMax && i > 0; i-- {
		if utf8.RuneStart(s[i]) {
			return i
		}
	}
	return n // not UTF-8
}

func clean(s string, most int, lines bool) string {
	long := len(s) > most
	if long {
		s = s[:boundary(s, most-len(more))]
	}
	if isPlain(s) {
		if long {
			return s + more
		}
		return s
	}
	c := cleaner{lines: lines}
	c.b.Grow(len(s) + len(s)/4)
	for _, r := range s {
		c.add(r)
		if c.b.Len() > most-len(more) { // escapes are longer than the characters they replace
			long = true
			break
		}
	}
	if !long {
		return c.b.String()
	}
	s = c.b.String()
	if len(s) > most-len(more) {
		s = s[:boundary(s, most-len(more))]
	}
	return s + more
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

// A cleaner builds a text of safe characters.
type cleaner struct {
	b     strings.Builder
	lines bool
	marks int // the number in a row
}

func (c *cleaner) add(r rune) {
	if combines(r) {
		switch c.marks++; {
		case c.marks <= maxMarks:
			c.b.WriteRune(r)
		case c.marks == maxMarks+1:
			c.b.WriteString(more)
		}
		return
	}
	if isJoiner(r) {
		return
	}
	c.marks = 0
	switch {
	case c.lines && (r == '\n' || r == '\t'):
		c.b.WriteRune(r)
	case r == '\n' || r == '\t' || r == '\r' && !c.lines || unicode.Is(unicode.Zs, r):
		c.b.WriteByte(' ')
	case isFiller(r) || !unicode.IsPrint(r):
		q := strconv.QuoteRuneToASCII(r)
		c.b.WriteString(q[1 : len(q)-1])
	default:
		c.b.WriteRune(r)
	}
}

// combines reports whether r takes no room of its own but changes the look of the character before it.
func combines(r rune) bool {
	return r >= 0x300 && (unicode.Is(unicode.M, r) || r >= 0x1160 && r <= 0x11ff || r >= 0xd7b0 && r <= 0xd7ff) // also parts of Hangul syllables
}

// isFiller reports whether r counts as a letter but is invisible.
func isFiller(r rune) bool { return r == 0x115f || r == 0x1160 || r == 0x3164 || r == 0xffa0 }

// isJoiner reports whether r only determines whether its neighbors are drawn as one, as in many emoji.
func isJoiner(r rune) bool { return r == 0x200c || r == 0x200d }
