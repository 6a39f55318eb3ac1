package scenarios

import (
	"context"
	"fmt"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var _ = register(&Scenario{
	Name:     "group",
	Title:    "Limit the goroutines that run at once, and wait for all of them",
	Category: CategoryPrimitives,
	Expect:   ExpectClean,
	Lesson: "A Group starts goroutines that belong together. With a limit, Go waits while that many are running; " +
		"Wait returns the first error when all have ended. Their context is canceled as soon as one of them fails, so " +
		"that the others can stop early.",
	Look: "The room has a place for each goroutine that may run at once. Main stands before it while all are taken, and " +
		"each place that becomes free goes to the next. In the end main stands behind the room until the last one leaves.",
	Params: []Param{
		{Name: "places", Help: "number of goroutines that may run at once", Default: 2, Min: 1, Max: 500},
		{Name: "jobs", Help: "number of goroutines started", Default: 4, Min: 1, Max: 500},
	},
	Run: runGroup,
})

func runGroup(ctx context.Context, p Params) error {
	places, jobs := p.Int("places"), p.Int("jobs")
	stay := 2800 * time.Millisecond * time.Duration(min(places, jobs)) / time.Duration(jobs)
	crew := sync2.NewGroup(ctx, sync2.WithLimit(places))
	trace.Name(crew, "crew")
	var lock sync2.Mutex // guards active, most and done
	trace.Name(&lock, "tally")
	active, most, done := 0, 0, 0

	job := func(ctx context.Context) error {
		lock.Lock()
		active++
		most = max(most, active)
		lock.Unlock()

		p.Pause(ctx, stay)

		lock.Lock()
		active--
		done++
		lock.Unlock()
		return ctx.Err()
	}
	for i := range jobs {
		// Go waits until there is a place for it.
		if err := crew.GoContext(ctx, fmt.Sprintf("job-%d", i+1), job); err != nil {
			break
		}
		p.Pause(ctx, 200*time.Millisecond/time.Duration(jobs))
	}
	if err := crew.Wait(); err != nil {
		return err // it comes from a job
	}

	// After Wait none of them is running, so no lock is needed.
	if most > places || done != jobs || active != 0 {
		return fmt.Errorf("%d of %d jobs were done, at most %d at once with %d places", done, jobs, most, places)
	}
	return nil
}
