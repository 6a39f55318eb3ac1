package scenarios

import (
	"context"
	"fmt"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var _ = register(&Scenario{
	Name:     "counter-unlocked",
	Title:    "A shared counter, locked in the wrong places",
	Category: CategoryPrimitives,
	Programs: []int{45, 109},
	Expect:   ExpectViolation,
	Twin:     "counter",
	Lesson: "Here every access to the counter is locked, so there is no data race and the race detector is content. " +
		"But reading and writing are locked apart, and between the two another goroutine may read the same number: " +
		"one of the two additions is lost. What belongs together must happen under one lock.",
	Look: "Two goroutines go through the room called counter-lock one after the other, each only to read. Beside " +
		"counter stands what each has read last: both have the same number, and then both write the same sum.",
	Hints: []string{
		"Every access is locked, and still additions are lost. Ask what another goroutine can do while nobody holds " +
			"the lock.",
		"Between the first Unlock and the second Lock the number in read grows old.",
		"Two goroutines read the same number before either has written, and both write the same sum. Keep the lock " +
			"from the reading to the writing.",
	},
	Params: []Param{
		{Name: "goroutines", Help: "number of goroutines that count", Default: 2, Min: 1, Max: 1000},
		{Name: "increments", Help: "number of times each of them adds one", Default: 2, Min: 1, Max: 100},
	},
	Run: runCounterUnlocked,
})

func runCounterUnlocked(ctx context.Context, p Params) error {
	goroutines, increments := p.Int("goroutines"), p.Int("increments")

	var lock sync2.Mutex // guards counter, but not long enough
	counter := newPlain("counter", 0)
	trace.Name(&lock, "counter-lock")

	workers := start(goroutines, "worker", func(i int) {
		p.Pause(ctx, spread(300*time.Millisecond, i, goroutines))
		for range increments {
			if lock.LockContext(ctx) != nil {
				return
			}
			read := counter.read()
			lock.Unlock()

			// Here no goroutine holds the lock, and the number that was read may become outdated.
			p.Pause(ctx, 1600*time.Millisecond/time.Duration(increments))

			if lock.LockContext(ctx) != nil {
				return
			}
			counter.write(read + 1)
			trace.Log("%d + 1 = %d", read, read+1)
			lock.Unlock()
			p.Pause(ctx, 500*time.Millisecond/time.Duration(increments))
		}
	})
	workers.Join()

	if got, want := counter.read(), goroutines*increments; got != want {
		return fmt.Errorf("counted to %d, want %d: additions were lost", got, want)
	}
	return nil
}
