package errgroup

import (
	"context"
	"errors"
	"sync"
	"testing"
)

// A Group does what golang.org/x/sync/errgroup's Group does, as far as it is needed here: its goroutines work on one
// task. The first error cancels the context of all of them, and Wait returns it.
type Group struct {
	cancel  context.CancelCauseFunc
	running sync.WaitGroup
	once    sync.Once
	err     error
}

func WithContext(ctx context.Context) (*Group, context.Context) {
	ctx, cancel := context.WithCancelCause(ctx)
	return &Group{cancel: cancel}, ctx
}

func (g *Group) Go(f func() error) {
	g.running.Add(1)
	go g.run(f)
}

func (g *Group) run(f func() error) {
	defer g.running.Done()
	if err := f(); err != nil {
		g.once.Do(func() {
			g.err = err
			g.cancel(err)
		})
	}
}

func (g *Group) Wait() error {
	g.running.Wait() // whatever was written before Done can be read now
	g.cancel(g.err)
	return g.err
}

var errTorn = errors.New("page 2 is torn")

func TestErrgroup(t *testing.T) {
	g, ctx := WithContext(context.Background())
	pages := make(chan string)
	g.Go(func() error { return readPage(ctx, pages) })
	g.Go(func() error { return errTorn })

	// Nobody receives the page. Without the context, its reader would wait forever, and Wait for it.
	if err := g.Wait(); !errors.Is(err, errTorn) {
		t.Errorf("the group says %v, want what failed first", err)
	}
}

func readPage(ctx context.Context, pages chan<- string) error {
	select {
	case pages <- "page 1":
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
