package tui

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"time"

	"github.com/turnstile-go/turnstile/tui/internal/cells"
)

const (
	// movingEvery is the duration of a frame of an animated picture.
	movingEvery = time.Second / 8
	// movingHold is the duration of the last frame, before the animation repeats.
	movingHold = 3 * time.Second
)

// WriteMovingSVG writes the film, from its beginning to its position or until its keys have been pressed, to w as an animated
// picture that repeats. The picture has no scripts, so it also plays where only images are allowed. Where animation is not
// supported, or the viewer prefers reduced motion, it shows the end. WriteMovingSVG ends early, with the cause of ctx, when ctx
// ends.
func (f *Film) WriteMovingSVG(ctx context.Context, w io.Writer) error {
	var mv cells.Moving
	end, err := f.play(ctx, movingEvery, func(at time.Duration, c *cells.Canvas) { mv.Frame(at, c, f.th) })
	if err != nil {
		return err
	}
	b := bufio.NewWriter(w) // keeps the first error for Flush
	mv.Write(b, end+movingHold, "turnstile › "+cells.Clean(f.p.title), f.cfg.Background.palette())
	if err := b.Flush(); err != nil {
		return fmt.Errorf("tui: %w", err)
	}
	return nil
}
