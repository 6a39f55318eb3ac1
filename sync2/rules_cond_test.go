package sync2_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
)

func TestCondRulesMisuse(t *testing.T) {
	wantMisuse(t, "NewCond", func() { sync2.NewCond(nil) })
	for _, l := range []sync.Locker{(*sync2.Mutex)(nil), (*sync2.ReentrantLock)(nil), (*sync.Mutex)(nil), (*sync.RWMutex)(nil)} {
		wantMisuse(t, "NewCond", func() { sync2.NewCond(l) })
	}
	var m sync2.Mutex
	c := sync2.NewCond(&m)
	wantMisuse(t, "Cond.Notify", func() { c.Notify(-1) })
	wantMisuse(t, "Cond.Wait", c.Wait)
	wantMisuse(t, "Cond.WaitTimeout", func() { c.WaitTimeout(0) })
	wantMisuse(t, "Cond.WaitContext", func() { _ = c.WaitContext(ended(errTest)) })
	c.Signal() // without the lock: allowed

	var r sync2.ReentrantLock
	c = sync2.NewCond(&r)
	wantMisuse(t, "Cond.Wait", c.Wait)
	wantMisuse(t, "Cond.WaitFor", func() { c.WaitFor(func() bool { return true }) })
	wantMisuse(t, "Cond.Signal", c.Signal)
	wantMisuse(t, "Cond.Broadcast", c.Broadcast)
	wantMisuse(t, "Cond.Notify", func() { c.Notify(1) })
	if r.Locked() || c.Waiting() != 0 {
		t.Error("a misuse left something behind")
	}
}

// Whatever ends the wait, the lock is held again at its full depth.
func TestCondRulesLockIsBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l sync2.ReentrantLock
		c := sync2.NewCond(&l)
		for range 3 {
			l.Lock()
		}
		check := func(what string) {
			t.Helper()
			if l.Depth() != 3 {
				t.Errorf("after %s the depth is %d", what, l.Depth())
			}
		}
		wantErr(t, c.WaitContext(ended(errTest)), errTest)
		check("an ended context")
		if c.WaitTimeout(time.Second) || c.WaitTimeout(0) {
			t.Error("a timeout returned true")
		}
		check("a timeout")
		go func() { l.Lock(); c.Signal(); l.Unlock() }()
		c.Wait()
		check("a signal")
		func() {
			defer func() { _ = recover() }()
			go func() { l.Lock(); c.Signal(); l.Unlock() }()
			looks := 0
			c.WaitFor(func() bool {
				if looks++; looks == 2 {
					panic("in pred")
				}
				return false
			})
		}()
		check("a panic in pred")
	})
}

// A Timeout of zero or less does not release the lock, and WaitFor checks the condition last.
func TestCondRulesWaitFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m sync.Mutex
		c := sync2.NewCond(&m)
		m.Lock()
		defer m.Unlock()
		if !c.WaitForTimeout(0, func() bool { return true }) || c.WaitForTimeout(0, func() bool { return false }) {
			t.Error("WaitForTimeout(0) is not pred's value")
		}
		if err := c.WaitForContext(t.Context(), func() bool { return true }); err != nil {
			t.Error(err)
		}
		wantErr(t, c.WaitForContext(ended(errTest), func() bool { return false }), errTest)
		done := false
		go func() { pass(time.Second); m.Lock(); done = true; m.Unlock() }()
		if !c.WaitForTimeout(2*time.Second, func() bool { return done }) {
			t.Error("pred held at the last look, though it was not notified")
		}
	})
}

func TestCondRulesOrderAndCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m sync2.Mutex
		c := sync2.NewCond(&m)
		var got served
		for i := range 6 {
			go func() {
				m.Lock()
				c.Wait()
				got.add(i)
				m.Unlock()
			}()
			synctest.Wait()
		}
		for _, want := range []struct{ notify, woken int }{{0, 0}, {1, 1}, {2, 3}, {10, 6}} {
			c.Notify(want.notify)
			synctest.Wait()
			if n := len(got.all()); n != want.woken || c.Waiting() != 6-want.woken {
				t.Errorf("Notify(%d): %d woken, %d wait", want.notify, n, c.Waiting())
			}
		}
		if all := got.all(); all[0] != 0 || all[1] != 1 && all[1] != 2 {
			t.Errorf("woken in the order %v", all)
		}
	})
}

// A notification that coincides with a waiter giving up is not lost: that waiter or the next gets it.
func TestCondRulesNotificationIsNotLost(t *testing.T) {
	for range 200 {
		synctest.Test(t, func(t *testing.T) {
			var m sync2.Mutex
			c := sync2.NewCond(&m)
			woken := 0
			for _, d := range []time.Duration{time.Second, time.Hour} {
				go func() {
					m.Lock()
					defer m.Unlock()
					if c.WaitTimeout(d) {
						woken++
					}
				}()
				synctest.Wait()
			}
			pass(time.Second)
			c.Signal()
			synctest.Wait()
			m.Lock()
			if woken != 1 {
				t.Errorf("%d woken by one Signal", woken)
			}
			m.Unlock()
			c.Broadcast()
		})
	}
}

func TestCondRulesHammer(t *testing.T) {
	var m sync2.Mutex
	c := sync2.NewCond(&m)
	tokens, taken := 0, 0
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i := range 500 {
				m.Lock()
				for tokens == 0 {
					switch i % 3 {
					case 0:
						c.WaitTimeout(time.Microsecond)
					case 1:
						ctx, cancel := context.WithTimeout(context.Background(), time.Microsecond)
						_ = c.WaitContext(ctx)
						cancel()
					default:
						c.Wait()
					}
				}
				tokens--
				taken++
				m.Unlock()
			}
		})
	}
	wg.Go(func() {
		for range 2000 {
			m.Lock()
			tokens++
			m.Unlock()
			c.Signal()
		}
	})
	wg.Wait()
	if tokens != 0 || taken != 2000 {
		t.Errorf("%d left, %d taken", tokens, taken)
	}
}
