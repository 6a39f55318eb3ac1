package scenarios

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var _ = register(&Scenario{
	Name:     "once",
	Title:    "Many need it done, one does it, and all wait for it",
	Category: CategoryPrimitives,
	Expect:   ExpectClean,
	Lesson: "Something has to be initialized once, by the first goroutine that needs it. It is not enough for the " +
		"others to see that somebody has started: they must wait until it is done. So there are two questions, each with " +
		"its own primitive: a Mutex decides which goroutine starts, and an Event tells when it is done.",
	Look: "Each goroutine passes quickly through the room who-begins. The first goes off to do the work, the others " +
		"stand before the door config-loaded, and all get through when the work is done.",
	Params: []Param{
		{Name: "callers", Help: "number of goroutines that need it", Default: 4, Min: 1, Max: 1000},
	},
	Run: runOnce,
})

func runOnce(ctx context.Context, p Params) error {
	n := p.Int("callers")
	const answer = 42
	var lock sync2.Mutex // guards begun
	begun := false
	var loaded sync2.Event
	trace.Name(&lock, "who-begins")
	trace.Name(&loaded, "config-loaded")

	// The initialization itself. It takes a while, and must not be done twice.
	var loads atomic.Int64
	config := 0
	load := func() {
		loads.Add(1)
		trace.Log("loading")
		p.Pause(ctx, 1500*time.Millisecond)
		config = answer
	}

	// once returns when the config has been loaded. Here is how not to do it:
	//
	//	if !begun {
	//		begun = true
	//		load()
	//	}
	//
	// Two may find begun false at the same time; and one that finds it true goes on with a config that is only half loaded.
	once := func() error {
		if err := lock.LockContext(ctx); err != nil {
			return err // it is the cause of ctx
		}
		first := !begun
		begun = true
		lock.Unlock()

		// The lock is free during the work. The waiters wait at the Event, where it is visible what they wait for.
		if !first {
			return loaded.WaitContext(ctx) // as above
		}
		load()
		loaded.Set()
		return nil
	}

	found := make([]int, n)
	callers := start(n, "caller", func(i int) {
		p.Pause(ctx, spread(2400*time.Millisecond, i, n))
		if once() == nil {
			found[i] = config
			trace.Log("goes on with %d", found[i])
			p.Pause(ctx, 500*time.Millisecond)
		}
	})
	callers.Join()

	if loads.Load() != 1 {
		return fmt.Errorf("it was loaded %d times", loads.Load())
	}
	for i, f := range found {
		if f != answer {
			return fmt.Errorf("caller-%d went on with %d before it was loaded", i+1, f)
		}
	}
	return nil
}
