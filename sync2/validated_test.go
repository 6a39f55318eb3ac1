package sync2_test

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// judge is a sink that lets a Validator see every event.
type judge struct {
	valid *trace.Validator
	err   error
	seen  int
}

func (j *judge) Event(ev trace.Event) {
	j.seen++
	if err := j.valid.Event(ev); err != nil && j.err == nil {
		j.err = err
	}
}

// validated runs several goroutines that all call body, some hundred times each, with a trace running, and lets the
// Validator judge that.
func validated(t *testing.T, body func(me, round int)) {
	t.Helper()
	j := &judge{valid: trace.NewValidator()}
	if err := trace.Start(j); err != nil {
		t.Fatal(err)
	}
	var all []*sync2.Goroutine
	for me := range 6 {
		all = append(all, sync2.Go("worker", func() {
			for round := range 300 {
				body(me, round)
			}
		}))
	}
	for _, g := range all {
		g.Join()
	}
	trace.Stop()
	if j.err == nil {
		j.err = j.valid.Finish()
	}
	if j.err != nil || j.seen < 1000 {
		t.Errorf("%d events: %v", j.seen, j.err)
	}
}

// A trace may outlive synctest bubbles, which have their own time. The clock of the trace never goes back.
func TestTraceAcrossBubbles(t *testing.T) {
	j := &judge{valid: trace.NewValidator()}
	if err := trace.Start(j); err != nil {
		t.Fatal(err)
	}
	defer trace.Stop()
	for range 2 {
		synctest.Test(t, func(*testing.T) {
			var e sync2.Event
			go e.Wait()
			synctest.Wait()
			e.WaitTimeout(time.Hour)
			e.Set()
			synctest.Wait()
		})
	}
	trace.Stop()
	if j.err != nil || j.seen < 20 {
		t.Errorf("%d events: %v", j.seen, j.err)
	}
}

// soon returns a context that ends within microseconds.
func soon(round int) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), time.Duration(round%9)*time.Microsecond)
}

func TestValidatorOnSemaphores(t *testing.T) {
	s := sync2.NewBoundedSemaphore(3)
	validated(t, func(me, round int) {
		n := 1
		switch (me + round) % 6 {
		case 5:
			s.Resize(1 + round%4)
			return
		case 0:
			s.Acquire()
		case 1:
			if !s.TryAcquire() {
				return
			}
		case 2:
			if !s.AcquireTimeout(time.Duration(round%7) * time.Microsecond) {
				return
			}
		case 3:
			n = 1 + round%3
			ctx, cancel := soon(round)
			defer cancel()
			if s.AcquireN(ctx, n) != nil {
				return
			}
		case 4:
			n = s.Drain()
		}
		s.ReleaseN(n)
	})
}

func TestValidatorOnLocks(t *testing.T) {
	eachLocker(t, func(t *testing.T, l locker) {
		validated(t, func(me, round int) {
			switch (me + round) % 4 {
			case 0:
				if !l.TryLock() {
					return
				}
			case 1:
				if !l.LockTimeout(time.Duration(round%7) * time.Microsecond) {
					return
				}
			case 2:
				ctx, cancel := soon(round)
				defer cancel()
				if l.LockContext(ctx) != nil {
					return
				}
			default:
				l.Lock()
			}
			if r, ok := l.(*sync2.ReentrantLock); ok && round%2 == 0 {
				r.Lock()
				defer r.Unlock()
			}
			defer l.Unlock()
		})
	})
}

func TestValidatorOnEvents(t *testing.T) {
	var e sync2.Event
	validated(t, func(me, round int) {
		switch (me + round) % 5 {
		case 0:
			e.Set()
		case 1:
			e.Clear()
		case 2:
			ctx, cancel := soon(round)
			defer cancel()
			_ = e.WaitContext(ctx)
		default:
			e.WaitTimeout(time.Duration(round%7) * time.Microsecond)
		}
	})
}

func TestValidatorOnWaitGroups(t *testing.T) {
	var g sync2.WaitGroup
	validated(t, func(me, round int) {
		switch (me + round) % 4 {
		case 0:
			g.Add(1)
			g.Done()
		case 1:
			g.Go(func() {})
		case 2:
			ctx, cancel := soon(round)
			defer cancel()
			_ = g.WaitContext(ctx)
		default:
			g.WaitTimeout(time.Duration(round%7) * time.Microsecond)
		}
	})
	g.Wait()
}

func TestValidatorOnRWMutexes(t *testing.T) {
	var m sync2.RWMutex
	validated(t, func(me, round int) {
		r := rand.New(rand.NewPCG(uint64(me), uint64(round)))
		if (me+round)%3 == 0 {
			if !lockSomehow(r, m.Lock, m.TryLock, m.LockTimeout, m.LockContext) {
				return
			}
			if round%4 != 0 {
				m.Unlock()
				return
			}
			m.Downgrade()
			m.RUnlock()
			return
		}
		if lockSomehow(r, m.RLock, m.TryRLock, m.RLockTimeout, m.RLockContext) {
			m.RUnlock()
		}
	})
}

func TestValidatorOnOnces(t *testing.T) {
	onces := make([]sync2.Once, 100)
	validated(t, func(me, round int) {
		o := &onces[round/3]
		switch (me + round) % 5 {
		case 0:
			o.Do(func() {})
		case 1:
			_ = o.DoContext(context.Background(), func(context.Context) error {
				time.Sleep(time.Microsecond) // so that others come meanwhile, as often as not; nothing depends on it
				return errTest
			})
		default:
			ctx, cancel := soon(round)
			defer cancel()
			_ = o.DoContext(ctx, func(ctx context.Context) error { return ctx.Err() })
		}
	})
}

func TestValidatorOnBarriers(t *testing.T) {
	for _, opts := range [][]sync2.BarrierOption{nil, {sync2.WithAction(func() error { return nil })}} {
		b := sync2.NewBarrier(3, opts...)
		validated(t, func(me, round int) {
			switch (me*7 + round) % 11 {
			case 0:
				b.Abort(nil)
				b.Reset()
			case 1:
				ctx, cancel := soon(round)
				defer cancel()
				_, _ = b.WaitContext(ctx)
			default:
				_, _ = b.WaitTimeout(100 * time.Microsecond)
			}
			if b.Broken() {
				b.Reset()
			}
		})
	}
}

func TestValidatorOnLocalsAndJoins(t *testing.T) {
	l := sync2.Local[int]{Inherit: func(parent int) int { return parent }}
	var mu sync.Mutex
	var last *sync2.Goroutine
	validated(t, func(_, round int) {
		if round%2 == 0 {
			l.Set(round)
		} else {
			l.Delete()
		}
		g := sync2.Go("child", func() { l.Set(round) })
		mu.Lock()
		other := last
		last = g
		mu.Unlock()
		if other != nil {
			other.Join()
		}
		g.JoinTimeout(time.Duration(round%5) * time.Microsecond)
	})
	last.Join()
}
