package sync2_test

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
)

// A lockerFunc is a Locker that calls the given functions.
type lockerFunc struct{ lock, unlock func() }

func (l lockerFunc) Lock()   { l.lock() }
func (l lockerFunc) Unlock() { l.unlock() }

// Any Locker can be used, including the RLocker of an RWMutex.
func TestCondWithAnyLocker(t *testing.T) {
	var rw sync.RWMutex
	for name, l := range map[string]sync.Locker{
		"Mutex": new(sync.Mutex), "sync2.Mutex": new(sync2.Mutex), "ReentrantLock": new(sync2.ReentrantLock), "RLocker": rw.RLocker(),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := sync2.NewCond(l)
				woken := 0
				go func() {
					l.Lock()
					c.Wait()
					woken++
					l.Unlock()
				}()
				synctest.Wait()
				l.Lock()
				c.Broadcast()
				l.Unlock()
				synctest.Wait()
				if woken != 1 || c.Waiting() != 0 {
					t.Errorf("%d woken, %d wait", woken, c.Waiting())
				}
			})
		})
	}
}

// A notification that arrives while the waiter is still releasing the lock is not lost.
func TestCondNotifiedWhileUnlocking(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c *sync2.Cond
		locked := 0
		c = sync2.NewCond(lockerFunc{func() { locked++ }, func() { c.Signal() }})
		for range 3 { // more than once: pooled objects must not keep state
			c.Wait()
			if !c.WaitTimeout(time.Hour) {
				t.Error("the notification was lost")
			}
			if err := c.WaitContext(t.Context()); err != nil {
				t.Error(err)
			}
		}
		if locked != 9 {
			t.Errorf("the lock was taken %d times, want 9", locked)
		}
	})
}

// If the lock cannot be released, the wait is canceled.
func TestCondUnlockPanics(t *testing.T) {
	c := sync2.NewCond(lockerFunc{func() { t.Error("the lock was taken") }, func() { panic(errTest) }})
	func() {
		defer func() {
			if r := recover(); r != errTest { //nolint:errorlint // the very same is meant
				t.Errorf("recovered %v", r)
			}
		}()
		c.Wait()
	}()
	if c.Waiting() != 0 {
		t.Error("the wait was not taken back")
	}
}

// A wait whose lock panics after it was notified passes the notification on to a later one.
func TestCondPassesNotificationOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c *sync2.Cond
		woken := 0
		unlocks := 0
		c = sync2.NewCond(lockerFunc{func() {}, func() {
			if unlocks++; unlocks > 1 {
				return
			}
			go func() { c.Wait(); woken++ }() // the next in line
			synctest.Wait()
			c.Signal()
			panic(errTest)
		}})
		func() {
			defer func() { _ = recover() }()
			c.Wait()
		}()
		synctest.Wait()
		if woken != 1 || c.Waiting() != 0 {
			t.Errorf("%d woken, %d wait", woken, c.Waiting())
		}
	})
}

func TestCondOrderOfChecks(t *testing.T) {
	var m sync2.Mutex
	c := sync2.NewCond(&m)
	wantMisuse(t, "Cond.WaitForContext", func() { _ = c.WaitForContext(ended(errTest), func() bool { return true }) })
	m.Lock()
	defer m.Unlock()
	wantMisuse(t, "Cond.WaitFor", func() { c.WaitFor(nil) })
	wantMisuse(t, "Cond.WaitForContext", func() { _ = c.WaitForContext(ended(errTest), nil) })
	looks := 0
	look := func() bool { looks++; return true }
	wantErr(t, c.WaitForContext(ended(errTest), look), errTest)
	if looks != 0 {
		t.Error("an ended context comes first, but pred was called")
	}
	if c.WaitForTimeout(-1, func() bool { looks++; return false }) || looks != 1 {
		t.Errorf("WaitForTimeout(-1) called pred %d times", looks)
	}
}

// If the timeout is not positive or the context has ended, the lock stays held throughout.
func TestCondKeepsLockWithoutTime(t *testing.T) {
	c := sync2.NewCond(lockerFunc{func() { t.Error("locked") }, func() { t.Error("unlocked") }})
	no := func() bool { return false }
	for _, d := range []time.Duration{0, -1} {
		if c.WaitTimeout(d) || c.WaitForTimeout(d, no) || !c.WaitForTimeout(d, func() bool { return true }) {
			t.Errorf("wrong results for %v", d)
		}
	}
	wantErr(t, c.WaitContext(ended(errTest)), errTest)
	wantErr(t, c.WaitForContext(ended(errTest), no), errTest)
}

