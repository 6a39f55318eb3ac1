package tui

import (
	"fmt"
	"strings"

	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/wording"
)

// A header is the first line of the player.
type header struct {
	title    string
	play     string // "▶", "‖" …
	state    string // what play means
	speed    string
	n, of    int
	time     string
	source   string // "live", "recorded" …
	sourceSt cells.Style
}

// draw draws what fits: first the right-hand side is abbreviated, then the title. It returns the play state as a button.
func (h *header) draw(c *cells.Canvas, r cells.Rect) (buttons []button) {
	c.Tint(r, cells.StyleOnBar)
	event := fmt.Sprintf("event %d/%d", h.n, h.of)
	parts := []struct {
		s  string
		st cells.Style
	}{{h.play + " " + h.state, cells.StyleAccent | cells.StyleBold}, {h.speed, cells.StylePlain}, {event, cells.StylePlain}, {h.time, cells.StylePlain}, {h.source, h.sourceSt}}
	if r.W < 84 {
		parts[0].s, parts[2].s = h.play, event[len("event "):]
	}
	w := 1
	for i := range parts {
		parts[i].s = strings.TrimSpace(parts[i].s)
	}
	for _, p := range parts {
		if p.s == "" {
			continue
		}
		w += cells.Width(p.s) + 3
	}
	x := r.X + 1
	if left := r.W - w - 3; left > cells.Width(h.title)+12 {
		x = c.Text(x, r.Y, "turnstile", cells.StyleAccent|cells.StyleBold)
		x = c.Text(x, r.Y, " › ", cells.StyleDim)
	}
	c.Fit(x, r.Y, r.X+r.W-w-x-1, h.title, cells.StyleBright|cells.StyleBold)
	x = r.X + r.W - w + 1
	for i, p := range parts {
		if p.s == "" {
			continue
		}
		if i == 0 {
			buttons = append(buttons, button{cells.Area(x, r.Y, cells.Width(p.s), 1), keyNow("space", realmPlayer)})
		}
		x = c.Text(x, r.Y, p.s, p.st) + 3
	}
	return buttons
}

// footer draws the most important keys, and returns them as buttons. A message before them gets the space that it needs.
func footer(c *cells.Canvas, r cells.Rect, keys []keyHelp, message string, st cells.Style) []button {
	c.Tint(r, cells.StyleOnBar)
	if r.H > 1 {
		return footerInTwo(c, r, keys, message, st)
	}
	last := min(2, len(keys)) // these are always shown
	room := r.W + 1           // no gap is needed after the last one
	for _, k := range keys[len(keys)-last:] {
		room -= k.width()
	}
	if message != "" {
		message = cells.Truncate(message, room-3)
		c.Text(r.X+1, r.Y, message, st)
		room -= cells.Width(message) + 3
	}
	var shown []keyHelp
	all := 0
	for i, k := range keys {
		if i < len(keys)-last {
			if room < k.width() {
				continue
			}
			room -= k.width()
		}
		shown = append(shown, k)
		all += k.width()
	}
	x := r.X + 1
	if message != "" {
		x = r.X + r.W - all + 2
	}
	var buttons []button
	for _, k := range shown {
		buttons = append(buttons, buttonsOf(k, x, r.Y)...)
		x = c.Text(x, r.Y, k.key, cells.StyleBright)
		x = c.Text(x+1, r.Y, k.what, cells.StyleDim) + 3
	}
	return buttons
}

// footerInTwo is footer with a second line for the keys that do not fit into the first.
func footerInTwo(c *cells.Canvas, r cells.Rect, keys []keyHelp, message string, st cells.Style) []button {
	var buttons []button
	x := r.X + 1
	if message != "" {
		x = c.Text(x, r.Y, wording.Abridged(message, r.W-2), st) + 3
	}
	n := 0
	for _, k := range keys[:max(0, len(keys)-2)] {
		if x+k.width()-3 > r.X+r.W {
			break
		}
		n++
		buttons = append(buttons, buttonsOf(k, x, r.Y)...)
		x = c.Text(x, r.Y, k.key, cells.StyleBright)
		x = c.Text(x+1, r.Y, k.what, cells.StyleDim) + 3
	}
	return append(buttons, footer(c, r.Row(1), keys[n:], "", st)...)
}
