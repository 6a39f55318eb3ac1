package sync2_test

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
)

// locker has the methods that Mutex and ReentrantLock share.
type locker interface {
	sync.Locker
	LockContext(ctx context.Context) error
	LockTimeout(d time.Duration) bool
	TryLock() bool
	Locked() bool
	Waiting() int
}

// eachLocker runs a test on a new Mutex and on a new ReentrantLock.
func eachLocker(t *testing.T, test func(t *testing.T, l locker)) {
	t.Run("Mutex", func(t *testing.T) { test(t, new(sync2.Mutex)) })
	t.Run("ReentrantLock", func(t *testing.T) { test(t, new(sync2.ReentrantLock)) })
}

// eachLockerInBubble is eachLocker in a synctest bubble.
func eachLockerInBubble(t *testing.T, test func(t *testing.T, l locker)) {
	eachLocker(t, func(t *testing.T, l locker) {
		synctest.Test(t, func(t *testing.T) { test(t, l) })
	})
}

func TestLockMisuse(t *testing.T) {
	var m sync2.Mutex
	wantMisuse(t, "Mutex.Unlock", m.Unlock)
	m.Lock()
	done := make(chan struct{})
	go func() { m.Unlock(); close(done) }() // any goroutine may
	<-done
	wantMisuse(t, "Mutex.Unlock", m.Unlock)
	if !m.TryLock() {
		t.Error("a misuse left it locked")
	}

	var r sync2.ReentrantLock
	wantMisuse(t, "ReentrantLock.Unlock", r.Unlock)
	r.Lock()
	wrong := make(chan struct{})
	go func() { defer close(wrong); wantMisuse(t, "ReentrantLock.Unlock", r.Unlock) }()
	<-wrong
	if !r.Held() {
		t.Error("a stranger's Unlock freed the lock")
	}
	r.Unlock()
	wantMisuse(t, "ReentrantLock.Unlock", r.Unlock)
}

func TestLockWithoutWaiting(t *testing.T) {
	eachLocker(t, func(t *testing.T, l locker) {
		if l.Locked() || l.Waiting() != 0 {
			t.Error("a new lock is not free")
		}
		wantErr(t, l.LockContext(ended(errTest)), errTest)
		if l.Locked() {
			t.Fatal("an ended context locked it")
		}
		for name, lock := range map[string]func() bool{
			"Lock":        func() bool { l.Lock(); return true },
			"LockContext": func() bool { return l.LockContext(t.Context()) == nil },
			"LockTimeout": func() bool { return l.LockTimeout(0) },
			"TryLock":     l.TryLock,
		} {
			if !lock() || !l.Locked() {
				t.Errorf("%s of a free lock", name)
			}
			in := make(chan struct{})
			go func() {
				defer close(in)
				if l.TryLock() || l.LockTimeout(0) || l.LockTimeout(-1) {
					t.Errorf("another got the lock held since %s", name)
				}
			}()
			<-in
			l.Unlock()
		}
	})
}

func TestLockGivingUp(t *testing.T) {
	eachLockerInBubble(t, func(t *testing.T, l locker) {
		l.Lock()
		go func() {
			start := time.Now()
			if l.LockTimeout(time.Second) || time.Since(start) != time.Second {
				t.Errorf("LockTimeout(1s) ended after %v", time.Since(start))
			}
		}()
		go func() {
			ctx, cancel := context.WithTimeoutCause(t.Context(), 2*time.Second, errTest)
			defer cancel()
			wantErr(t, l.LockContext(ctx), errTest)
		}()
		patient := false
		go func() { l.Lock(); patient = true; l.Unlock() }()
		synctest.Wait()
		if l.Waiting() != 3 {
			t.Errorf("Waiting = %d, want 3", l.Waiting())
		}
		pass(3 * time.Second)
		synctest.Wait()
		if l.Waiting() != 1 {
			t.Errorf("Waiting = %d, want 1", l.Waiting())
		}
		l.Unlock()
		synctest.Wait()
		if !patient || l.Locked() || l.Waiting() != 0 {
			t.Errorf("patient %v, Locked %v, Waiting %d", patient, l.Locked(), l.Waiting())
		}
	})
}

// The lock is freed at the moment the timeout expires. Whichever wins, it ends up free.
func TestLockGrantMeetsGivingUp(t *testing.T) {
	for range 100 {
		eachLockerInBubble(t, func(t *testing.T, l locker) {
			for range 3 {
				go func() {
					if l.LockTimeout(time.Second) {
						l.Unlock()
					}
				}()
			}
			l.Lock()
			pass(time.Second)
			l.Unlock()
			synctest.Wait()
			if l.Locked() || l.Waiting() != 0 || !l.TryLock() {
				t.Errorf("Locked %v, Waiting %d", l.Locked(), l.Waiting())
			}
			l.Unlock()
		})
	}
}

