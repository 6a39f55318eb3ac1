package tui

import "fmt"

// A header is the first line of the player.
type header struct {
	title    string
	play     string // "▶", "‖" …
	state    string // what play means in words
	speed    string
	n, of    int
	time     string
	source   string // "live", "recorded" …
	sourceSt style
}

// draw draws as much as there is room for: first what is at the right goes short, then the title.
func (h *header) draw(c *canvas, r rect) {
	c.tint(r, onBar)
	event := fmt.Sprintf("event %d/%d", h.n, h.of)
	parts := []struct {
		s  string
		st style
	}{{h.play + " " + h.state, accent | bold}, {h.speed, plain}, {event, plain}, {h.time, plain}, {h.source, h.sourceSt}}
	if r.w < 84 {
		parts[0].s, parts[2].s = h.play, event[len("event "):]
	}
	w := 1
	for _, p := range parts {
		w += width(p.s) + 3
	}
	x := r.x + 1
	if left := r.w - w - 3; left > width(h.title)+12 {
		x = c.text(x, r.y, "turnstile", accent|bold)
		x = c.text(x, r.y, " › ", dim)
	}
	c.fit(x, r.y, r.x+r.w-w-x-1, h.title, bright|bold)
	x = r.x + r.w - w + 1
	for _, p := range parts {
		x = c.text(x, r.y, p.s, p.st) + 3
	}
}

// footer draws the keys that matter most. A message stands before them, and has the room that it needs.
func footer(c *canvas, r rect, keys []keyHelp, message string, st style) {
	c.tint(r, onBar)
	const last = 2  // the last ones, which are always there
	room := r.w + 1 // nothing need be kept apart from the last
	for _, k := range keys[len(keys)-last:] {
		room -= k.width()
	}
	if message != "" {
		message = truncate(message, room-3)
		c.text(r.x+1, r.y, message, st)
		room -= width(message) + 3
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
	x := r.x + 1
	if message != "" {
		x = r.x + r.w - all + 2
	}
	for _, k := range shown {
		x = c.text(x, r.y, k.key, bright)
		x = c.text(x+1, r.y, k.what, dim) + 3
	}
}
