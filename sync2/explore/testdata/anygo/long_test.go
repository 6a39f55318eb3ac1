package anygo

import (
	"sync"
	"testing"
)

// A turns counts how often another goroutine than the last one comes.
type turns struct {
	mu   sync.Mutex
	last int
	n    int
}

func (s *turns) come(g int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.last != g {
		s.last = g
		s.n++
	}
}

// TestLongSchedule fails only under schedules that differ from the default one in more places than a token can list.
func TestLongSchedule(t *testing.T) {
	const goroutines, each, most = 4, 1_500, 1_500
	var s turns
	var wg sync.WaitGroup
	for g := range goroutines {
		wg.Go(func() {
			for range each {
				s.come(g)
			}
		})
	}
	wg.Wait()
	if s.n > most {
		t.Error("too many turns") // too many
	}
}
