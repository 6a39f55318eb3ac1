package sync2_test

import (
	"context"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
)

var _ sync.Locker = (*sync2.RWMutex)(nil)

func TestRWMutexWithoutWaiting(t *testing.T) {
	var m sync2.RWMutex
	state := func(locked bool, readers int) {
		t.Helper()
		if m.Locked() != locked || m.Readers() != readers || m.Waiting() != 0 {
			t.Errorf("Locked %v, Readers %d, Waiting %d; want %v, %d, 0", m.Locked(), m.Readers(), m.Waiting(), locked, readers)
		}
	}
	state(false, 0)
	m.Lock()
	state(true, 0)
	if m.TryLock() || m.TryRLock() || m.LockTimeout(0) || m.RLockTimeout(-1) || m.LockTimeout(time.Nanosecond) || m.RLockTimeout(time.Nanosecond) {
		t.Error("locked twice")
	}
	state(true, 0)
	m.Downgrade()
	state(false, 1)
	if m.TryLock() || m.LockTimeout(0) {
		t.Error("locked for writing beside a reader")
	}
	if !m.TryRLock() || !m.RLockTimeout(0) || m.RLockContext(t.Context()) != nil {
		t.Error("not locked for reading beside a reader")
	}
	m.RLock()
	m.RLocker().Lock()
	state(false, 6)
	for range 5 {
		m.RUnlock()
	}
	m.RLocker().Unlock()
	state(false, 0)
	if !m.TryLock() {
		t.Error("a free one is not locked")
	}
	m.Unlock()
	if !m.LockTimeout(0) {
		t.Error("a free one is not locked")
	}
	m.Unlock()
	if err := m.LockContext(t.Context()); err != nil {
		t.Error(err)
	}
	m.Unlock()
	state(false, 0)
}

func TestRWMutexEndedContextFailsFirst(t *testing.T) {
	var m sync2.RWMutex
	for range 2 {
		wantErr(t, m.LockContext(ended(errTest)), errTest)
		wantErr(t, m.RLockContext(ended(errTest)), errTest)
		wantErr(t, m.RLockContext(ended(errTest)), context.Canceled)
		wantMisuse(t, "RWMutex.LockContext", func() { _ = m.LockContext(nil) })   //nolint:staticcheck // it panics
		wantMisuse(t, "RWMutex.RLockContext", func() { _ = m.RLockContext(nil) }) //nolint:staticcheck // it panics
		if m.Waiting() != 0 {
			t.Errorf("%d wait", m.Waiting())
		}
		m.TryLock() // then there is one to wait for
	}
}

// Unlocking a mutex that is not locked that way panics and changes nothing, whether or not goroutines wait.
func TestRWMutexMisuse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, wait := range []bool{false, true} {
			var m sync2.RWMutex
			noWriter := func() {
				t.Helper()
				wantMisuse(t, "RWMutex.Unlock", m.Unlock)
				wantMisuse(t, "RWMutex.Downgrade", m.Downgrade)
			}
			noReader := func() {
				t.Helper()
				wantMisuse(t, "RWMutex.RUnlock", m.RUnlock)
				wantMisuse(t, "RWMutex.RUnlock", m.RLocker().Unlock)
			}
			noWriter()
			noReader()
			m.Lock()
			if wait {
				go func() { m.RLock(); m.RUnlock() }()
				synctest.Wait()
			}
			noReader()
			m.Unlock()
			synctest.Wait()
			noWriter()
			noReader()
			m.RLock()
			if wait {
				go func() { m.Lock(); m.Unlock() }()
				synctest.Wait()
			}
			noWriter()
			m.RUnlock()
			synctest.Wait()
			noWriter()
			noReader()
			if !m.TryLock() {
				t.Error("not fit for use afterwards")
			}
		}
	})
}

// An rwQueue has goroutines that wait for m one after the other, and report when they get it. Each holds it until
// leave is called with its name.
type rwQueue struct {
	m   *sync2.RWMutex
	mu  sync.Mutex
	in  []string // guarded by mu
	out map[string]chan struct{}
}

func newRWQueue(m *sync2.RWMutex) *rwQueue {
	return &rwQueue{m: m, out: make(map[string]chan struct{})}
}

// come starts a goroutine with each of the names: a reader if the name begins with "r".
func (q *rwQueue) come(names ...string) {
	for _, name := range names {
		lock, unlock := q.m.Lock, q.m.Unlock
		if strings.HasPrefix(name, "r") {
			lock, unlock = q.m.RLock, q.m.RUnlock
		}
		leave := make(chan struct{})
		q.out[name] = leave
		go func() {
			lock()
			q.mu.Lock()
			q.in = append(q.in, name)
			q.mu.Unlock()
			<-leave
			unlock()
		}()
		synctest.Wait()
	}
}