// A greedy goroutine that locks again as soon as it has unlocked does not starve a polite one.
func TestLockNobodyStarves(t *testing.T) {
	eachLocker(t, func(t *testing.T, l locker) {
		stop := make(chan struct{})
		var greedy sync.WaitGroup
		for range 2 {
			greedy.Go(func() {
				for {
					select {
					case <-stop:
						return
					default:
					}
					l.Lock()
					for start := time.Now(); time.Since(start) < 20*time.Microsecond; {
						runtime.Gosched()
					}
					l.Unlock()
				}
			})
		}
		for range 50 {
			l.Lock()
			l.Unlock() // to get the lock is all it wants
		}
		close(stop)
		greedy.Wait()
	})
}

// crowdOut tries to starve a goroutine that waits for l: it holds l whenever that goroutine runs. It returns
// the number of times it had to unlock l.
func crowdOut(l locker, hold func()) (rounds int) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1)) // so that no other goroutine runs between Unlock and Lock
	var got atomic.Bool
	done := make(chan struct{})
	l.Lock()
	go func() { l.Lock(); got.Store(true); l.Unlock(); close(done) }()
	for l.Waiting() == 0 {
		runtime.Gosched()
	}
	for ; !got.Load() && rounds < 1000; rounds++ {
		l.Unlock()
		l.Lock()
		hold()
		runtime.Gosched()
	}
	l.Unlock()
	<-done
	return rounds
}

// If time stands still, this number of losses is enough.
func TestLockNobodyStarvesInABubble(t *testing.T) {
	if explored {
		t.Skip("a schedule need not let the goroutine that waits run before the lock is held again")
	}
	eachLockerInBubble(t, func(t *testing.T, l locker) {
		if n := crowdOut(l, func() {}); n > 70 {
			t.Errorf("it got the lock after %d losses", n)
		}
	})
}

// If time passes, a goroutine that has waited for 1 ms is next, however few its losses.
func TestLockNobodyWaitsLong(t *testing.T) {
	if explored {
		t.Skip("a schedule need not let the goroutine that waits run before the lock is held again")
	}
	eachLocker(t, func(t *testing.T, l locker) {
		n := crowdOut(l, func() {
			for start := time.Now(); time.Since(start) < 200*time.Microsecond; {
				runtime.Gosched()
			}
		})
		if n > 30 {
			t.Errorf("it got the lock after %d losses", n)
		}
	})
}

// starve makes a goroutine wait for l, which is held, until it has waited for 2 ms. It returns whether that has got l,
// and a channel that is closed when it has released l.
func starve(l locker, wait func(l locker) bool) (got *atomic.Bool, done chan struct{}) {
	got, done = new(atomic.Bool), make(chan struct{})
	go func() {
		defer close(done)
		if wait(l) {
			got.Store(true)
			l.Unlock()
		}
	}()
	for l.Waiting() == 0 {
		runtime.Gosched()
	}
	time.Sleep(2 * time.Millisecond) // the lock goes by the time that has passed, and this is the least that makes a waiter starve
	return got, done
}

// The first Unlock after 1 ms hands the lock over, though the one that waits was never woken before: the goroutine that
// unlocks cannot have it again at once.
func TestLockIsHandedToOneThatStarves(t *testing.T) {
	for name, wait := range map[string]func(l locker) bool{
		"Lock":        func(l locker) bool { l.Lock(); return true },
		"LockTimeout": func(l locker) bool { return l.LockTimeout(time.Hour) },
		"LockContext": func(l locker) bool {
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			return l.LockContext(ctx) == nil
		},
	} {
		test := func(t *testing.T, l locker) {
			for range 10 {
				l.Lock()
				got, done := starve(l, wait)
				l.Unlock()
				if l.TryLock() {
					if !got.Load() {
						t.Error("the goroutine that unlocked took the lock before the one that starves")
					}
					l.Unlock()
				}
				<-done
			}
		}
		t.Run(name, func(t *testing.T) { eachLocker(t, test) })
		t.Run(name+" in a bubble", func(t *testing.T) { eachLockerInBubble(t, test) })
	}
}

// Cond.Wait hands over the lock too.
func TestCondHandsTheLockToOneThatStarves(t *testing.T) {
	eachLockerInBubble(t, func(t *testing.T, l locker) {
		c := sync2.NewCond(l)
		l.Lock()
		got, done := starve(l, func(l locker) bool { l.Lock(); return true })
		go func() {
			for c.Waiting() == 0 {
				runtime.Gosched()
			}
			if l.TryLock() {
				if !got.Load() {
					t.Error("another took the lock before the one that starves")
				}
				l.Unlock()
			}
		}()
		c.WaitTimeout(time.Second)
		l.Unlock()
		<-done
	})
}

