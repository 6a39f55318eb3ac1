package dist

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
)

func TestMutex(t *testing.T) {
	s := open(t)
	m := s.Mutex("a lock: 1.*.>")
	h := must[*Held](t)(m.Lock())
	if _, err := m.TryLock(); !errors.Is(err, ErrBusy) {
		t.Errorf("TryLock of a held lock: %v, want ErrBusy", err)
	}
	if _, err := m.LockTimeout(0); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("LockTimeout(0) of a held lock: %v", err)
	}
	if _, err := m.LockTimeout(20 * time.Millisecond); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("LockTimeout of a held lock: %v", err)
	}
	if n := must[int](t)(m.Waiting()); n != 0 {
		t.Errorf("%d wait after they gave up", n)
	}
	if err := h.Context().Err(); err != nil {
		t.Errorf("the context of what is held: %v", err)
	}
	if err := h.Unlock(); err != nil {
		t.Fatal(err)
	}
	if h.Context().Err() == nil {
		t.Error("the context goes on after Unlock")
	}
	select {
	case <-h.Lost():
		t.Error("an unlocked lock is lost")
	default:
	}
	h2 := must[*Held](t)(m.TryLock())
	if h2.Token() <= h.Token() {
		t.Errorf("token %d after %d", h2.Token(), h.Token())
	}
	if got, want := h2.String(), "mutex a lock: 1.*.>: held with token 2"; got != want {
		t.Errorf("String: %q, want %q", got, want)
	}
	if err := h2.Unlock(); err != nil {
		t.Error(err)
	}
	if locked := must[bool](t)(m.Locked()); locked {
		t.Error("locked after Unlock")
	}
}

func TestMutexMisuse(t *testing.T) {
	s := open(t)
	h := must[*Held](t)(s.Mutex("m").Lock())
	if err := h.Unlock(); err != nil {
		t.Fatal(err)
	}
	for name, f := range map[string]func(){
		"Unlock twice": func() { _ = h.Unlock() },
		"nil context":  func() { _, _ = s.Mutex("m").LockContext(nil) }, //nolint:staticcheck // that is the point
		"zero Mutex":   func() { _, _ = new(Mutex).Lock() },
		"zero Held":    func() { new(Held).Token() },
		"Lease":        func() { Lease(time.Millisecond) },
		"nil option":   func() { s.Mutex("m", nil) },
		"Semaphore":    func() { s.Semaphore("s", 0) },
		"AcquireN":     func() { _, _ = s.Semaphore("s", 2).AcquireN(t.Context(), 3) },
		"contradiction": func() {
			_, _ = Open(t.Context(), WithURL("nats://x"), WithListen(":0"))
		},
	} {
		func() {
			defer func() {
				if _, ok := recover().(*sync2.UsageError); !ok {
					t.Errorf("%s: no UsageError", name)
				}
			}()
			f()
		}()
	}
}

// The error of a context that ended has its cause, and the waiter is gone from the queue.
func TestMutexContext(t *testing.T) {
	s := served(t)
	other := join(t, s)
	h := must[*Held](t)(s.Mutex("m").Lock())
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("why")
	got := make(chan error, 1)
	go func() {
		_, err := other.Mutex("m").LockContext(ctx)
		got <- err
	}()
	waiting := func() int { return must[int](t)(s.Mutex("m").Waiting()) }
	reach(t, s, func() bool { return waiting() == 1 })
	cancel(why)
	if err := <-got; !errors.Is(err, why) || !errors.Is(err, context.Canceled) || err.Error() != "why" {
		t.Errorf("the error is %v", err)
	}
	if n := waiting(); n != 0 {
		t.Errorf("%d wait", n)
	}
	if err := h.Unlock(); err != nil {
		t.Error(err)
	}
	if _, err := s.Mutex("m").LockContext(ctx); !errors.Is(err, why) {
		t.Errorf("with an ended context: %v", err)
	}
}

