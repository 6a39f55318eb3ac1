package goid

import (
	"sync"
	"testing"

	peer "github.com/petermattis/goid"
)

// A well-known package that keeps a table of offsets by version of Go says the same.
func TestGetAgreesWithAPeer(t *testing.T) {
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() {
			if got, want := Get(), peer.Get(); got != want {
				t.Errorf("Get = %d, the peer says %d", got, want)
			}
		})
	}
	wg.Wait()
}
