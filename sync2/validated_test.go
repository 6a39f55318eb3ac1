package sync2_test

import (
	"context"
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

// A trace may run past synctest bubbles, where it is another time. The clock of the trace never goes back.
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
		switch (me + round) % 5 {
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
	var l sync2.Local[int]
	var mu sync.Mutex
	var last *sync2.Goroutine
	validated(t, func(_, round int) {
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
