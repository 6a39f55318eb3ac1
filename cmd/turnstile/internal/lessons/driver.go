package lessons

import (
	"context"

	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/gotest"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/interruptible"
	"github.com/turnstile-go/turnstile/scenarios/ordinary"
	"github.com/turnstile-go/turnstile/tui"
)

// A lessonDriver drives a lesson, or the test of a token. It implements tui.Driver.
type lessonDriver struct {
	w     *Workshop
	l     *ordinary.Lesson // nil for the test of token
	token string
	life  context.Context // of the test binary
}

// moment builds the lesson if necessary, and requests a moment.
func (d *lessonDriver) moment(ctx context.Context, ask func(*gotest.Driver) (*tui.Moment, error)) (*tui.Moment, error) {
	t, err := interruptible.Call(ctx, func() (*gotest.Driver, error) {
		if d.l == nil {
			return d.w.drivenBy(d.life, d.token)
		}
		return d.w.driven(d.life, d.l)
	})
	if err != nil {
		return nil, err
	}
	return ask(t)
}

// At implements tui.Driver.
func (d *lessonDriver) At(ctx context.Context, made []int) (*tui.Moment, error) {
	return d.moment(ctx, func(t *gotest.Driver) (*tui.Moment, error) { return t.At(ctx, made) })
}

// GoOn implements tui.Driver.
func (d *lessonDriver) GoOn(ctx context.Context, made []int, seed uint64) (*tui.Moment, error) {
	return d.moment(ctx, func(t *gotest.Driver) (*tui.Moment, error) { return t.GoOn(ctx, made, seed) })
}

// Search implements tui.Driver.
func (d *lessonDriver) Search(ctx context.Context, made []int, tried func(n, of int)) (*tui.Moment, error) {
	return d.moment(ctx, func(t *gotest.Driver) (*tui.Moment, error) { return t.Search(ctx, made, tried) })
}

// Replay implements tui.Driver.
func (d *lessonDriver) Replay(ctx context.Context, token string) (*tui.Moment, error) {
	return d.moment(ctx, func(t *gotest.Driver) (*tui.Moment, error) { return t.Replay(ctx, token) })
}

// Token implements tui.Driver.
func (d *lessonDriver) Token(ctx context.Context, made []int) (token string, err error) {
	_, err = d.moment(ctx, func(t *gotest.Driver) (*tui.Moment, error) {
		token, err = t.Token(ctx, made)
		return nil, err
	})
	return token, err
}

// Driver returns a driver of l. The test binary lives until life ends, or until clean.
func (w *Workshop) Driver(life context.Context, l *ordinary.Lesson) tui.Driver {
	return &lessonDriver{w: w, l: l, life: life}
}

// TokenDriver returns a driver of the test of a token. The test binary lives until life ends, or until clean.
func (w *Workshop) TokenDriver(life context.Context, token string) tui.Driver {
	return &lessonDriver{w: w, token: token, life: life}
}
