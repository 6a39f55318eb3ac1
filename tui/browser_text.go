package tui

import (
	"slices"

	"github.com/turnstile-go/turnstile/tui/internal/cells"
)

// An entryLine is a line of the description of an entry.
type entryLine struct {
	label, text string
	indent      int // of the text
}

// entryText returns the lesson and what to look for, in lines of at most w cells, separated by an empty line.
func entryText(e *Entry, w int) []entryLine {
	const label = "Look for"
	var lines []entryLine
	for _, l := range cells.Wrap(cells.Clean(e.Lesson), w) {
		lines = append(lines, entryLine{text: l})
	}
	for i, l := range cells.Wrap(cells.Clean(e.LookFor), w-len(label)-2) {
		line := entryLine{text: l, indent: len(label) + 2}
		if i == 0 {
			lines, line.label = append(lines, entryLine{}), label
		}
		lines = append(lines, line)
	}
	return lines
}

// layText lays out the description of e in lines of w cells, of which room fit on a page. What to look for is not broken across
// pages.
func (b *browser) layText(e *Entry, w, room int) {
	b.text = entryText(e, w)
	if e.Name != b.reading || b.read >= len(b.text) {
		b.reading, b.read = e.Name, 0
	}
	b.end = min(len(b.text), b.read+room)
	if gap := slices.Index(b.text, entryLine{}); gap > b.read && gap < b.end && b.end < len(b.text) {
		b.end = gap
	}
}

// readOn shows the next page of the description, and after the last page the first.
func (b *browser) readOn() {
	b.read = b.end
	if b.read < len(b.text) && b.text[b.read] == (entryLine{}) {
		b.read++ // a page does not begin with an empty line
	}
	if b.read >= len(b.text) {
		b.read = 0
	}
}
