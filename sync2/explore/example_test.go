package explore_test

import (
	"fmt"
	"strings"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/explore"
)

// A transfer that checks first and acts later, releasing the lock in between, nearly always works.
func ExampleExplore() {
	withdraw := func(mu *sync2.Mutex, balance *int, amount int) {
		mu.Lock()
		enough := *balance >= amount
		mu.Unlock()
		if enough { // … but for how long?
			mu.Lock()
			*balance -= amount
			mu.Unlock()
		}
	}
	program := func(e *explore.E) {
		var mu sync2.Mutex
		balance := 100
		e.Go("ann", func() { withdraw(&mu, &balance, 80) })
		e.Go("ben", func() { withdraw(&mu, &balance, 80) })
		e.Join()
		e.Check(balance >= 0, "overdrawn: %d", balance)
	}
	r := explore.Explore("transfer", program, explore.DPOR())
	fmt.Println(r.Failure)
	for _, s := range r.Failure.Steps {
		fmt.Printf("%s: %s(%s)\n", s.Task, s.Op, s.Object)
	}

	again := explore.Explore("transfer", program, explore.Replay(r.Failure.Token))
	fmt.Println(again, again.Failure)
	// Output:
	// check failed: overdrawn: -60
	// ann: Lock(mutex-1)
	// ann: Unlock(mutex-1)
	// ben: Lock(mutex-1)
	// ben: Unlock(mutex-1)
	// ben: Lock(mutex-1)
	// ben: Unlock(mutex-1)
	// ann: Lock(mutex-1)
	// ann: Unlock(mutex-1)
	// main: Join()
	// replayed check failed: overdrawn: -60
}

// Where there is no bug, the exploration ends and says so.
func ExampleDPOR() {
	r := explore.Explore("counter", func(e *explore.E) {
		var mu sync2.Mutex
		n := explore.NewVar(e, "n", 0) // its races are found without the race detector
		for _, name := range []string{"ann", "ben", "cat"} {
			e.Go(name, func() {
				mu.Lock()
				n.Store(n.Load() + 1)
				mu.Unlock()
			})
		}
		e.Join()
		e.Check(n.Load() == 3, "counted %d", n.Load())
	}, explore.DPOR())
	fmt.Println(r)
	// Output:
	// exhausted: 42 traces
}

// Channels and select have mocks that the explorer controls.
func ExampleSelect() {
	r := explore.Explore("worker", func(e *explore.E) {
		jobs, ctx := explore.NewChan[int](e, "jobs", 0), e.Interrupt() // ctx ends at any moment, or never
		done := 0
		e.Go("worker", func() {
			for {
				var job int
				if explore.Select(e, jobs.RecvCase(&job, nil), explore.DoneCase(e, ctx)) == 1 {
					return
				}
				done++
			}
		})
		e.Go("boss", func() {
			jobs.Send(1) // should be a Select as well
		})
		e.Join()
	}, explore.DPOR())
	for _, who := range r.Failure.Blocked {
		who, _, _ = strings.Cut(who, " at ") // example_test.go:89
		fmt.Println(who)
	}
	// Output:
	// main waits in Join
	// boss waits in Send jobs
}
