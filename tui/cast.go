package tui

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/stage"
)

const (
	// castEvery is the duration of a frame of a terminal recording.
	castEvery = time.Second / 20
	// castHold is the duration of the last frame.
	castHold = 2 * time.Second
	// castRest is the longest pause in a film after an event, and again before the next one.
	castRest = 2 * time.Second
)

// WriteAsciicast writes the film, from its beginning to its position, to w as a terminal recording: an asciicast of version 2,
// which asciinema and others play. It plays at the speed of the film's configuration, and shortens pauses of more than a few
// seconds. It ends early, with the cause of ctx, when ctx ends.
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

	end, err := f.play(ctx, castEvery, func(at time.Duration, c *cells.Canvas) { cast.frame(at, c, f.th) })
	if err != nil {
		return err
	}
	cast.put(end+castHold, "")
	if err := b.Flush(); err != nil {
		return fmt.Errorf("tui: %w", err)
	}
	return nil
}

// play calls show for each frame of the film, from its beginning to its position or until its keys have been pressed, and returns
// the time of the last frame. It ends early, with the cause of ctx, when ctx ends.
func (f *Film) play(ctx context.Context, every time.Duration, show func(at time.Duration, c *cells.Canvas)) (end time.Duration, err error) {
	p, to := f.p, f.p.pos
	defer p.seek(to)
	p.seek(0)
	if f.script != nil {
		return f.perform(ctx, every, show)
	}
	ends := to >= p.end()
	for at := time.Duration(0); ; at += every {
		arrived := p.pos >= to && p.ease >= stage.SlideFor
		if ctx.Err() != nil {
			return 0, context.Cause(ctx)
		}
		f.draw(!arrived || !ends)
		show(at, f.shown)
		if arrived {
			return at, nil
		}
		f.roll(to, every)
	}
}

// perform is play for a film with a script.
func (f *Film) perform(ctx context.Context, every time.Duration, show func(at time.Duration, c *cells.Canvas)) (end time.Duration, err error) {
	f.p.playing = f.cfg.Driver == nil
	for f.script.press() {
		for f.script.left > 0 {
			if ctx.Err() != nil {
				return 0, context.Cause(ctx)
			}
			f.draw(true)
			show(end, f.shown)
			d := min(every, f.script.left)
			f.script.pass(d)
			end += d
		}
	}
	f.draw(true)
	show(end, f.shown)
	return end, nil
}

// roll advances the film by one frame, but not beyond to, where it waits until all tokens are at rest.
func (f *Film) roll(to, every time.Duration) {
	p := f.p
	if p.pos >= to {
		p.ease = min(p.ease+every, stage.SlideFor)
		return
	}
	f.skip(to)
	d := time.Duration(float64(every) * p.speed)
	p.ease = max(0, p.ease-d)
	p.pos = min(p.pos+d, to)
	if p.still {
		p.ease = stage.SlideFor
	}
}

// skip shortens a long pause to its last moments. A pause ends with the next event, or at to.
func (f *Film) skip(to time.Duration) {
	p, k := f.p, f.p.reel.Clock()
	n := k.Count(p.pos)
	next := to
	if n < p.reel.Len() {
		next = min(to, k.PosOf(n+1))
	}
	if rest := time.Duration(float64(castRest) * p.speed); p.pos-k.PosOf(n) >= rest && next-p.pos > rest {
		p.pos = next - rest
	}
}

// A caster writes the frames of an asciicast; of each only what has changed.
type caster struct {
	w    *json.Encoder
	rows [][]cells.Cell
}

// frame writes c as the frame at time at.
func (ca *caster) frame(at time.Duration, c *cells.Canvas, th *cells.Theme) {
	var out strings.Builder
	if ca.rows == nil {
		out.WriteString("\x1b[?25l\x1b[2J") // without a cursor, on a blank screen
		for range c.H {
			ca.rows = append(ca.rows, slices.Repeat([]cells.Cell{{S: " "}}, c.W))
		}
	}
	for y, was := range ca.rows {
		if x, end := changed(was, c.Row(y)); x < end {
			fmt.Fprintf(&out, "\x1b[%d;%dH%s", y+1, x+1, c.RenderPart(th, y, x, end))
			copy(was, c.Row(y))
		}
	}
	if out.Len() > 0 {
		ca.put(at, out.String())
	}
}

// changed returns the range of cells in which a and b, which have the same length, differ. It does not split wide characters.
func changed(a, b []cells.Cell) (from, to int) {
	for from < len(b) && a[from] == b[from] {
		from++
	}
	to = len(b)
	for to > from && a[to-1] == b[to-1] {
		to--
	}
	for from > 0 && from < to && (a[from].S == "" || b[from].S == "") {
		from--
	}
	for to < len(b) && (a[to].S == "" || b[to].S == "") {
		to++
	}
	return from, to
}

// put writes the output at time at.
func (ca *caster) put(at time.Duration, text string) {
	_ = ca.w.Encode([]any{json.Number(fmt.Sprintf("%.3f", at.Seconds())), "o", text}) // errors are kept by the writer
}