// leave makes the goroutines with the given names unlock.
func (q *rwQueue) leave(names ...string) {
	for _, name := range names {
		close(q.out[name])
		synctest.Wait()
	}
}

// want expects the goroutines with the given names to have got m since the last call, in any order.
func (q *rwQueue) want(t *testing.T, names ...string) {
	t.Helper()
	q.mu.Lock()
	defer q.mu.Unlock()
	slices.Sort(q.in)
	if !slices.Equal(q.in, names) {
		t.Errorf("let in: %v, want %v", q.in, names)
	}
	q.in = nil
}

// Waiters are served first come, first served, and adjacent readers are admitted together.
func TestRWMutexFirstComeFirstServed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m sync2.RWMutex
		q := newRWQueue(&m)
		q.come("r1", "r2")
		q.want(t, "r1", "r2")
		q.come("w1", "r3", "r4", "w2", "w3", "r5")
		q.want(t)
		if m.Waiting() != 6 || m.Readers() != 2 || m.Locked() || m.TryRLock() || m.RLockTimeout(0) {
			t.Errorf("Waiting %d, Readers %d, Locked %v, or one that came later was let in", m.Waiting(), m.Readers(), m.Locked())
		}
		q.leave("r1")
		q.want(t)
		q.leave("r2")
		q.want(t, "w1")
		q.leave("w1")
		q.want(t, "r3", "r4")
		q.leave("r4", "r3")
		q.want(t, "w2")
		q.leave("w2")
		q.want(t, "w3")
		q.leave("w3")
		q.want(t, "r5")
		q.leave("r5")
		if !m.TryLock() {
			t.Error("not free at last")
		}
	})
}

// Unlock, RUnlock and Downgrade hand over to the goroutines at the head of the queue before they return.
func TestRWMutexHandsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m sync2.RWMutex
		come := func(lock, unlock func()) {
			go func() { lock(); pass(time.Hour); unlock() }()
			synctest.Wait()
		}
		m.RLock()
		come(m.Lock, m.Unlock)
		m.RUnlock()
		if !m.Locked() || m.Waiting() != 0 || m.TryRLock() {
			t.Error("RUnlock has not handed over")
		}
		pass(time.Hour)
		synctest.Wait()
		m.Lock()
		come(m.RLock, m.RUnlock)
		come(m.RLock, m.RUnlock)
		come(m.Lock, m.Unlock)
		come(m.RLock, m.RUnlock)
		m.Downgrade()
		if m.Locked() || m.Readers() != 3 || m.Waiting() != 2 {
			t.Errorf("after Downgrade: Locked %v, Readers %d, Waiting %d", m.Locked(), m.Readers(), m.Waiting())
		}
		m.RUnlock()
		pass(time.Hour)
		synctest.Wait()
		if !m.Locked() || m.Readers() != 0 || m.Waiting() != 1 {
			t.Errorf("then: Locked %v, Readers %d, Waiting %d", m.Locked(), m.Readers(), m.Waiting())
		}
		pass(time.Hour)
		synctest.Wait()
		if m.Locked() || m.Readers() != 1 || m.Waiting() != 0 {
			t.Errorf("then: Locked %v, Readers %d, Waiting %d", m.Locked(), m.Readers(), m.Waiting())
		}
		pass(time.Hour)
	})
}

// A writer that gives up lets the waiters behind it in at once.
func TestRWMutexWriterGivesUp(t *testing.T) {
	for name, lock := range map[string]func(m *sync2.RWMutex, ctx context.Context) error{
		"context": (*sync2.RWMutex).LockContext,
		"timeout": func(m *sync2.RWMutex, _ context.Context) error {
			if m.LockTimeout(time.Second) {
				return nil
			}
			return errTest
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var m sync2.RWMutex
				ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, errTest)
				defer cancel()
				m.RLock()
				var err error
				go func() { err = lock(&m, ctx) }()
				synctest.Wait()
				var in atomic.Int32
				for range 3 {
					go func() { m.RLock(); in.Add(1); pass(time.Hour); m.RUnlock() }()
				}
				synctest.Wait()
				if in.Load() != 0 || m.Waiting() != 4 {
					t.Errorf("%d have come in, %d wait", in.Load(), m.Waiting())
				}
				pass(time.Second)
				synctest.Wait()
				wantErr(t, err, errTest)
				if in.Load() != 3 || m.Waiting() != 0 || m.Readers() != 4 {
					t.Errorf("%d have come in, %d wait, %d read", in.Load(), m.Waiting(), m.Readers())
				}
				m.RUnlock()
				pass(time.Hour)
			})
		})
	}
}

