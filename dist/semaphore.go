package dist

import (
	"context"
	"fmt"
	"time"
)

// A Semaphore is a named number of permits that processes on any number of hosts share. It is made by [Space.Semaphore].
//
// As with [Mutex], a holder of permits renews a lease, and if it does not, others can take over its permits. So the limit is advisory
// too, unless the protected resource checks [Permits.Token].
//
// Requests are served in FIFO order, so small ones do not starve a large one ahead of them. A waiter that does not react within 300
// ms is skipped, and TryAcquire overtakes the queue.
type Semaphore struct {
	s       *Space
	name    string
	permits int
	lease   time.Duration
}

// Semaphore returns the semaphore with the given name and number of permits. Each process has to give the same number: otherwise
// its verbs fail with [ErrMismatch]. It panics if permits is less than 1 or an option is nil.
func (s *Space) Semaphore(name string, permits int, opts ...LockOption) *Semaphore {
	if permits < 1 {
		misuse("Space.Semaphore", "%d permits; must be at least 1", permits)
	}
	return &Semaphore{s, name, permits, lockOptions("Space.Semaphore", opts).lease}
}

func (m *Semaphore) claim(op string, n int) *claim {
	if m == nil || m.s == nil {
		misuse(op, "not made by Space.Semaphore")
	}
	if n < 1 || n > m.permits {
		misuse(op, "%d permits of %d", n, m.permits)
	}
	return &claim{key: "semaphore." + encodeName(m.name), op: op, permits: m.permits, n: n, lease: m.lease}
}

// Acquire takes a permit, waiting as long as it takes. While the engine is unreachable it keeps trying. It fails if the space is
// closed, or if the engine refuses the request.
func (m *Semaphore) Acquire() (*Permits, error) {
	return permits(m.s.acquire(context.Background(), m.claim("Semaphore.Acquire", 1), false))
}

// AcquireContext is like [Semaphore.Acquire], but gives up when ctx ends, and then returns an error that matches its cause and its Err.
func (m *Semaphore) AcquireContext(ctx context.Context) (*Permits, error) {
	c := m.claim("Semaphore.AcquireContext", 1)
	checkContext(ctx, c.op)
	return permits(m.s.acquire(ctx, c, false))
}

// AcquireTimeout is like [Semaphore.Acquire], but gives up after d, and then returns an error that matches
// context.DeadlineExceeded. If d is zero or negative, it does not wait for a permit, only for the engine.
func (m *Semaphore) AcquireTimeout(d time.Duration) (*Permits, error) {
	return permits(m.s.acquireTimeout(d, m.claim("Semaphore.AcquireTimeout", 1)))
}

// TryAcquire takes a permit if there is one, and otherwise returns [ErrBusy]. It waits only for the engine, at most 10 seconds.
func (m *Semaphore) TryAcquire() (*Permits, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return permits(m.s.acquire(ctx, m.claim("Semaphore.TryAcquire", 1), true))
}

// AcquireN takes n permits, all or none, and gives up when ctx ends. It panics if n is less than 1 or more than the semaphore has.
func (m *Semaphore) AcquireN(ctx context.Context, n int) (*Permits, error) {
	c := m.claim("Semaphore.AcquireN", n)
	checkContext(ctx, c.op)
	return permits(m.s.acquire(ctx, c, false))
}

// Available asks the engine for the number of free permits.
func (m *Semaphore) Available() (int, error) {
	p, err := m.s.pool(m.claim("Semaphore.Available", 1))
	if p.Permits == 0 {
		return m.permits, err
	}
	return p.free(), err
}

// Waiting returns the number of processes that wait; several goroutines of a process count once.
func (m *Semaphore) Waiting() (int, error) {
	p, err := m.s.pool(m.claim("Semaphore.Waiting", 1))
	return len(p.Queue), err
}

// String returns text such as "semaphore printers: 3 permits".
func (m *Semaphore) String() string {
	return fmt.Sprintf("semaphore %s: %d permits", m.name, m.permits)
}

// Permits are permits taken from a [Semaphore], until [Permits.Release] or until the lease is lost.
type Permits struct{ g *grant }

func permits(g *grant, err error) (*Permits, error) {
	if err != nil {
		return nil, err
	}
	return &Permits{g}, nil
}

// N returns the number of permits.
func (p *Permits) N() int { return p.grant("N").c.n }

// Token returns the fencing token of these permits: it is higher than that of all earlier permits of the same semaphore.
func (p *Permits) Token() uint64 { return p.grant("Token").token }

// Lost returns a channel that is closed when the permits are lost, before others can get them, unless this process is
// paused. It is not closed by Release.
func (p *Permits) Lost() <-chan struct{} { return p.grant("Lost").lost }

// Context returns a context that ends when the permits are lost, with the cause [ErrLost] or [ErrClosed], and at Release.
func (p *Permits) Context() context.Context {
	g := p.grant("Context")
	return leaseContext{g.ctx, g}
}

// Release returns the permits. It returns an error that matches [ErrLost] if they were already lost, and panics if they have
// already been released.
func (p *Permits) Release() error { return p.grant("Release").release("Permits.Release") }

func (p *Permits) grant(verb string) *grant {
	if p == nil || p.g == nil {
		misuse("Permits."+verb, "not made by a Semaphore")
	}
	return p.g
}
