package dist

import (
	"context"
	"errors"
	"sync"
	"time"
)

// A grant is the core of a Held or Permits: some permits of a pool under a lease that is renewed.
//
// All times are of this process's monotonic clock. Others count the lease from when they see a renewal; here it counts from
// before the renewal was sent, and ends a margin earlier. So it has ended here before another process can have the permits, unless
// this process does not run at all.
type grant struct {
	c     *claim
	token uint64

	ctx    context.Context // ends when it is lost or given back
	cancel context.CancelCauseFunc
	lost   chan struct{}
	stop   context.CancelFunc // of the renewals
	ended  chan struct{}      // they have ended

	mu       sync.Mutex // guards what follows
	timer    *time.Timer
	deadline time.Time
	err      error // nil while it is held
}

// errUnlocked is the cause of a grant's context after a regular unlock.
var errUnlocked = errors.New("dist: unlocked")

// margin returns the time by which a lease ends earlier for its holder than for others: it allows for clocks that drift apart, late timers,
// and the time until a goroutine learns of it.
func margin(lease time.Duration) time.Duration { return lease / 8 }

func newGrant(c *claim, token uint64) *grant {
	g := &grant{c: c, token: token, lost: make(chan struct{}), ended: make(chan struct{}), stop: func() {}}
	g.ctx, g.cancel = context.WithCancelCause(context.Background())
	return g
}

// extend extends the lease: the stored renewal was sent no earlier than begun.
func (g *grant) extend(begun time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.err != nil {
		return
	}
	g.deadline = begun.Add(g.c.lease - margin(g.c.lease))
	if g.timer == nil {
		g.timer = time.AfterFunc(time.Until(g.deadline), g.expire)
		return
	}
	g.timer.Reset(time.Until(g.deadline))
}

// expire ends g if its lease has run out.
func (g *grant) expire() {
	g.mu.Lock()
	over := !time.Now().Before(g.deadline)
	g.mu.Unlock()
	if over {
		g.drop(ErrLost)
	}
}

// drop ends g with err, unless it has already ended, and reports whether it did.
func (g *grant) drop(err error) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.err != nil {
		return false
	}
	g.err = err
	if g.timer != nil {
		g.timer.Stop()
	}
	g.cancel(err)
	if !errors.Is(err, errUnlocked) {
		close(g.lost)
	}
	g.stop()
	return true
}

// check ends g if its lease has run out and the timer is late, and returns why it has ended, or nil.
func (g *grant) check() error {
	g.expire()
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.err
}

// start renews g from now on.
func (g *grant) start() {
	ctx, stop := context.WithCancel(g.c.s.ctx)
	g.mu.Lock()
	g.stop = stop
	if g.err != nil {
		stop()
	}
	g.mu.Unlock()
	g.c.s.work.Add(1) // the caller is counted too, so Add does not come too late
	go func() {
		defer g.c.s.work.Done()
		defer close(g.ended)
		defer stop()
		for t := time.NewTicker(g.c.lease / 3); ; {
			select {
			case <-ctx.Done():
				t.Stop()
				if g.c.s.ctx.Err() != nil {
					g.drop(ErrClosed)
				}
				return
			case <-t.C:
			}
			if err := g.renew(ctx); err != nil && ctx.Err() == nil && !errors.Is(err, ErrUncertain) {
				g.drop(err)
			}
		}
	}()
}

// renew writes a renewal. It gives up when the lease has run out.
func (g *grant) renew(ctx context.Context) error {
	r, err := update(ctx, g.c.s, g.c.key, func(p *pool) (bool, error) {
		i := p.holder(g.c.id)
		if i < 0 {
			return false, ErrLost
		}
		p.Holders[i].Beat++
		return true, nil
	})
	if err == nil {
		g.extend(r.begun)
	}
	return err
}

// release gives the permits back.
func (g *grant) release(op string) error {
	_ = g.check()
	if !g.drop(errUnlocked) {
		g.mu.Lock()
		defer g.mu.Unlock()
		if errors.Is(g.err, errUnlocked) {
			misuse(op, "not locked")
		}
		return g.err
	}
	<-g.ended
	ctx, end, err := g.c.s.ask()
	if err != nil {
		return err
	}
	defer end()
	_, err = update(ctx, g.c.s, g.c.key, func(p *pool) (bool, error) {
		if !p.remove(g.c.id) {
			return false, ErrLost
		}
		return true, nil
	})
	return err
}

// A leaseContext ends when its grant does, and checks the clock itself: after a pause of the whole process, its Err may
// know before the timer does.
type leaseContext struct {
	context.Context // it is one
	g               *grant
}

func (c leaseContext) Err() error {
	_ = c.g.check()
	return c.Context.Err()
}