// With several processes of several goroutines each, holders exclude each other, tokens rise, and waiters are served first come,
// first served.
func TestMutexExcludes(t *testing.T) {
	s := served(t)
	spaces := []*Space{s, join(t, s), join(t, s)}
	var in sync.Mutex
	var tokens []uint64
	var wg sync.WaitGroup
	for i, s := range spaces {
		for range 3 {
			wg.Go(func() {
				for range 5 {
					h, err := s.Mutex("m").Lock()
					if err != nil {
						t.Error(i, err)
						return
					}
					if !in.TryLock() {
						t.Error("two are in")
						return
					}
					tokens = append(tokens, h.Token())
					if locked, err := s.Mutex("m").Locked(); !locked || err != nil { // it also takes time
						t.Errorf("locked: %v, %v", locked, err)
					}
					in.Unlock()
					if err := h.Unlock(); err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
	wg.Wait()
	if len(tokens) != 45 || !slices.IsSorted(tokens) || len(slices.Compact(tokens)) != 45 {
		t.Errorf("%d tokens: %v", len(tokens), tokens)
	}
}

func TestMutexOrder(t *testing.T) {
	s := served(t)
	h := must[*Held](t)(s.Mutex("m").Lock())
	const n = 4
	order := make(chan int, n)
	var wg sync.WaitGroup
	for i := range n {
		other := join(t, s)
		other.grace = time.Hour // however slow the machine is, no process counts as dead
		wg.Go(func() {
			h, err := other.Mutex("m").Lock()
			if err != nil {
				t.Error(err)
				return
			}
			order <- i
			if err := h.Unlock(); err != nil {
				t.Error(err)
			}
		})
		reach(t, s, func() bool { return must[int](t)(s.Mutex("m").Waiting()) == i+1 })
	}
	if err := h.Unlock(); err != nil {
		t.Fatal(err)
	}
	wg.Wait()
	close(order)
	for i := range n {
		if got := <-order; got != i {
			t.Errorf("waiter %d was served as number %d", got, i)
		}
	}
}

// A lease that is not renewed ends the context of its holder before another has the lock.
func TestMutexLost(t *testing.T) {
	s := served(t)
	other := join(t, s)
	const lease = 600 * time.Millisecond
	h := must[*Held](t)(other.Mutex("m", Lease(lease)).Lock())
	other.nc.Close() // it can no longer renew
	begun := time.Now()
	h2 := must[*Held](t)(s.Mutex("m").Lock())
	took := time.Since(begun)
	if err := h.Context().Err(); err == nil {
		t.Error("another has the lock, and the context goes on")
	}
	<-h.Lost()
	if err := context.Cause(h.Context()); !errors.Is(err, ErrLost) {
		t.Errorf("the cause is %v, want ErrLost", err)
	}
	if t.Logf("it took %v, with a lease of %v", took, lease); took < lease {
		t.Error("that is too early")
	}
	if h2.Token() <= h.Token() {
		t.Errorf("token %d after %d", h2.Token(), h.Token())
	}
	if err := h.Unlock(); !errors.Is(err, ErrLost) {
		t.Errorf("Unlock of what was lost: %v", err)
	}
	if err := h2.Unlock(); err != nil {
		t.Error(err)
	}
}

// TryLock also detects dead holders.
func TestMutexTryLost(t *testing.T) {
	s := served(t)
	other := join(t, s)
	const lease = 300 * time.Millisecond
	_ = must[*Held](t)(other.Mutex("m", Lease(lease)).Lock())
	other.nc.Close()
	for begun := time.Now(); ; {
		h, err := s.Mutex("m").TryLock()
		if err == nil {
			if err := h.Unlock(); err != nil {
				t.Error(err)
			}
			return
		}
		if !errors.Is(err, ErrBusy) || time.Since(begun) > time.Minute {
			t.Fatal(err)
		}
	}
}

// A dead process in the queue does not keep the others waiting.
func TestMutexDeadWaiter(t *testing.T) {
	s := served(t)
	m := s.Mutex("m")
	h := must[*Held](t)(m.Lock())
	ctx, cancel := s.brief()
	defer cancel()
	if _, err := update(ctx, s, "mutex.m", func(p *pool) (bool, error) {
		p.Ticket += 2
		p.Queue = append(p.Queue, waiter{ID: "dead-1", N: 1, Ticket: p.Ticket - 1}, waiter{ID: "dead-2", N: 1, Ticket: p.Ticket})
		return true, nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := h.Unlock(); err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	h = must[*Held](t)(m.LockTimeout(time.Minute))
	if took := time.Since(begun); took < grace {
		t.Errorf("those ahead had %v only", took)
	}
	if err := h.Unlock(); err != nil {
		t.Error(err)
	}
}

// Locks survive a restart of the engine, and tokens do not fall.
func TestMutexRestart(t *testing.T) {
	dir := t.TempDir()
	var last uint64
	for range 3 {
		s := must[*Space](t)(Open(t.Context(), WithDir(dir)))
		if _, err := Open(t.Context(), WithDir(dir)); err == nil {
			t.Error("two engines in one directory")
		}
		h := must[*Held](t)(s.Mutex("m", Lease(time.Second/2)).Lock())
		if h.Token() <= last {
			t.Errorf("token %d after %d", h.Token(), last)
		}
		last = h.Token()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if _, err := s.Mutex("m").Lock(); !errors.Is(err, ErrClosed) {
			t.Errorf("Lock of a closed space: %v", err)
		}
		if err := context.Cause(h.Context()); !errors.Is(err, ErrClosed) && !errors.Is(err, ErrLost) {
			t.Errorf("the context of what was held ended with %v", err)
		}
	}
}

func TestCloseWaiting(t *testing.T) {
	s := served(t)
	other := must[*Space](t)(Open(t.Context(), WithURL(s.URL())))
	h := must[*Held](t)(s.Mutex("m").Lock())
	got := make(chan error, 1)
	go func() {
		_, err := other.Mutex("m").Lock()
		got <- err
	}()
	reach(t, s, func() bool { return must[int](t)(s.Mutex("m").Waiting()) == 1 })
	if err := other.Close(); err != nil {
		t.Error(err)
	}
	if err := <-got; !errors.Is(err, ErrClosed) {
		t.Errorf("the waiter got %v", err)
	}
	if err := h.Unlock(); err != nil {
		t.Error(err)
	}
}

func TestSemaphore(t *testing.T) {
	s := served(t)
	s.grace = time.Hour
	sem := s.Semaphore("pool", 3)
	two := must[*Permits](t)(sem.AcquireN(t.Context(), 2))
	one := must[*Permits](t)(join(t, s).Semaphore("pool", 3).Acquire())
	if n := must[int](t)(sem.Available()); n != 0 {
		t.Errorf("%d available", n)
	}
	if _, err := sem.TryAcquire(); !errors.Is(err, ErrBusy) {
		t.Errorf("TryAcquire: %v", err)
	}
	if _, err := s.Semaphore("pool", 4).TryAcquire(); !errors.Is(err, ErrMismatch) {
		t.Errorf("another number of permits: %v", err)
	}
	all := make(chan *Permits)
	go func() {
		p, err := join(t, s).Semaphore("pool", 3).AcquireN(t.Context(), 3)
		if err != nil {
			t.Error(err)
		}
		all <- p
	}()
	reach(t, s, func() bool { return must[int](t)(sem.Waiting()) == 1 })
	small := make(chan *Permits)
	go func() {
		p, err := sem.Acquire()
		if err != nil {
			t.Error(err)
		}
		small <- p
	}()
	reach(t, s, func() bool { return must[int](t)(sem.Waiting()) == 2 })
	if err := errors.Join(two.Release(), one.Release()); err != nil {
		t.Fatal(err)
	}
	p := <-all // first, though the small one could have been let in before
	if p.N() != 3 {
		t.Errorf("%d permits", p.N())
	}
	if err := p.Release(); err != nil {
		t.Error(err)
	}
	if err := (<-small).Release(); err != nil {
		t.Error(err)
	}
}

func TestNames(t *testing.T) {
	seen := make(map[string]string)
	for _, name := range []string{"", "a", "A", "=", "=41", "a.b", "a b", "*", ">", "ü", "\x00", "a/b", `a\b`, fmt.Sprint(make([]int, 200)), "$KV", "=h"} {
		token := encodeName(name)
		if other, ok := seen[token]; ok {
			t.Errorf("%q and %q are both encoded as %q", name, other, token)
		}
		seen[token] = name
		if len(token) <= maxEncoded && decodeName(token) != name && len(name) < 100 {
			t.Errorf("%q is encoded as %q, which is %q", name, token, decodeName(token))
		}
	}
}