// WaitForTimeout counts its time from the first wait, through any number of notifications.
func TestCondWaitForTimeoutInAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m sync.Mutex
		c := sync2.NewCond(&m)
		start := time.Now()
		stop := make(chan struct{})
		go func() {
			for {
				select {
				case <-stop:
					return
				case <-time.After(300 * time.Millisecond):
					c.Signal()
				}
			}
		}()
		looks := 0
		m.Lock()
		if c.WaitForTimeout(time.Second, func() bool { looks++; return false }) {
			t.Error("pred never held")
		}
		m.Unlock()
		if d := time.Since(start); d != time.Second || looks != 5 {
			t.Errorf("after %v and %d looks", d, looks)
		}
		close(stop)
	})
}

// If the timeout and the notification coincide, a waiter that was notified first returns success, and the
// expired timeout ends the next wait of the same WaitFor at once.
func TestCondNotificationRacesWithTimeout(t *testing.T) {
	for range 300 {
		synctest.Test(t, func(t *testing.T) {
			var m sync.Mutex
			c := sync2.NewCond(&m)
			time.AfterFunc(time.Second, c.Signal)
			m.Lock()
			defer m.Unlock()
			start := time.Now()
			c.WaitForTimeout(time.Second, func() bool { return false })
			if d := time.Since(start); d != time.Second {
				t.Fatalf("waited for %v", d)
			}
		})
	}
}

// Broadcast wakes every waiter, and waiters with a ReentrantLock get their depths back.
func TestCondDepths(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l sync2.ReentrantLock
		c := sync2.NewCond(&l)
		var depths served
		for depth := 1; depth <= 5; depth++ {
			go func() {
				for range depth {
					l.Lock()
				}
				c.Wait()
				depths.add(l.Depth())
				for range depth {
					l.Unlock()
				}
			}()
		}
		synctest.Wait()
		l.Lock()
		l.Lock()
		c.Broadcast()
		l.Unlock()
		synctest.Wait()
		if len(depths.all()) != 0 {
			t.Error("a goroutine continued without the lock")
		}
		l.Unlock()
		synctest.Wait()
		got := depths.all()
		slices.Sort(got)
		if !slices.Equal(got, []int{1, 2, 3, 4, 5}) || l.Locked() {
			t.Errorf("depths %v, locked: %t", got, l.Locked())
		}
	})
}

func TestCondAllocatesNothingToWait(t *testing.T) {
	const loops = 10_000
	var m sync2.Mutex
	c := sync2.NewCond(&m)
	pingPong := func() {
		turn := 0
		var wg sync.WaitGroup
		for me := range 2 {
			wg.Go(func() {
				for range loops {
					m.Lock()
					for turn != me {
						c.Wait()
					}
					turn = 1 - me
					c.Signal()
					m.Unlock()
				}
			})
		}
		wg.Wait()
	}
	pingPong()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	pingPong()
	runtime.ReadMemStats(&after)
	if n := after.Mallocs - before.Mallocs; n > loops/10 && !checkedMutexes && !underRace {
		t.Errorf("%d allocations in %d turns", n, loops)
	}
}

func TestValidatorOnConds(t *testing.T) {
	eachLocker(t, func(t *testing.T, l locker) {
		c := sync2.NewCond(l)
		_, reentrant := l.(*sync2.ReentrantLock)
		validated(t, func(me, round int) {
			for depth := 0; depth == 0 || reentrant && depth < round%4; depth++ {
				l.Lock()
				defer l.Unlock()
			}
			switch (me + round) % 5 {
			case 0:
				c.Signal()
			case 1:
				c.Broadcast()
			case 2:
				ctx, cancel := context.WithTimeout(context.Background(), time.Duration(round%9)*time.Microsecond)
				defer cancel()
				_ = c.WaitContext(ctx)
			case 3:
				c.WaitTimeout(time.Duration(round%7) * time.Microsecond)
			case 4:
				c.WaitForTimeout(time.Duration(round%7)*time.Microsecond, func() bool { return round%2 == 0 })
			}
		})
	})
}
