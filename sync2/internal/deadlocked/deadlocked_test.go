//go:build deadlock && !turnstile_steps

package deadlocked_test

import (
	"io"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/sasha-s/go-deadlock"

	_ "github.com/turnstile-go/turnstile/sync2/internal/deadlocked"
	"github.com/turnstile-go/turnstile/sync2/internal/waitq"
)

// found calls f and reports whether go-deadlock reports something meanwhile.
func found(t *testing.T, f func()) bool {
	t.Helper()
	do, out := deadlock.Opts.OnPotentialDeadlock, deadlock.Opts.LogBuf
	defer func() { deadlock.Opts.OnPotentialDeadlock, deadlock.Opts.LogBuf = do, out }()
	deadlock.Opts.LogBuf = io.Discard
	n := 0
	deadlock.Opts.OnPotentialDeadlock = func() { n++ }
	f()
	return n > 0
}

// The zero value works, and go-deadlock sees the order in which mutexes are locked.
func TestOrder(t *testing.T) {
	var a, b waitq.Mutex
	if found(t, func() { both(&a, &b) }) {
		t.Error("one order was reported")
	}
	if !found(t, func() { both(&b, &a) }) {
		t.Error("two orders were not reported")
	}
	if !a.TryLock() {
		t.Error("TryLock of a free mutex failed")
	}
}

func both(a, b sync.Locker) {
	a.Lock()
	b.Lock()
	b.Unlock()
	a.Unlock()
}

// A mutex that several goroutines use first is one mutex.
func TestFirstUse(t *testing.T) {
	for range 200 {
		var m waitq.Mutex
		var wg sync.WaitGroup
		n := 0
		for range 8 {
			wg.Go(func() {
				m.Lock()
				n++
				m.Unlock()
			})
		}
		if wg.Wait(); n != 8 {
			t.Fatalf("%d, want 8", n)
		}
	}
}

func TestInBubble(t *testing.T) {
	synctest.Test(t, func(*testing.T) {
		var m waitq.Mutex
		done := make(chan bool)
		m.Lock()
		go func() {
			m.Lock()
			m.Unlock()
			close(done)
		}()
		m.Unlock()
		<-done
	})
}
