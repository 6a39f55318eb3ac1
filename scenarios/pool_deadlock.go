package scenarios

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var nestedParams = []Param{{Name: "workers", Help: "number of workers, and of the book's chapters", Default: 1, Min: 1, Max: 1000}}

var _ = register(&Scenario{
	Name:     "pool-deadlock",
	Title:    "A task waits for a task in its own full pool",
	Category: CategoryPools,
	Expect:   ExpectDeadlock,
	Twin:     "pool-deadlock-fixed",
	Lesson: "A task that submits another to its own pool and waits for it keeps a worker busy with waiting. If all " +
		"workers do that, none is left to run what they wait for, and nothing ever moves. With more workers than tasks " +
		"all goes well, so the bug comes to light on the busiest day.",
	Look: "The worker waits for the future of the index; the index is queued in the pool and waits for a worker. " +
		"There is no lock anywhere, yet it is a deadlock.",
	Hints: []string{
		"Nobody holds a lock. Look at what the worker waits for, and at what that task waits for in turn.",
		"The index is a task of the same pool as the chapter that waits for it. Count the idle workers.",
		"Every worker runs a chapter and waits for an index, and no worker is left to make one. Give the indexes a pool " +
			"of their own, or let each chapter make its own index.",
	},
	Params: nestedParams,
	Run:    runPoolDeadlock,
})

var _ = register(&Scenario{
	Name:     "pool-deadlock-fixed",
	Title:    "Tasks that others wait for run in another pool",
	Category: CategoryPools,
	Expect:   ExpectClean,
	Twin:     "pool-deadlock",
	Lesson: "The tasks that are waited for have a pool of their own, and wait for nothing themselves. So its workers " +
		"always make progress, and so do the tasks that wait for them. It is lock ordering in another guise: tasks of " +
		"one pool wait for the other, and never the other way around.",
	Look: "The workers of the first pool wait, each for an index; the worker of the second makes one index after " +
		"another, and each releases one of the waiting workers.",
	Params: nestedParams,
	Run:    runPoolDeadlockFixed,
})

func runPoolDeadlock(ctx context.Context, p Params) error {
	press := sync2.NewExecutor(p.Int("workers"), sync2.WithName("printer"))
	defer press.Shutdown()
	trace.Name(press, "press")

	// An index is a task like any other, and there is a pool already.
	return printBook(ctx, p, press, press)
}

func runPoolDeadlockFixed(ctx context.Context, p Params) error {
	press := sync2.NewExecutor(p.Int("workers"), sync2.WithName("printer"))
	defer press.Shutdown()
	trace.Name(press, "press")
	clerks := sync2.NewExecutor(1, sync2.WithName("clerk"))
	defer clerks.Shutdown()
	trace.Name(clerks, "clerks")
	return printBook(ctx, p, press, clerks)
}

// printBook has the press typeset chapters, each of which needs an index, which the clerks make.
func printBook(ctx context.Context, p Params, press, clerks *sync2.Executor) error {
	n := p.Int("workers")
	var chapters []*sync2.Future[string]
	for i := range n {
		chapter := sync2.Submit(press, func(context.Context) (string, error) {
			p.Pause(ctx, 700*time.Millisecond)
			index := sync2.Submit(clerks, func(context.Context) (string, error) {
				p.Pause(ctx, 1500*time.Millisecond/time.Duration(n))
				return fmt.Sprintf("index %d", i+1), nil
			})
			trace.Name(index, fmt.Sprintf("index-%d", i+1))

			// It does not take long. But meanwhile this worker can do nothing else.
			text, err := index.ResultContext(ctx)
			if err != nil {
				return "", err
			}
			p.Pause(ctx, 700*time.Millisecond)
			return fmt.Sprintf("chapter %d with %s", i+1, text), nil
		})
		trace.Name(chapter, fmt.Sprintf("chapter-%d", i+1))
		chapters = append(chapters, chapter)
	}

	for i, chapter := range chapters {
		text, err := chapter.ResultContext(ctx)
		if want := fmt.Sprintf("chapter %d with index %[1]d", i+1); err != nil || text != want {
			return errors.Join(fmt.Errorf("printed %q, want %q", text, want), err)
		}
		trace.Log("has %s", text)
	}
	return nil
}
