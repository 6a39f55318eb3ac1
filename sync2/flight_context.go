package sync2

import (
	"context"
	"time"

	"github.com/turnstile-go/turnstile/sync2/internal/steps"
)

// A flightContext is the context of the function of a call of a Flight. Like that of a task it costs nothing until it is used:
// to end one of package context takes a larger stack than a goroutine has at first.
type flightContext struct {
	from    context.Context          // only its values are used
	stopper steps.Pointer[stopper]   // nil until it is used
	over    steps.Pointer[flightEnd] // nil until it has ended
}

// A flightEnd says why a flightContext has ended; nil: since the function has returned.
type flightEnd struct{ cause error }

var landed flightEnd

// end ends it, unless it has already ended.
func (c *flightContext) end(cause error) {
	over := &landed
	if cause != nil {
		over = &flightEnd{cause}
	}
	if !c.over.CompareAndSwap(nil, over) {
		return
	}
	if s := c.stopper.Load(); s != nil {
		s.cancel(cause)
	}
}

// real returns the context of package context that c stands for.
func (c *flightContext) real() context.Context {
	s := c.stopper.Load()
	if s == nil {
		s = newStopper(context.WithoutCancel(c.from))
		if !c.stopper.CompareAndSwap(nil, s) {
			s = c.stopper.Load()
		}
	}
	if over := c.over.Load(); over != nil {
		s.cancel(over.cause)
	}
	return s.ctx
}

// Deadline implements context.Context.
func (c *flightContext) Deadline() (deadline time.Time, ok bool) { return time.Time{}, false }

// Done implements context.Context.
func (c *flightContext) Done() <-chan struct{} { return c.real().Done() }

// Err implements context.Context.
func (c *flightContext) Err() error {
	if c.over.Load() != nil {
		return c.real().Err()
	}
	return nil
}

// Value implements context.Context. Package context also uses it, to find its own contexts.
func (c *flightContext) Value(key any) any { return c.real().Value(key) }

// String makes a context derived from this one print well.
func (c *flightContext) String() string { return "sync2.Flight" }