// A goroutine that was woken but has not run since, because others keep all processors busy, is handed the lock too.
func TestLockIsHandedToOneThatWasWoken(t *testing.T) {
	eachLocker(t, func(t *testing.T, l locker) {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
		for _, hold := range []time.Duration{2 * time.Millisecond, 200 * time.Microsecond, 20 * time.Microsecond} {
			l.Lock()
			done := make(chan struct{})
			go func() { l.Lock(); l.Unlock(); close(done) }() // the pair is what waits
			for l.Waiting() == 0 {
				runtime.Gosched()
			}
			since := time.Now()
			late := 0 // number of times that others had the lock after 1 ms
			for {
				l.Unlock()
				if !l.TryLock() {
					break
				}
				if time.Since(since) > time.Millisecond {
					late++
				}
				for start := time.Now(); time.Since(start) < hold; { // busy, so that no other runs
				}
			}
			<-done
			if late > 1 { // it may have been freed before the time was over, and taken after
				t.Errorf("holding it for %v each time, a goroutine took the lock %d times from one that had waited for 1 ms", hold, late)
			}
		}
	})
}

func TestLockHammer(t *testing.T) {
	eachLocker(t, func(t *testing.T, l locker) {
		count, want := 0, 0
		var mu sync.Mutex
		var wg sync.WaitGroup
		for me := range 8 {
			wg.Go(func() {
				mine := 0
				for r := range 2000 {
					ok := true
					switch (me + r) % 5 {
					case 0:
						ok = l.TryLock()
					case 1:
						ok = l.LockTimeout(time.Duration(r%6) * time.Microsecond)
					case 2:
						ctx, cancel := context.WithTimeout(context.Background(), time.Duration(r%9)*time.Microsecond)
						ok = l.LockContext(ctx) == nil
						cancel()
					default:
						l.Lock()
					}
					if ok {
						count++
						mine++
						if r%64 == 0 {
							runtime.Gosched()
						}
						l.Unlock()
					}
				}
				mu.Lock()
				want += mine
				mu.Unlock()
			})
		}
		wg.Wait()
		if count != want || l.Locked() || l.Waiting() != 0 {
			t.Errorf("count %d, want %d; Locked %v, Waiting %d", count, want, l.Locked(), l.Waiting())
		}
	})
}

func TestLockUncontendedAllocatesNothing(t *testing.T) {
	eachLocker(t, func(t *testing.T, l locker) {
		ctx := t.Context()
		wantNoAllocs(t, func() {
			l.Lock()
			l.Unlock() // the benchmark measures the pair
			l.LockTimeout(time.Second)
			l.Unlock()
			_ = l.LockContext(ctx)
			l.Unlock()
			l.TryLock()
			l.Unlock()
		})
	})
}

func TestReentrantLockDepthAndOwner(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l sync2.ReentrantLock
		if l.Held() || l.Depth() != 0 || l.Owner() != 0 {
			t.Error("a new lock is held")
		}
		l.Lock()
		if !l.TryLock() || !l.LockTimeout(0) || l.LockContext(t.Context()) != nil {
			t.Fatal("the owner cannot lock again")
		}
		wantErr(t, l.LockContext(ended(errTest)), errTest)
		if l.Depth() != 4 || l.Owner() != sync2.Current().ID() || !l.Held() {
			t.Errorf("Depth %d, Owner %d, Held %v", l.Depth(), l.Owner(), l.Held())
		}
		var other sync2.Event
		g := sync2.Go("other", func() {
			if l.Held() || l.Depth() != 0 || l.TryLock() {
				t.Error("another goroutine holds it too")
			}
			l.Lock()
			if l.Depth() != 1 || l.Owner() != sync2.Current().ID() {
				t.Errorf("after the hand-off: Depth %d, Owner %d", l.Depth(), l.Owner())
			}
			other.Wait()
			l.Unlock()
		})
		synctest.Wait()
		for want := 3; want >= 0; want-- {
			if l.Waiting() != 1 {
				t.Errorf("Waiting = %d at depth %d", l.Waiting(), want+1)
			}
			l.Unlock()
			if l.Depth() != want {
				t.Errorf("Depth = %d, want %d", l.Depth(), want)
			}
		}
		synctest.Wait()
		if l.Owner() != g.ID() || !l.Locked() {
			t.Errorf("Owner = %d, want %d", l.Owner(), g.ID())
		}
		other.Set()
		g.Join()
		if l.Owner() != 0 || l.Locked() {
			t.Errorf("Owner = %d, Locked %v", l.Owner(), l.Locked())
		}
	})
}