// If the grant and the timeout coincide, exactly one of them wins.
func TestRWMutexGrantMeetsGivingUp(t *testing.T) {
	for i := range 100 {
		synctest.Test(t, func(t *testing.T) {
			var m sync2.RWMutex
			m.Lock()
			go func() {
				pass(time.Second)
				m.Unlock()
			}()
			lock, unlock := m.LockTimeout, m.Unlock
			if i%2 == 0 {
				lock, unlock = m.RLockTimeout, m.RUnlock
			}
			if lock(time.Second) {
				unlock()
			}
			synctest.Wait()
			if m.Locked() || m.Readers() != 0 || m.Waiting() != 0 || !m.TryLock() {
				t.Error("not free afterwards")
			}
		})
	}
}

// A Cond with an RLocker.
func TestRWMutexRLockerInCond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m sync2.RWMutex
		c := sync2.NewCond(m.RLocker())
		var awake atomic.Int32
		for range 4 {
			go func() {
				m.RLock()
				c.Wait()
				if m.Locked() || m.Readers() == 0 {
					t.Error("Wait returned without the lock")
				}
				awake.Add(1)
				m.RUnlock()
			}()
		}
		synctest.Wait()
		m.Lock()
		c.Broadcast()
		synctest.Wait()
		if awake.Load() != 0 || m.Waiting() != 4 {
			t.Errorf("%d awake beside a writer, %d wait", awake.Load(), m.Waiting())
		}
		m.Unlock()
		synctest.Wait()
		if awake.Load() != 4 {
			t.Errorf("%d awake", awake.Load())
		}
	})
}

func TestRWMutexUncontendedAllocatesNothing(t *testing.T) {
	var m sync2.RWMutex
	ctx := t.Context()
	wantNoAllocs(t, func() {
		m.Lock()
		m.TryRLock()
		m.Downgrade()
		m.RLock()
		_ = m.RLockContext(ctx)
		m.RLockTimeout(time.Second)
		m.RUnlock()
		m.RUnlock()
		m.RUnlock()
		m.RUnlock()
		_ = m.LockContext(ctx)
		m.Unlock()
		m.LockTimeout(time.Second)
		m.Unlock()
	})
}

// A writer excludes all others, even while some give up, downgrade, or only try.
func TestRWMutexHammer(t *testing.T) {
	for _, readers := range []int{1, 3, 10} {
		var m sync2.RWMutex
		var inside atomic.Int32 // the number of readers, or -1
		shared := 0
		reads := func() {
			if n := inside.Add(1); n <= 0 {
				t.Errorf("a reader found %d", n-1)
			}
			_ = shared
			runtime.Gosched()
			inside.Add(-1)
			m.RUnlock()
		}
		writes := func(r *rand.Rand) {
			if n := inside.Add(-1); n != -1 {
				t.Errorf("a writer found %d", n+1)
			}
			shared++
			inside.Add(1)
			if r.IntN(4) == 0 {
				m.Downgrade()
				reads()
				return
			}
			m.Unlock()
		}
		var all sync2.WaitGroup
		for me := range readers {
			all.Go(func() {
				r := rand.New(rand.NewPCG(uint64(me), 1))
				for range 300 {
					if lockSomehow(r, m.RLock, m.TryRLock, m.RLockTimeout, m.RLockContext) {
						reads()
					}
				}
			})
		}
		for me := range 2 {
			all.Go(func() {
				r := rand.New(rand.NewPCG(uint64(me), 2))
				for range 200 {
					if lockSomehow(r, m.Lock, m.TryLock, m.LockTimeout, m.LockContext) {
						writes(r)
					}
				}
			})
		}
		all.Wait()
		if m.Locked() || m.Readers() != 0 || m.Waiting() != 0 || !m.TryLock() {
			t.Error("not free afterwards")
		}
	}
}

// lockSomehow locks in one of the forms of a verb, and reports whether it did.
func lockSomehow(r *rand.Rand, lock func(), try func() bool, within func(time.Duration) bool, unless func(context.Context) error) bool {
	switch r.IntN(5) {
	case 0:
		return try()
	case 1:
		return within(short(r))
	case 2:
		ctx, cancel := context.WithTimeout(context.Background(), short(r))
		defer cancel()
		return unless(ctx) == nil
	}
	lock()
	return true
}
