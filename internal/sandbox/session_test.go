package sandbox

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/turnstile-go/turnstile/sync2"
)

// newBubbled returns a sandbox for a script, in the caller's testing/synctest bubble. Its clock advances only while
// every goroutine waits for it, so the result of a timeout does not depend on the machine's load.
func newBubbled() *Session {
	s := New(true)
	s.wait = synctest.Wait
	return s
}

// perform executes a script in s, closes s, and returns the output.
func perform(t *testing.T, s *Session, script string) string {
	t.Helper()
	defer func() {
		if left := s.Close(); len(left) > 0 {
			t.Errorf("at the end: %q", left)
		}
	}()
	return do(t, s, script)
}

func do(t *testing.T, s *Session, script string) string {
	t.Helper()
	var b strings.Builder
	for text := range strings.Lines(script) {
		lines, err := s.Do(text)
		for _, l := range lines {
			b.WriteString(l.String() + "\n")
		}
		if err != nil {
			b.WriteString("error: " + err.Error() + "\n")
			if failed := new(FailedError); errors.As(err, &failed) {
				t.Error(err)
			}
		}
	}
	return b.String()
}

// sync2.Waits does not reveal the order of semaphore waiters that ask for the same number; the session knows it,
// whichever goroutine was started first.
func TestPlaceInQueue(t *testing.T) {
	for _, order := range [][2]string{{"ben", "cem"}, {"cem", "ben"}} {
		synctest.Test(t, func(t *testing.T) {
			got := perform(t, newBubbled(), "pool := NewSemaphore(0)\ngo ben cem\n"+order[0]+": pool.Acquire()\n"+order[1]+": pool.Acquire()\n")
			for i, name := range order {
				if want := fmt.Sprintf("%s: ◐ pool.Acquire() waits, number %d in the queue", name, i+1); !strings.Contains(got, want) {
					t.Errorf("said\n%s\nnot %q", got, want)
				}
			}
		})
	}
}

// In real time, a session detects by itself that every goroutine is at rest.
func TestSemaphore(t *testing.T) {
	got := perform(t, New(true), `
		pool := NewSemaphore(1)
		go ann ben
		ann: pool.Acquire()
		ben: pool.Acquire()
		expect ben waits
		expect pool.Waiting() is 1
		ann: pool.Release()
		expect ben ready
		ann: pool.AcquireTimeout(1ms)
		await ann
		expect ann returned false
		ann: pool.AcquireContext()
		cancel ann "no more"
		ben: pool.ReleaseN(-1)
		expect ben panicked sync2: Semaphore.ReleaseN: -1 permits; must not be negative
	`)
	t.Log(got)
}

// A goroutine waiting for a sync.Mutex is not at rest; one waiting for a channel is.
func TestMutexIsNoStandstill(t *testing.T) {
	s := New(true)
	defer s.Close()
	var mu sync.Mutex
	mu.Lock()
	block, ids := make(chan struct{}), make(chan int64)
	var ended sync.WaitGroup
	for _, wait := range []func(){func() { mu.Lock(); mu.Unlock() }, func() { <-block }} {
		ended.Go(func() {
			ids <- sync2.Current().ID()
			wait()
		})
	}
	of := map[int64]bool{<-ids: true, <-ids: true}
	for parked := 0; parked < 2; runtime.Gosched() {
		parked = 0
		for _, g := range s.stacks() {
			lock := strings.HasPrefix(g.State, "sync.Mutex.Lock")
			if !of[g.ID] || !lock && !strings.HasPrefix(g.State, "chan receive") {
				continue
			}
			parked++
			if asleep(g.State) == lock {
				t.Errorf("asleep(%q) = %t", g.State, !lock)
			}
		}
	}
	mu.Unlock()
	close(block)
	ended.Wait()
}

// In a bubble a call is seen to wait however short its timeout is; only await and sleep let time pass.
func TestShortTimeouts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got := perform(t, newBubbled(), `
			pool := NewSemaphore(0)
			go ann ben
			ann: pool.AcquireTimeout(1ns)
			ben: pool.AcquireContext(ctx 2ns)
			expect ann waits
			expect ben waits
			await ann
			expect ann returned false
			expect ben waits
			sleep 1ns
			expect ben returned context deadline exceeded
		`)
		want := `pool := sync2.NewSemaphore(0)
sync2.Go("ann", …)
sync2.Go("ben", …)
ann: pool.AcquireTimeout(1)
ann: ◐ pool.AcquireTimeout(1) waits, number 1 in the queue
ben: pool.AcquireContext(within(ctx, 2))
ben: ◐ pool.AcquireContext(within(ctx, 2)) waits, number 2 in the queue
ann: → pool.AcquireTimeout(1) returns false
ben: → pool.AcquireContext(within(ctx, 2)) returns context deadline exceeded
`
		if got != want {
			t.Errorf("got:\n%swant:\n%s", got, want)
		}
	})
}
