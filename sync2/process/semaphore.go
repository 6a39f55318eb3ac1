package process

import (
	"cmp"
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A Semaphore is a number of permits shared by the processes of a program, like [sync2.Semaphore]. It lives in the
// process that made it; other processes send their requests to that process.
//
// When a process dies, the permits that it has acquired and not released are returned, and the next Acquire returns an
// error that matches [ErrHolderDied]. It gets the permit nevertheless.
//
// A Semaphore is made by [NewSemaphore] or [NewBoundedSemaphore] and must not be copied. A pointer to it can be passed
// to workers in the argument of a function.
//
// In the terminology of the Go memory model, a Release “synchronizes before” the return of the Acquire that gets its
// permit, insofar as the processes share memory.
type Semaphore struct{ handle }

// NewSemaphore returns a semaphore with the given number of permits. It panics if permits is negative.
func NewSemaphore(permits int, opts ...SharedOption) *Semaphore {
	return newSemaphore("NewSemaphore", permits, 0, opts)
}

// NewBoundedSemaphore is like [NewSemaphore], but a Release of more permits than were acquired panics.
func NewBoundedSemaphore(permits int, opts ...SharedOption) *Semaphore {
	return newSemaphore("NewBoundedSemaphore", permits, specBounded, opts)
}

func newSemaphore(op string, permits int, flags uint8, opts []SharedOption) *Semaphore {
	if permits < 0 {
		misuse(op, "%d permits; the number must not be negative", permits)
	}
	s := new(Semaphore)
	s.make(op, spec{class: classSemaphore, size: int64(permits), flags: flags}, opts)
	return s
}

// Acquire takes one permit, waiting for it if necessary. It returns nil, or an error that matches [ErrHolderDied] if a
// process died that held a permit; the permit is acquired in both cases.
func (s *Semaphore) Acquire() error {
	_, err := s.call(context.Background(), "Semaphore.Acquire", classSemaphore, request{verb: verbAcquire, n: 1})
	return err
}

// AcquireContext is like [Semaphore.Acquire], but gives up when ctx ends, and then returns its cause without having
// acquired a permit. AcquireContext panics if ctx is nil.
func (s *Semaphore) AcquireContext(ctx context.Context) error {
	_, err := s.callContext(ctx, "Semaphore.AcquireContext", classSemaphore, request{verb: verbAcquire, n: 1})
	return err
}

// AcquireTimeout is like [Semaphore.Acquire], but gives up after d, and then returns an error that matches
// context.DeadlineExceeded. If d is zero or negative, it does not wait.
func (s *Semaphore) AcquireTimeout(d time.Duration) error {
	_, err := s.callTimeout(d, "Semaphore.AcquireTimeout", classSemaphore, request{verb: verbAcquire, n: 1})
	return err
}

// TryAcquire takes one permit if one is available and no goroutine waits, and reports whether it did. If a process died
// that held a permit, the next Acquire returns the error.
func (s *Semaphore) TryAcquire() bool {
	return s.do("Semaphore.TryAcquire", classSemaphore, request{verb: verbAcquire, n: 1, try: true}).ok
}

// AcquireN takes n permits, all or none, waiting for them if necessary. It gives up when ctx ends, and then returns its
// cause. It returns [sync2.ErrTooMany] if n exceeds the bound of a bounded semaphore. AcquireN panics if n is negative.
func (s *Semaphore) AcquireN(ctx context.Context, n int) error {
	if n < 0 {
		misuse("Semaphore.AcquireN", "%d permits; the number must not be negative", n)
	}
	_, err := s.callContext(ctx, "Semaphore.AcquireN", classSemaphore, request{verb: verbAcquire, n: int64(n)})
	return err
}

// TryAcquireN takes n permits, all or none, if they are available and no goroutine waits, and reports whether it did.
// It panics if n is negative.
func (s *Semaphore) TryAcquireN(n int) bool {
	if n < 0 {
		misuse("Semaphore.TryAcquireN", "%d permits; the number must not be negative", n)
	}
	return s.do("Semaphore.TryAcquireN", classSemaphore, request{verb: verbAcquire, n: int64(n), try: true}).ok
}

// Release returns one permit to the semaphore. It panics if the semaphore is bounded and none of its permits is held.
func (s *Semaphore) Release() {
	s.do("Semaphore.Release", classSemaphore, request{verb: verbRelease, n: 1})
}

// ReleaseN returns n permits to the semaphore. It panics if n is negative, or if the semaphore is bounded and fewer
// than n of its permits are held.
func (s *Semaphore) ReleaseN(n int) {
	s.do("Semaphore.ReleaseN", classSemaphore, request{verb: verbRelease, n: int64(n)})
}

// Drain takes all available permits, and returns their number.
func (s *Semaphore) Drain() int {
	return int(s.do("Semaphore.Drain", classSemaphore, request{verb: verbDrain}).n)
}

// Available returns the number of available permits.
func (s *Semaphore) Available() int {
	return int(s.do("Semaphore.Available", classSemaphore, request{verb: verbAvailable}).n)
}

// Waiting returns the number of goroutines waiting for permits, in all processes.
func (s *Semaphore) Waiting() int {
	return int(s.do("Semaphore.Waiting", classSemaphore, request{verb: verbWaiting}).n)
}

// String returns text such as "semaphore pool: 1 available, 2 wait".
func (s *Semaphore) String() string { return s.describe(classSemaphore) }

// A semaphoreObject is a Semaphore in the process that made it.
type semaphoreObject struct {
	s *sync2.Semaphore

	mu    sync.Mutex // guards what follows
	held  map[*child]int
	death error // of a holder, if it has not been reported yet
}

func newSemaphoreObject(s *spec) object {
	o := &semaphoreObject{held: make(map[*child]int)}
	if s.flags&specBounded != 0 {
		o.s = sync2.NewBoundedSemaphore(int(s.size))
	} else {
		o.s = sync2.NewSemaphore(int(s.size))
	}
	if name := cmp.Or(s.title, s.name); name != "" {
		trace.Name(hook.ObjectOf(o.s), name)
	}
	return o
}

func (o *semaphoreObject) do(ctx context.Context, who *child, r request) (reply, error) {
	n := int(r.n)
	switch r.verb {
	case verbAcquire:
		return o.acquire(ctx, who, n, r.try)
	case verbRelease:
		o.s.ReleaseN(n)
		o.count(who, -n)
		return reply{}, nil
	case verbDrain:
		n = o.s.Drain()
		o.count(who, n)
		return reply{n: int64(n)}, nil
	case verbAvailable:
		return reply{n: int64(o.s.Available())}, nil
	default:
		return reply{n: int64(o.s.Waiting())}, nil
	}
}

func (o *semaphoreObject) acquire(ctx context.Context, who *child, n int, try bool) (reply, error) {
	switch {
	case try:
		ok := o.s.TryAcquireN(n)
		if ok {
			o.count(who, n)
		}
		return reply{ok: ok}, nil
	case n == 1:
		if err := o.s.AcquireContext(ctx); err != nil {
			return reply{}, err
		}
	default:
		if err := o.s.AcquireN(ctx, n); err != nil {
			return reply{}, err
		}
	}
	o.count(who, n)
	if n == 0 {
		return reply{ok: true}, nil
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	return granted(&o.death)
}

// count notes that a worker took n more permits, or returned -n. It does not count below zero: a worker may release what
// another process has acquired.
func (o *semaphoreObject) count(who *child, n int) {
	if who == nil {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.held[who] = max(0, o.held[who]+n); o.held[who] == 0 {
		delete(o.held, who)
	}
}

func (o *semaphoreObject) abandon(who *child, death error) {
	o.mu.Lock()
	n := o.held[who]
	delete(o.held, who)
	if n > 0 {
		o.death = death
	}
	o.mu.Unlock()
	if n > 0 {
		defer func() { _ = recover() }() // another process may have released them already
		o.s.ReleaseN(n)
	}
}

func (o *semaphoreObject) String() string {
	return fmt.Sprintf("%d available, %d wait", o.s.Available(), o.s.Waiting())
}
