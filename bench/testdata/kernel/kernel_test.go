// Package kernel has a test of the size of those that are made of real faults: a few goroutines, locks and channels, and
// about twenty operations.
package kernel

import (
	"sync"
	"testing"
)

func TestKernel(t *testing.T) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	n := 0
	results := make(chan int, 1)
	done := make(chan struct{})
	for i := range 2 {
		wg.Go(func() {
			mu.Lock()
			n++
			mu.Unlock()
			select {
			case results <- i:
			case <-done:
			}
		})
	}
	<-results
	close(done)
	wg.Wait()
	if n != 2 {
		t.Errorf("n = %d", n)
	}
}
