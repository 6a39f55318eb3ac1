// Package later has tests that run after others whose first schedules did not end as they should.
package later

import (
	"flag"
	"runtime"
	"sync"
	"testing"
)

var (
	mu sync.Mutex
	_  = flag.Bool("again", false, "defined whenever the package is initialized")
)

// The explorer allocates, so the test is run without it.
func TestCountsAllocations(t *testing.T) {
	var wg sync.WaitGroup
	wg.Go(func() { mu.Lock(); mu.Unlock() })
	if n := testing.AllocsPerRun(1, func() { mu.Lock(); mu.Unlock(); runtime.Gosched() }); n > 0 {
		t.Errorf("%v allocations", n)
	}
	wg.Wait()
}

func TestAfterCountsAllocations(t *testing.T) { locks(t) }

// The test is given up while it holds mu.
func TestKeepsOn(t *testing.T) {
	mu.Lock()
	defer mu.Unlock()
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for range 5_000 {
				runtime.Gosched()
			}
		})
	}
	wg.Wait()
}

func TestAfterKeepsOn(t *testing.T) { locks(t) }

// The test waits for itself while it holds mu.
func TestWaitsForEver(t *testing.T) {
	mu.Lock()
	mu.Lock()
}

func TestAfterWaitsForEver(t *testing.T) { locks(t) }

func locks(t *testing.T) {
	n := 0
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			mu.Lock()
			n++
			mu.Unlock()
		})
	}
	wg.Wait()
	if n != 2 {
		t.Errorf("%d of 2", n)
	}
}
