// Package long has programs that take long.
package long

import (
	"sync"
	"sync/atomic"
	"testing"
)

var sink atomic.Uint64

func TestLong(t *testing.T) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for range 100 {
				spend()
				mu.Lock()
				mu.Unlock() //nolint:staticcheck // it is a step
			}
		})
	}
	wg.Wait()
}

// spend takes some tenths of a second.
func spend() {
	n := uint64(1)
	for range 1 << 28 {
		n ^= n << 13
		n ^= n >> 7
		n ^= n << 17
	}
	sink.Store(n)
}

// TestPingPongForLong takes long enough for the first garbage collection to begin while a task waits for a channel.
func TestPingPongForLong(t *testing.T) {
	a, b := make(chan int), make(chan int)
	go func() {
		for n := range a {
			b <- n + 1
		}
		close(b)
	}()
	for i := range 50_000 {
		a <- i
		if n := <-b; n != i+1 {
			t.Fatalf("%d comes after %d", n, i)
		}
	}
	close(a)
	<-b
}

// TestLongSubtests ends while its parallel subtests run.
func TestLongSubtests(t *testing.T) {
	for range 2 {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			TestLong(t)
		})
	}
}

// TestManyCopies has many copies of a goroutine that waits for ever if it is early, so that schedules are long, and most of them
// fail.
func TestManyCopies(t *testing.T) {
	for range 2000 {
		var early atomic.Bool
		go early.Store(true)
		if early.Load() {
			go func() { <-make(chan int) }()
		}
	}
}
