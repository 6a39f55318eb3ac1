package nested

import (
	"testing"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/explore"
)

func TestExplores(t *testing.T) {
	explore.Test(t, func(e *explore.E) {
		m := map[int]int{}
		var mu sync2.Mutex
		for i := range 2 {
			e.Go("adder", func() {
				mu.Lock()
				m[i]++
				mu.Unlock()
			})
		}
	})
}

func TestDoesNot(t *testing.T) {
	c := make(chan int)
	go func() { c <- 1 }()
	<-c
}
