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
