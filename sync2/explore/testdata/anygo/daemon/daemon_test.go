package daemon

import (
	"sync"
	"testing"
)

func TestFirst(t *testing.T) { both(t) }

func TestSecond(t *testing.T) { both(t) }

func both(t *testing.T) {
	n := 0
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() { Do(func() { n++ }) })
	}
	wg.Wait()
	if n != 2 {
		t.Errorf("%d of 2", n)
	}
	done.Add(1)
}
