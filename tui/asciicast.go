package tui

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"time"

	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/stage"
)

const (
	// asciicastEvery is the duration of a frame of a terminal recording.
	asciicastEvery = time.Second / 20
	// asciicastHold is the duration of the last frame.
	asciicastHold = 2 * time.Second
	// asciicastRest is the longest pause in a film after an event, and again before the next one.
	asciicastRest = 2 * time.Second
)

// WriteAsciicast writes the film, from its beginning to its position, to w as a terminal recording: an asciicast of version 2,
// which asciinema and others play. It plays at the speed of the film's configuration, and shortens pauses of more than a few
// seconds. It ends early, with the cause of ctx, when ctx ends.
func (f *Film) WriteAsciicast(ctx context.Context, w io.Writer) error {
	b := bufio.NewWriter(w) // keeps the first error for Flush
	out := cells.NewAsciicast(b, f.cfg.Width, f.cfg.Height, "turnstile › "+cells.Clean(f.p.title))
	end, err := f.play(ctx, asciicastEvery, func(at time.Duration, c *cells.Canvas) { out.Frame(at, c, f.th) })
	if err != nil {
		return err
	}
	out.End(end + asciicastHold)
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
	p, k := f.p, f.p.rec.Clock()
	n := k.Count(p.pos)
	next := to
	if n < p.rec.Len() {
		next = min(to, k.PosOf(n+1))
	}
	if rest := time.Duration(float64(asciicastRest) * p.speed); p.pos-k.PosOf(n) >= rest && next-p.pos > rest {
		p.pos = next - rest
	}
}
