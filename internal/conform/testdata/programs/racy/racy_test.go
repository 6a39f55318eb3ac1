// Package racy has small programs with one data race each. Those after the first four have it in some schedules only. Comments
// "// here" mark the lines of the two accesses, between which nothing else goes wrong.
package racy

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Two count without a lock.
func TestCounter(*testing.T) {
	var wg sync.WaitGroup
	n := 0
	for range 2 {
		wg.Go(func() {
			n++ // here
		})
	}
	wg.Wait()
}

// Two write to a map, each under another key.
func TestMapOfTwo(*testing.T) {
	var wg sync.WaitGroup
	m := map[int]int{}
	for i := range 2 {
		wg.Go(func() {
			m[i] = i // here
		})
	}
	wg.Wait()
}

// The writer locks, the reader does not.
func TestReaderWithoutLock(*testing.T) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	n := 0
	wg.Go(func() {
		mu.Lock()
		defer mu.Unlock()
		n = 1 // here
	})
	if n > 1 { // here
		panic(n)
	}
	wg.Wait()
}

// Readers share a lock, and one of them writes.
func TestWriteUnderReadLock(*testing.T) {
	var rw sync.RWMutex
	var wg sync.WaitGroup
	hits := 0
	for range 2 {
		wg.Go(func() {
			rw.RLock()
			defer rw.RUnlock()
			hits++ // here
		})
	}
	wg.Wait()
}

// It goes on with what it has sent.
func TestWriteAfterSend(*testing.T) {
	c, done := make(chan *int, 1), make(chan struct{})
	go func() {
		defer close(done)
		p := new(int)
		c <- p
		*p = 1 // here
	}()
	if *<-c > 1 { // here
		panic("two")
	}
	<-done
}

// The counter is told before the result is there.
func TestDoneTooEarly(*testing.T) {
	var wg sync.WaitGroup
	n := 0
	wg.Add(1)
	end := make(chan struct{})
	go func() {
		defer close(end)
		wg.Done()
		n = 1 // here
	}()
	wg.Wait()
	if n > 1 { // here
		panic(n)
	}
	<-end
}

// The flag is set before the value is there.
func TestFlagTooEarly(*testing.T) {
	var ready atomic.Bool
	var wg sync.WaitGroup
	n := 0
	wg.Go(func() {
		ready.Store(true)
		n = 1 // here
	})
	if ready.Load() {
		if n > 1 { // here
			panic(n)
		}
	}
	wg.Wait()
}

// A second look without the lock.
func TestCheckedTwice(*testing.T) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	var config *int
	for range 2 {
		wg.Go(func() {
			if config == nil { // here
				mu.Lock()
				defer mu.Unlock()
				if config == nil {
					config = new(int) // here
				}
			}
		})
	}
	wg.Wait()
}

// If nothing has come yet, it looks at what is being made.
func TestDefaultLooks(*testing.T) {
	done := make(chan struct{})
	n := 0
	start := make(chan struct{}, 1)
	go func() {
		<-start
		n = 1 // here
		close(done)
	}()
	start <- struct{}{}
	select {
	case <-done:
	default:
		if n > 1 { // here
			panic(n)
		}
	}
	<-done
}

// Two results are put into the same variable.
func TestSharedError(*testing.T) {
	var wg sync.WaitGroup
	var failed atomic.Bool
	var err error
	for range 2 {
		wg.Go(func() {
			if !failed.Load() {
				failed.Store(true)
				err = errors.New("bad") // here
			}
		})
	}
	wg.Wait()
	_ = err
}

// The function of a timer that could not be stopped any more goes on.
func TestStoppedTooLate(*testing.T) {
	n := 0
	fired, end := make(chan struct{}), make(chan struct{})
	timer := time.AfterFunc(time.Millisecond, func() {
		defer close(end)
		close(fired)
		n = 1 // here
	})
	<-fired
	if !timer.Stop() {
		if n > 1 { // here
			panic(n)
		}
	}
	<-end
}

// Canceled does not mean that it has ended.
func TestCanceledIsNotEnded(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	n := 0
	wg.Go(func() {
		for ctx.Err() == nil {
			n++                          // here
			time.Sleep(time.Millisecond) // the work between two looks at the context
		}
	})
	cancel()
	if n < 0 { // here
		panic(n)
	}
	wg.Wait()
}

// Subtests in parallel share a variable.
func TestParallelSubtests(t *testing.T) {
	last := ""
	for _, name := range []string{"a", "b"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			last = t.Name() // here
		})
	}
	_ = last
}

// It waits for the condition, and looks at it without the lock.
func TestConditionWithoutLock(*testing.T) {
	var mu sync.Mutex
	c := sync.NewCond(&mu)
	var wg sync.WaitGroup
	items := 1
	wg.Go(func() {
		mu.Lock()
		defer mu.Unlock()
		items++ // here
		c.Broadcast()
	})
	mu.Lock()
	for items < 1 {
		c.Wait()
	}
	mu.Unlock()
	if items > 5 { // here
		panic(items)
	}
	wg.Wait()
}
