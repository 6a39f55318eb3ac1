package scenarios

import (
	"fmt"

	"github.com/turnstile-go/turnstile/sync2"
)

// A crew is goroutines that a scenario has started together.
type crew []*sync2.Goroutine

// start starts n goroutines, called what-1, what-2 and so on, that call do with 0, 1 and so on.
func start(n int, what string, do func(i int)) crew {
	c := make(crew, n)
	for i := range c {
		c[i] = sync2.Go(fmt.Sprintf("%s-%d", what, i+1), func() { do(i) })
	}
	return c
}

// Join waits until all have ended.
func (c crew) Join() {
	for _, g := range c {
		g.Join()
	}
}
