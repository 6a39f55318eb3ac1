package tui

import (
	"strings"
	"time"

	"github.com/turnstile-go/turnstile/tui/internal/cells"
)

// lookFor is the time that each page of what to look for is shown, in play time, if it does not fit on one.
const lookFor = 5 * time.Second

// drawLook draws what to look for: below a heading, or if there is little room, after a label and a page at a time.
func (p *player) drawLook(c *cells.Canvas, r cells.Rect) {
	const label = "look for "
	if r.W == 0 {
		return
	}
	text, in := cells.Clean(p.lookFor), r
	if r.H > lookH {
		heading(c, r, "look for", "", false)
		in = cells.Area(r.X+1, r.Y+1, r.W-2, r.H-1)
	} else {
		c.Text(r.X, r.Y, label, cells.StyleAccent)
		in.X, in.W = r.X+len(label), r.W-len(label)-1
	}
	pages := inPages(text, in.W, in.H)
	if len(pages) == 0 {
		return
	}
	for i, s := range pages[int(p.pos/lookFor)%len(pages)] {
		c.Text(in.X, in.Y+i, s, cells.StylePlain)
	}
}

// inPages breaks s into pages of h lines of w cells, between sentences if possible.
func inPages(s string, w, h int) (pages [][]string) {
	if h < 1 {
		return nil
	}
	page := ""
	flush := func() {
		for lines := cells.Wrap(page, w); len(lines) > 0; lines = lines[min(h, len(lines)):] {
			pages = append(pages, lines[:min(h, len(lines))])
		}
		page = ""
	}
	for _, sentence := range sentences(s, w, h) {
		if longer := strings.TrimSpace(page + sentence); page != "" && len(cells.Wrap(longer, w)) > h {
			flush()
		}
		page += sentence
	}
	flush()
	return pages
}

// sentences splits s into sentences, and those that take more than h lines of w cells at semicolons.
func sentences(s string, w, h int) (parts []string) {
	for sentence := range strings.SplitAfterSeq(s, ". ") {
		if len(cells.Wrap(sentence, w)) > h {
			parts = append(parts, strings.SplitAfter(sentence, "; ")...)
		} else {
			parts = append(parts, sentence)
		}
	}
	return parts
}
