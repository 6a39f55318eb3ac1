package dist

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// A Mutex is a mutual exclusion lock that processes on any number of hosts share, by its name. It is made by [Space.Mutex].
//
// A holder that dies is found out by its lease: it renews it, and when it does not, others take the lock over. They wait for as long
// as the lease after what they last saw of it, by their own clocks; nobody's clock is compared with another's.
//
// What a lock like this is worth. Whoever is paused, by the operating system, a virtual machine or a long garbage collection, cannot
// know that its lease has run out, and may go on as if it had the lock when it wakes. No lock service can prevent that; the
// resource can. Hand [Held.Token] to it, and let it refuse a token that is lower than one that it has seen: tokens rise with each
// holder. Without that check, mutual exclusion is advisory: it holds so long as no process stands still for longer than its
// lease, between a look at [Held.Context] and the end of what it does.
//
// Those who wait are served in the order in which they came, except that a waiter that does not react within 300 ms is passed
// over (it may be dead) and that a TryLock overtakes the queue. Goroutines of one process wait for each other first.
//
// In the terminology of the Go memory model, an Unlock “synchronizes before” the next Lock returns, so far as there is anything
// that both processes see.
type Mutex struct {
	s     *Space
	name  string
	lease time.Duration
}

// A LockOption changes what [Space.Mutex] and [Space.Semaphore] return.
type LockOption func(*lockConfig)

type lockConfig struct{ lease time.Duration }

// defaultLease is what a holder has to renew within, unless an option says something else.
const defaultLease = 10 * time.Second

// minLease is the shortest: renewals and those who wait for them have to travel.
const minLease = 100 * time.Millisecond

// Lease sets how long a holder that is not heard of keeps what it has: 10 seconds without this option. With a short lease, the lock
// of a process that died is free sooner, and a lock is lost sooner while the engine cannot be reached. It is renewed three times in that time.
// It panics if d is less than 100 ms.
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

// Lock locks m, and waits as long as it takes. While the engine cannot be reached it keeps trying. It fails if the space is
// closed, or if the engine refuses, for instance because its disk is full.
func (m *Mutex) Lock() (*Held, error) {
	return held(m.s.acquire(context.Background(), m.claim("Mutex.Lock"), false))
}

// LockContext is like [Mutex.Lock], but gives up when ctx ends, and then returns an error that matches its cause and its Err. It
// does not end what is held.
func (m *Mutex) LockContext(ctx context.Context) (*Held, error) {
	c := m.claim("Mutex.LockContext")
	checkContext(ctx, c.op)
	return held(m.s.acquire(ctx, c, false))
}

// LockTimeout is like [Mutex.Lock], but gives up after d, and then returns an error that matches context.DeadlineExceeded. If d is
// zero or less it does not wait for the lock, only for the engine.
func (m *Mutex) LockTimeout(d time.Duration) (*Held, error) {
	return held(m.s.acquireTimeout(d, m.claim("Mutex.LockTimeout")))
}

// TryLock locks m if it is free, and otherwise returns [ErrBusy]. It waits only for the engine, at most 10 seconds. That
// a holder has died is found out by those who wait, or by calls of TryLock in this process that are further apart than its lease.
func (m *Mutex) TryLock() (*Held, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return held(m.s.acquire(ctx, m.claim("Mutex.TryLock"), true))
}

// Locked reports whether m is locked by anyone, when the engine was asked.
func (m *Mutex) Locked() (bool, error) {
	p, err := m.s.pool(m.claim("Mutex.Locked"))
	return len(p.Holders) > 0, err
}

// Waiting returns how many wait for m, in all processes: of each process it counts one goroutine.
func (m *Mutex) Waiting() (int, error) {
	p, err := m.s.pool(m.claim("Mutex.Waiting"))
	return len(p.Queue), err
}

// String returns text such as "mutex printer".
func (m *Mutex) String() string { return "mutex " + m.name }

// pool returns what is stored.
func (s *Space) pool(c *claim) (pool, error) { return stored[pool](s, c.key) }

// stored returns what is stored of key.
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

// A Held is a [Mutex] that is locked, until [Held.Unlock] or until its lease is lost. It may be used and unlocked by any goroutine.
type Held struct{ g *grant }

func held(g *grant, err error) (*Held, error) {
	if err != nil {
		return nil, err
	}
	return &Held{g}, nil
}

// Token returns the number of this locking, from 1: it is higher than that of every earlier one of the same mutex. Hand it to
// what the lock protects, which is to refuse a lower one than it has seen. See [Mutex].
func (h *Held) Token() uint64 { return h.grant("Token").token }

// Lost returns a channel that is closed when the lock is lost: since the lease could not be renewed in time, or the space was closed. It
// is not closed by Unlock. It is closed before anybody else can have the lock, unless this process stands still.
func (h *Held) Lost() <-chan struct{} { return h.grant("Lost").lost }

// Context returns a context that ends when the lock is lost, with the cause [ErrLost] or [ErrClosed], and at Unlock. Use it for what
// is done under the lock. Its Err looks at the clock by itself, so it also tells at once after the process was paused.
func (h *Held) Context() context.Context {
	g := h.grant("Context")
	return leaseContext{g.ctx, g}
}

// Unlock unlocks the mutex. It returns an error that matches [ErrLost] if the lock was lost before: then others may have had it
// meanwhile. If the engine cannot be reached for 10 seconds it gives up; others then get the lock when the lease has run out.
// It panics if h was unlocked before.
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
