package quiet

import (
	"sync"
	"testing"
	"time"
)

// The programs of this file go on until some time is over.

func TestSpinsUntilTimer(t *testing.T) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	done := make(chan struct{})
	holders := 0
	for range 2 {
		wg.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				mu.Lock()
				if holders++; holders != 1 {
					t.Helper()
					t.Errorf("%d hold the lock", holders)
				}
				holders--
				mu.Unlock()
			}
		})
	}
	time.AfterFunc(5*time.Millisecond, func() { close(done) })
	wg.Wait()
}

func TestSpinsOnClock(t *testing.T) {
	start := time.Now()
	for time.Since(start) < 20*time.Millisecond {
	}
}

func TestSpinsOnClockAndLock(t *testing.T) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	start := time.Now()
	for range 2 {
		wg.Go(func() {
			for {
				mu.Lock()
				over := time.Since(start) >= 20*time.Millisecond
				mu.Unlock()
				if over {
					return
				}
			}
		})
	}
	wg.Wait()
}

// A timer that is there for tests that hang does not fire while many operations go on.
func TestManyStepsBeforeTimeout(t *testing.T) {
	var mu sync.Mutex
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 3_000 {
			mu.Lock()
			mu.Unlock() //nolint:staticcheck // it is what takes long
		}
	}()
	select {
	case <-done:
	case <-time.After(time.Second):
		t.Fatal("it takes too long")
	}
}

// What a run that is ended before its time leaves to be cleaned up must not begin anew for ever.
func TestCleanupOfLongRuns(t *testing.T) {
	ctx := t.Context()
	closed := 0
	t.Cleanup(func() { closed++ })
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for range 5_000 {
				mu.Lock()
				mu.Unlock() //nolint:staticcheck // it is what takes long
			}
		})
	}
	wg.Wait()
	if ctx.Err() != nil {
		t.Error(ctx.Err())
	}
}
