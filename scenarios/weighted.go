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
	Name:     "weighted",
	Title:    "Large and small requests share a budget",
	Category: CategoryPrimitives,
	Expect:   ExpectClean,
	Lesson: "A Semaphore can also share a resource that is requested in different amounts, such as memory. Requests " +
		"are served strictly in FIFO order. That wastes a little, since permits lie idle while a large request waits for " +
		"enough of them, but otherwise small requests could overtake it forever.",
	Look: "The large one stands at the head of the queue. Permits come back one after another and nobody takes them, " +
		"though each would be enough for a small request. With the last of them the large one goes, and then all the " +
		"rest.",
	Params: []Param{
		{Name: "budget", Help: "number of permits; the large request needs all of them", Default: 3, Min: 1, Max: 1000},
		{Name: "late", Help: "number of small requests after the large one", Default: 4, Min: 1, Max: 1000},
	},
	Run: runWeighted,
})

func runWeighted(ctx context.Context, p Params) error {
	size, late := p.Int("budget"), p.Int("late")
	budget := sync2.NewBoundedSemaphore(size)
	trace.Name(budget, "budget")
	var used, over atomic.Int64 // how much of the budget is in use, and how much that was when it was too much

	// use takes n of the budget, does something with it, and gives it back. AcquireN takes all of it or none: a
	// goroutine that took a part and waited for the rest could deadlock with another that does the same.
	use := func(n int, something func()) error {
		if err := budget.AcquireN(ctx, n); err != nil {
			return err // it is the cause of ctx
		}
		defer budget.ReleaseN(n)
		if now := used.Add(int64(n)); now > int64(size) {
			over.Store(now)
		}
		something()
		used.Add(-int64(n))
		return nil
	}

	// Small requests take the whole budget, and keep it until all others are in line.
	var inLine sync2.Event
	trace.Name(&inLine, "all-in-line")
	all := start(size, "small", func(i int) {
		_ = use(1, func() {
			_ = inLine.WaitContext(ctx)
			p.Pause(ctx, spread(1500*time.Millisecond, i, size))
		})
	})
	await(ctx, p, func() bool { return budget.Available() == 0 })

	// Then comes the large one, and must wait until all of them have gone.
	var served atomic.Bool
	all = append(all, sync2.Go("large", func() {
		_ = use(size, func() {
			served.Store(true)
			trace.Log("has all %d", size)
			p.Pause(ctx, 800*time.Millisecond)
		})
	}))
	await(ctx, p, func() bool { return budget.Waiting() == 1 })

	// And then more small ones. For each of them there would soon be enough.
	var ahead atomic.Int64
	for i := range late {
		all = append(all, sync2.Go(fmt.Sprintf("late-%d", i+1), func() {
			p.Pause(ctx, spread(800*time.Millisecond, i, late))
			_ = use(1, func() {
				if !served.Load() {
					ahead.Add(1)
				}
				p.Pause(ctx, min(500*time.Millisecond, time.Second*time.Duration(min(size, late))/time.Duration(late)))
			})
		}))
	}
	await(ctx, p, func() bool { return budget.Waiting() == 1+late })
	inLine.Set()
	all.Join()

	switch {
	case ahead.Load() > 0:
		return fmt.Errorf("%d small requests were served before the large one, which had come first", ahead.Load())
	case over.Load() > 0:
		return fmt.Errorf("%d of %d were in use at the same time", over.Load(), size)
	case budget.Available() != size:
		return fmt.Errorf("%d of %d are back", budget.Available(), size)
	}
	return nil
}
