package stock

import (
	"sync"
	"testing"
)

func TestReserve(t *testing.T) {
	s := New(map[string]int{"tea": 10})
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() { s.Reserve("tea", 8) })
	}
	wg.Wait()
	if left := s.Left("tea"); left < 0 {
		t.Errorf("%d left", left)
	}
}
