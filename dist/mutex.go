package dist

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// A Mutex is a named mutual exclusion lock that processes on any number of hosts share. It is made by [Space.Mutex].
//
// A dead holder is detected by its lease: a live holder renews it, and if it does not, others take over the lock. They wait for the
// length of the lease after they last saw a renewal, by their own clocks; no clock is compared with another.
//
// Such a lock has a limit. A process that is paused, by the operating system, a virtual machine or a long garbage collection, cannot
// know that its lease has run out, and may go on as if it had the lock when it resumes. No lock service can prevent that, but the
// resource can. Pass it [Held.Token], and let it refuse a token lower than the highest it has seen: tokens rise with each holder.
// Without that check, mutual exclusion is advisory: it holds as long as no process is paused for longer than its lease between
// checking [Held.Context] and finishing its work.
//
// Waiters are served in FIFO order, except that a waiter that does not react within 300 ms is skipped (it may be dead) and
// that a TryLock overtakes the queue. Goroutines of one process wait for each other first.
//
// In the terminology of the Go memory model, an Unlock “synchronizes before” the return of the next Lock, as far as processes
// share memory at all.
type Mutex struct {
	s     *Space
	name  string
	lease time.Duration
}

// A LockOption configures a [Mutex] or a [Semaphore]: see [Space.Mutex] and [Space.Semaphore].
type LockOption func(*lockConfig)

type lockConfig struct{ lease time.Duration }

// defaultLease is the length of a lease without an option.
const defaultLease = 10 * time.Second

// minLease is the shortest lease: renewals and notifications take time to travel.
const minLease = 100 * time.Millisecond

// Lease sets the time for which a holder keeps its lock or permits without a renewal: 10 seconds without this option. With a shorter lease, the lock of
// a dead process is free sooner, but a lock is also lost sooner while the engine is unreachable. A lease is renewed three times within its
// length. Lease panics if d is less than 100 ms.
func Lease(d time.Duration) LockOption {
	if d < minLease {
		misuse("Lease", "%v; must be at least %v", d, minLease)
	}
	return func(c *lockConfig) { c.lease = d }
}

func lockOptions(op string, opts []LockOption) lockConfig {
	c := lockConfig{lease: defaultLease}
	for i, opt := range opts {
		if opt == nil {
			misuse(op, "option %d is nil", i)
		}
		opt(&c)
	}
	return c
}

// Mutex returns the lock with the given name, which can be any string. It does not ask the engine. It panics if an option is nil.
func (s *Space) Mutex(name string, opts ...LockOption) *Mutex {
	return &Mutex{s, name, lockOptions("Space.Mutex", opts).lease}
}

func (m *Mutex) claim(op string) *claim {
	if m == nil || m.s == nil {
		misuse(op, "not made by Space.Mutex")
	}
	return &claim{key: "mutex." + encodeName(m.name), op: op, permits: 1, n: 1, lease: m.lease}
}

// Lock locks m, waiting as long as it takes. While the engine is unreachable it keeps trying. It fails if the space is
// closed, or if the engine refuses the request, for instance because its disk is full.
func (m *Mutex) Lock() (*Held, error) {
	return held(m.s.acquire(context.Background(), m.claim("Mutex.Lock"), false))
}

// LockContext is like [Mutex.Lock], but gives up when ctx ends, and then returns an error that matches its cause and its Err.
// The end of ctx does not affect a lock that is held.
func (m *Mutex) LockContext(ctx context.Context) (*Held, error) {
	c := m.claim("Mutex.LockContext")
	checkContext(ctx, c.op)
	return held(m.s.acquire(ctx, c, false))
}

// LockTimeout is like [Mutex.Lock], but gives up after d, and then returns an error that matches context.DeadlineExceeded. If d is
// zero or negative, it does not wait for the lock, only for the engine.
func (m *Mutex) LockTimeout(d time.Duration) (*Held, error) {
	return held(m.s.acquireTimeout(d, m.claim("Mutex.LockTimeout")))
}

