package tui

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/turnstile-go/turnstile/tui/internal/cells"
)

const (
	// castEvery is how long a frame of a terminal recording is shown.
	castEvery = time.Second / 20
	// castHold is for how long the last one is.
	castHold = 2 * time.Second
	// castRest is how long at most the film stands where nothing happens, after an event and again before the next.
	castRest = 2 * time.Second
)

// WriteAsciicast writes the film, from its beginning to where it stands, to w as a terminal recording: an asciicast of
// version 2, which asciinema and others play. It moves at the speed of the film's configuration. Where nothing happens
// for more than some seconds it leaves out the rest, so that it is as long as there is something to see. It ends early, with
// the cause of ctx, when ctx ends.
func (f *Film) WriteAsciicast(ctx context.Context, w io.Writer) error {
	b := bufio.NewWriter(w) // keeps the first error for Flush
	cast := caster{w: json.NewEncoder(b)}
	cast.w.SetEscapeHTML(false)
	_ = cast.w.Encode(struct {
		Version int    `json:"version"`
		Width   int    `json:"width"`
		Height  int    `json:"height"`
		Title   string `json:"title"`
	}{2, f.cfg.Width, f.cfg.Height, "turnstile › " + cells.Clean(f.p.title)})

	p, to := f.p, f.p.pos
	p.seek(0)
	ends := to >= p.end()
	for at := time.Duration(0); ; at += castEvery {
		arrived := p.pos >= to && p.ease >= slideFor
		if ctx.Err() != nil {
			p.seek(to)
			return context.Cause(ctx)
		}
		f.draw(!arrived || !ends)
		cast.frame(at, f.c.Render(f.th))
		if arrived {
			cast.put(at+castHold, "")
			break
		}
		f.roll(to)
	}
	p.seek(to)
	if err := b.Flush(); err != nil {
		return fmt.Errorf("tui: %w", err)
	}
	return nil
}

// roll moves the film on by one frame, no further than to. There it stands until all has come to rest.
func (f *Film) roll(to time.Duration) {
	p := f.p
	if p.pos >= to {
		p.ease = min(p.ease+castEvery, slideFor)
		return
	}
	f.skip(to)
	d := time.Duration(float64(castEvery) * p.speed)
	p.ease = max(0, p.ease-d)
	p.pos = min(p.pos+d, to)
	if p.still {
		p.ease = slideFor
	}
}

// skip leaves out what is left of a long rest but its last moments. It ends with the next event, or at to.
func (f *Film) skip(to time.Duration) {
	p, k := f.p, f.p.reel.clock()
	n := k.count(p.pos)
	next := to
	if n < p.reel.len() {
		next = min(to, k.posOf(n+1))
	}
	if rest := time.Duration(float64(castRest) * p.speed); p.pos-k.posOf(n) >= rest && next-p.pos > rest {
		p.pos = next - rest
	}
}

// A caster writes the frames of an asciicast, of each only the lines that have changed.
type caster struct {
	w     *json.Encoder
	lines []string
}

// frame shows picture, whose lines are separated by line feeds, at time at.
func (c *caster) frame(at time.Duration, picture string) {
	var out strings.Builder
	if c.lines == nil {
		out.WriteString("\x1b[?25l\x1b[2J") // without a cursor, on a blank screen
	}
	lines := strings.Split(picture, "\n")
	for i, l := range lines {
		if i >= len(c.lines) || c.lines[i] != l {
			fmt.Fprintf(&out, "\x1b[%dH%s\x1b[K", i+1, l)
		}
	}
	c.lines = lines
	if out.Len() > 0 {
		c.put(at, out.String())
	}
}

// put writes what is printed at time at.
func (c *caster) put(at time.Duration, text string) {
	_ = c.w.Encode([]any{json.Number(fmt.Sprintf("%.3f", at.Seconds())), "o", text}) // the writer keeps errors
}
