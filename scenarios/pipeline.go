package scenarios

import (
	"context"
	"fmt"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var _ = register(&Scenario{
	Name:     "pipeline",
	Title:    "Stages joined by queues, one of them slow",
	Category: CategoryPools,
	Expect:   ExpectClean,
	Lesson: "In a pipeline each stage takes from one queue and puts into the next. The end of the input travels down " +
		"the line: a stage that finds its queue closed and empty closes the next one. A pipeline runs at the speed of " +
		"its slowest stage, and the queues before that one are full. To stop it midway, every queue has to be discarded, " +
		"or some stage waits forever.",
	Look: "First everything goes through: the queue before the slow stage fills, those after it are empty. In the " +
		"second act main takes only some and then discards all queues, and every stage ends, wherever it stood.",
	Params: []Param{
		{Name: "stages", Help: "number of stages", Default: 3, Min: 1, Max: 100},
		{Name: "items", Help: "number of items", Default: 8, Min: 1, Max: 1000},
		{Name: "room", Help: "capacity of each queue", Default: 2, Min: 1, Max: 1000},
	},
	Run: runPipeline,
})

func runPipeline(ctx context.Context, p Params) error {
	items := p.Int("items")
	arrived, lost := pass(ctx, p, "first", items)
	if ctx.Err() == nil && (arrived != items || lost != 0) {
		return fmt.Errorf("%d of %d came through, and %d were lost", arrived, items, lost)
	}

	// Again, but this time main loses interest halfway. Every item that was put in and did not arrive must be accounted for.
	wanted := (items + 1) / 2
	arrived, lost = pass(ctx, p, "second", wanted)
	if arrived != wanted || arrived+lost != items {
		return fmt.Errorf("of %d, %d arrived and %d were dropped, which leaves %d unaccounted for",
			items, arrived, lost, items-arrived-lost)
	}
	return nil
}

// pass sends the items through a pipeline, and takes as many from its end as are wanted. It returns the number of items that
// arrived, in order, and the number that were dropped on the way.
func pass(ctx context.Context, p Params, act string, wanted int) (arrived, dropped int) {
	stages, items := p.Int("stages"), p.Int("items")
	slow := 3 * time.Second / time.Duration(items)

	queues := make([]*sync2.Queue[int], stages+1)
	for i := range queues {
		queues[i] = sync2.NewQueue[int](p.Int("room"))
		trace.Name(queues[i], fmt.Sprintf("%s-%d", act, i+1))
	}
	source, sink := queues[0], queues[stages]
	refused := make([]int, stages+1) // number of items that each goroutine could not pass on

	everybody := []*sync2.Goroutine{sync2.Go("source", func() {
		for i := range items {
			if source.Put(i) != nil {
				refused[stages]++
			}
		}
		source.Close()
	})}
	for i := range stages {
		in, out, takes := queues[i], queues[i+1], slow/time.Duration(max(4, stages))
		if i == stages/2 {
			takes = slow
		}
		everybody = append(everybody, sync2.Go(fmt.Sprintf("stage-%d", i+1), func() {
			for v := range in.All() { // until it is closed and empty
				p.Pause(ctx, takes)
				if out.Put(v) != nil {
					refused[i]++
				}
			}
			out.Close()
		}))
	}

	for arrived < wanted {
		v, err := sink.GetContext(ctx)
		if err != nil || v != arrived {
			break
		}
		arrived++
	}

	// No more are wanted. If everything has arrived this changes nothing; otherwise it releases all who wait, to put or
	// to get, and counts what was left in the queues.
	for _, q := range queues {
		dropped += q.Discard()
	}
	for _, g := range everybody {
		g.Join()
	}
	for _, n := range refused {
		dropped += n
	}
	return arrived, dropped
}