// TryLock locks m if it is free, and otherwise returns [ErrBusy]. It waits only for the engine, at most 10 seconds. A dead holder
// is detected by waiters, or by two calls of TryLock in the same process that are further apart than the holder's lease.
func (m *Mutex) TryLock() (*Held, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return held(m.s.acquire(ctx, m.claim("Mutex.TryLock"), true))
}

// Locked asks the engine, and reports whether m is locked by anyone.
func (m *Mutex) Locked() (bool, error) {
	p, err := m.s.pool(m.claim("Mutex.Locked"))
	return len(p.Holders) > 0, err
}

// Waiting returns the number of processes that wait for m; several goroutines of a process count once.
func (m *Mutex) Waiting() (int, error) {
	p, err := m.s.pool(m.claim("Mutex.Waiting"))
	return len(p.Queue), err
}

// String returns text such as "mutex printer".
func (m *Mutex) String() string { return "mutex " + m.name }

// pool returns the stored state.
func (s *Space) pool(c *claim) (pool, error) { return stored[pool](s, c.key) }

// stored returns the stored state of key.
func stored[S any](s *Space, key string) (S, error) {
	var d document[S]
	ctx, end, err := s.ask()
	if err != nil {
		return d.State, err
	}
	defer end()
	r, err := update(ctx, s, key, func(*S) (bool, error) { return false, nil })
	return r.state, err
}

func (s *Space) acquireTimeout(d time.Duration, c *claim) (*grant, error) {
	if d <= 0 {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		g, err := s.acquire(ctx, c, true)
		if errors.Is(err, ErrBusy) {
			err = context.DeadlineExceeded
		}
		return g, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), d)
	defer cancel()
	return s.acquire(ctx, c, false)
}

// A Held is a locked [Mutex], until [Held.Unlock] or until its lease is lost. Any goroutine may use and unlock it.
type Held struct{ g *grant }

func held(g *grant, err error) (*Held, error) {
	if err != nil {
		return nil, err
	}
	return &Held{g}, nil
}

// Token returns the fencing token of this Held, from 1: it is higher than that of every earlier one of the same mutex. Pass
// it to the resource that the lock protects, which should refuse a lower token than the highest it has seen. See [Mutex].
func (h *Held) Token() uint64 { return h.grant("Token").token }

// Lost returns a channel that is closed when the lock is lost because the lease could not be renewed in time, or because the space was
// closed. It is not closed by Unlock. It is closed before another goroutine or process can get the lock, unless this process is paused.
func (h *Held) Lost() <-chan struct{} { return h.grant("Lost").lost }

// Context returns a context that ends when the lock is lost, with the cause [ErrLost] or [ErrClosed], and at Unlock. Use it for
// everything done under the lock. Its Err checks the clock itself, so it is right even immediately after the process was paused.
func (h *Held) Context() context.Context {
	g := h.grant("Context")
	return leaseContext{g.ctx, g}
}

// Unlock unlocks the mutex. It returns an error that matches [ErrLost] if the lock was already lost: then others may have had
// it meanwhile. If the engine is unreachable for 10 seconds, Unlock gives up; others then get the lock when the lease has run
// out. It panics if h has already been unlocked.
func (h *Held) Unlock() error { return h.grant("Unlock").release("Held.Unlock") }

// String returns text such as "mutex printer: held with token 7".
func (h *Held) String() string {
	g := h.grant("String")
	if err := g.check(); err != nil {
		return fmt.Sprintf("%s: token %d, %s", title(g.c.key), g.token, reason(err))
	}
	return fmt.Sprintf("%s: held with token %d", title(g.c.key), g.token)
}

func (h *Held) grant(verb string) *grant {
	if h == nil || h.g == nil {
		misuse("Held."+verb, "not made by a Mutex")
	}
	return h.g
}

func reason(err error) string {
	switch {
	case errors.Is(err, errUnlocked):
		return "unlocked"
	case errors.Is(err, ErrLost):
		return "lost"
	}
	return "closed"
}
