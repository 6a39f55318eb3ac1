//go:build !race && !deadlock

// The race detector ends a program with more than 8,128 goroutines alive, and go-deadlock starts another goroutine for
// each that has to wait for a mutex: these tests are for builds without them.

package sync2_test

import (
	"runtime"
	"sync"
	"testing"

	"github.com/turnstile-go/turnstile/sync2"
)

const million = 1_000_000

// crowd starts a million goroutines that call wait, and returns a function that waits until all have returned from it.
func crowd(wait func()) (join func()) {
	var all sync.WaitGroup
	for range million {
		all.Go(wait)
	}
	return all.Wait
}

func TestScaleEvent(t *testing.T) {
	var e sync2.Event
	join := crowd(e.Wait)
	until(func() bool { return e.Waiting() == million })
	e.Set()
	join()
	if e.Waiting() != 0 {
		t.Errorf("%d still wait", e.Waiting())
	}
}

func TestScaleBarrier(t *testing.T) {
	b := sync2.NewBarrier(million)
	join := crowd(func() {
		if _, err := b.Wait(); err != nil {
			t.Error(err)
		}
	})
	join()
	if b.Waiting() != 0 {
		t.Errorf("%d still wait", b.Waiting())
	}
}

func TestScaleSemaphore(t *testing.T) {
	s := sync2.NewSemaphore(0)
	join := crowd(s.Acquire)
	until(func() bool { return s.Waiting() == million })
	s.ReleaseN(million)
	join()
	if s.Waiting() != 0 || s.Available() != 0 {
		t.Errorf("%d still wait, %d permits are left", s.Waiting(), s.Available())
	}
	runtime.GC()
}
