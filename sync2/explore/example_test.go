package explore_test

import (
	"fmt"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/explore"
)

// Two goroutines lock two mutexes, each in its own order. That they can end up waiting for each other is found at once,
// however seldom it happens.
func ExampleExplore() {
	r := explore.Explore("dinner", func(e *explore.E) {
		var fork, knife sync2.Mutex
		eat := func(first, second *sync2.Mutex) {
			first.Lock()
			second.Lock()
			second.Unlock()
			first.Unlock()
		}
		e.Go("ann", func() { eat(&fork, &knife) })
		e.Go("ben", func() { eat(&knife, &fork) })
		e.Join()
	})
	fmt.Println(r.Failure.Kind)
	// Output: deadlock
}
