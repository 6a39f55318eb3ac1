package scenarios

import (
	"context"
	"fmt"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var _ = register(&Scenario{
	Name:     "counter",
	Title:    "A shared counter behind a lock",
	Category: CategoryPrimitives,
	Programs: []int{45},
	Expect:   ExpectClean,
	Twin:     "counter-unlocked",
	Lesson: "Adding one to a shared variable is three steps: read it, add, write it back. If two goroutines read " +
		"the same number before either has written, one of the additions is lost. A Mutex lets one goroutine at a " +
		"time do all three.",
	Look: "One goroutine is in the room called counter-lock, the others queue at its door. Each number appears once " +
		"in the log: no addition is lost.",
	Params: []Param{
		{Name: "goroutines", Help: "number of goroutines that count", Default: 2, Min: 1, Max: 1000},
		{Name: "increments", Help: "number of times each of them adds one", Default: 2, Min: 1, Max: 100},
	},
	Run: runCounter,
})

func runCounter(ctx context.Context, p Params) error {
	goroutines, increments := p.Int("goroutines"), p.Int("increments")
	turn := 2 * time.Second / time.Duration(goroutines*increments)

	// The lock and what it guards stand together. Nothing but this habit ties the two to each other.
	var lock sync2.Mutex // guards counter
	counter := newPlain("counter", 0)
	trace.Name(&lock, "counter-lock")

	workers := start(goroutines, "worker", func(i int) {
		p.Pause(ctx, spread(300*time.Millisecond, i, goroutines))
		for range increments {
			if lock.LockContext(ctx) != nil {
				return
			}
			// From here to Unlock no other goroutine can see the number that is about to change.
			read := counter.read()
			p.Pause(ctx, turn)
			counter.write(read + 1)
			trace.Log("%d + 1 = %d", read, read+1)
			lock.Unlock()
			p.Pause(ctx, turn/2)
		}
	})

	// Join waits for the end of a goroutine. What it wrote is visible after it, so counter needs no lock anymore.
	workers.Join()

	if got, want := counter.read(), goroutines*increments; got != want {
		return fmt.Errorf("counted to %d, want %d: additions were lost", got, want)
	}
	return nil
}
