package cgo

import (
	"sync"
	"testing"
)

func TestTwice(t *testing.T) {
	var wg sync.WaitGroup
	var mu sync.Mutex
	sum := 0
	for n := range 2 {
		wg.Go(func() {
			m := Twice(n)
			mu.Lock()
			defer mu.Unlock()
			sum += m
		})
	}
	wg.Wait()
	if sum != 2 {
		t.Error("the sum is wrong")
	}
}
