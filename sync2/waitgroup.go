package sync2

import (
	"context"
	"math"
	"time"

	"github.com/turnstile-go/turnstile/sync2/internal/goid"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
	"github.com/turnstile-go/turnstile/sync2/internal/steps"
	"github.com/turnstile-go/turnstile/sync2/internal/waitq"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A WaitGroup is a counter, usually of goroutines or tasks, that other goroutines wait for to reach 0. It is like
// sync.WaitGroup, with a context and a timeout variant of Wait.
//
// The zero value for a WaitGroup has a counter of 0. A WaitGroup must not be copied after first use.
//
// All waiters are released when the counter reaches 0, even if it rises again at once, so a WaitGroup can be reused at
// any time. A WaitGroup that is initialized by Add(n) and only counts down is a latch.
//
// In the terminology of the Go memory model, a call to [WaitGroup.Done], and to [WaitGroup.Add] with a negative number,
// “synchronizes before” the return of any Wait that it releases, and of any Wait that finds the counter at 0 because of
// it. A Wait that gives up establishes no such relation.
type WaitGroup struct {
	// state is the counter and the flag awaited, which means that a goroutine waits or is about to, so the goroutine
	// that counts down to 0 must take the mutex. Or it equals elsewhere, and the counter is in count: while a goroutine
	// that may change the counter holds the mutex, and while a trace knows the counter.
	state   steps.Uint64
	count   int // guarded by q's mutex
	q       waitq.Queue
	waiting waitq.NotifyList // waits for the next 0
}

const (
	awaited   = 1 << 63
	elsewhere = math.MaxUint64 // the largest int and awaited look the same, and so are never put back
)

// Add adds n, which may be negative, to the counter. If the counter becomes 0, all waiters are released. Add panics,
// without changing the counter, if the counter would become negative or overflow an int.
//
// An Add that counts down “synchronizes before” the return of every Wait that succeeds because of it.
func (g *WaitGroup) Add(n int) {
	if !g.fast(n) {
		g.add(n, "Add")
	}
}

// Done decrements the counter by one. It panics if the counter is 0.
//
// Done “synchronizes before” the return of every Wait that succeeds because of it.
func (g *WaitGroup) Done() {
	old := g.state.Load()
	if next := old - 1; hook.Enabled() || next >= elsewhere-1 || next == awaited || !g.state.CompareAndSwap(old, next) {
		g.doneSlow()
	}
}

// doneSlow is outlined so that Done has little to set up.
//
//go:noinline
func (g *WaitGroup) doneSlow() {
	if !g.fast(-1) {
		g.add(-1, "Done")
	}
}

// Go starts a goroutine that calls fn, and counts it until fn returns or calls runtime.Goexit. A panic in fn crashes
// the program, as with the go statement, and no Wait returns before that. The goroutine is started as by [Go], without
// a name, and is listed by [Goroutines] once it runs. Go panics if fn is nil.
//
// The call of Go “synchronizes before” the start of fn, and the end of fn “synchronizes before” the return of every Wait
// that succeeds because of it.
func (g *WaitGroup) Go(fn func()) {
	if fn == nil {
		misuse("WaitGroup.Go", "the function is nil")
	}
	fn = bequeath(fn)
	if hook.Controlled() {
		g.goWatched(fn)
		return
	}
	if !g.fast(1) {
		g.add(1, "Go")
	}
	release(&registry.order)
	parent := goid.Get()
	go g.run(fn, parent)
}

// goWatched is Go under an observer.
func (g *WaitGroup) goWatched(fn func()) {
	started := newGoroutine("")
	if !g.fast(1) {
		g.add(1, "Go")
	}
	started.start(fn, func(gone func()) { gone(); g.Done() })
}

// run is run by the goroutines of Go.
func (g *WaitGroup) run(fn func(), parent int64) {
	id := briefs.enter("", 0, parent, nil)
	returned := false
	defer func() {
		if !returned {
			crash(recover())
		}
		handle := briefs.leave(id)
		ReleaseLocals()
		g.Done()
		if handle != nil {
			handle.end()
		}
	}()
	fn()
	returned = true
}

// Wait waits until the counter is 0.
//
// Every call that decremented the counter to 0 “synchronizes before” the return of Wait.
func (g *WaitGroup) Wait() {
	if g.state.Load() != 0 || hook.Enabled() {
		g.waitSlow()
	}
}

// waitSlow is outlined so that Wait can be inlined.
//
//go:noinline
func (g *WaitGroup) waitSlow() {
	g.lock("Wait")
	if g.count == 0 {
		g.q.Emit(trace.KindPass, 0)
		g.unlock()
		return
	}
	g.settle(true)
	g.waiting.Register(&g.q, g, "Wait")
	g.waiting.Join(&g.q, "Wait") // here, because each frame on a waiter's stack costs time when it wakes
}

// WaitContext is like [WaitGroup.Wait], but gives up when ctx ends and then returns its cause. If ctx has already
// ended, it fails even if the counter is 0. WaitContext panics if ctx is nil.
func (g *WaitGroup) WaitContext(ctx context.Context) error {
	ended := waitq.Ended(ctx)
	if !ended && g.state.Load() == 0 && !hook.Enabled() {
		return nil
	}
	p, err := g.waitContext(ctx, ended)
	if p.Woken == nil {
		return err
	}
	select {
	case <-p.Woken:
		return nil
	case <-p.Ended:
		return quit(ctx, &g.waiting, &g.q, p.N)
	}
}

// waitContext is like WaitContext, but may leave the rest to the caller.
//
//go:noinline
func (g *WaitGroup) waitContext(ctx context.Context, ended bool) (p waitq.Pending, err error) {
	var lim waitq.Limit
	limit(ctx, "WaitGroup.WaitContext", ended, &lim)
	p, granted := g.wait(&lim, "WaitContext")
	if p.Woken == nil {
		err = outcome(granted, &lim)
	}
	return p, err
}

// WaitTimeout is like [WaitGroup.Wait], but gives up after d and then returns false. If d is zero or negative, it does
// not wait, and reports whether the counter is 0.
func (g *WaitGroup) WaitTimeout(d time.Duration) bool {
	if g.state.Load() == 0 && !hook.Enabled() {
		return true
	}
	lim := waitq.Within(d)
	_, granted := g.wait(&lim, "WaitTimeout")
	return granted
}

// Count returns the current value of the counter.
func (g *WaitGroup) Count() int {
	g.q.PointRead("Count")
	if now := g.state.Load(); now != elsewhere {
		return int(now &^ awaited)
	}
	g.q.Lock()
	defer g.q.Unlock()
	if now := g.state.Load(); now != elsewhere {
		return int(now &^ awaited)
	}
	return g.count
}

// Waiting returns the number of waiting goroutines.
func (g *WaitGroup) Waiting() int {
	g.q.Inspect("Waiting")
	defer g.q.Unlock()
	return g.waiting.Waiting()
}

// fast is the fast path: it adds n if that is allowed and there are neither observers nor goroutines to release.
func (g *WaitGroup) fast(n int) bool {
	for !hook.Enabled() {
		old := g.state.Load()
		sum := old&^awaited + uint64(n)
		next := old&awaited | sum
		if old == elsewhere || next == elsewhere || sum > math.MaxInt || next == awaited {
			return false
		}
		if g.state.CompareAndSwap(old, next) {
			return true
		}
	}
	return false
}

// add is the slow path of Add and Done.
func (g *WaitGroup) add(n int, verb string) {
	g.lock(verb)
	if sum := uint64(g.count) + uint64(n); sum > math.MaxInt {
		g.unlock()
		if n < 0 {
			misuse("WaitGroup."+verb, "the counter would be negative")
		}
		misuse("WaitGroup."+verb, "the counter would overflow an int")
	}
	g.count += n
	g.q.Emit(trace.KindAdd, int64(g.count))
	var wakes waitq.WakeList
	if g.count == 0 {
		g.waiting.NotifyAll(&g.q, &wakes)
	}
	g.unlock()
	wakes.Wake()
}

// wait is the slow path of the waits that may give up.
func (g *WaitGroup) wait(lim *waitq.Limit, verb string) (p waitq.Pending, granted bool) {
	g.lock(verb)
	switch {
	case lim.Canceled():
	case g.count == 0:
		g.q.Emit(trace.KindPass, 0)
		granted = true
	case !lim.Instant():
		g.settle(true)
		g.waiting.Register(&g.q, g, "Wait")
		return g.waiting.Begin(&g.q, lim, verb)
	}
	g.unlock()
	return p, granted
}

// lock begins the operation verb: it notifies observers, takes the mutex, and moves the counter to count.
func (g *WaitGroup) lock(verb string) {
	g.q.Point(verb)
	g.q.Lock()
	g.define()
}

// define moves the counter to count, and defines g in a running trace. The mutex must be held.
func (g *WaitGroup) define() {
	if old := g.state.Or(elsewhere); old != elsewhere {
		g.count = int(old &^ awaited)
	}
	if g.q.Define(trace.ClassWaitGroup, int64(g.count), nil) {
		g.waiting.Found(&g.q, g.waiting.Waiting(), "Wait")
	}
}

// unlock undoes lock.
func (g *WaitGroup) unlock() {
	g.settle(g.waiting.Waiting() > 0)
	g.q.Unlock()
}

// settle moves the counter back into state, unless a trace knows the counter. The mutex must be held.
func (g *WaitGroup) settle(waits bool) {
	if g.q.Session() != 0 {
		return
	}
	now := uint64(g.count)
	if waits {
		now |= awaited
	}
	g.state.Store(now)
}

func (g *WaitGroup) traced() *trace.Object { return g.q.Object() }
