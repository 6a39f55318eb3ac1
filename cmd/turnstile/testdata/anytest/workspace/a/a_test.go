package a

import (
	"sync"
	"testing"

	"example.com/b"
)

// TestCounts holds under each schedule if the variables of the other module are those that the process began with.
func TestCounts(t *testing.T) {
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() { b.Next() })
	}
	wg.Wait()
	if n := b.Next(); n != 43 {
		t.Fatalf("it is %d", n)
	}
}
