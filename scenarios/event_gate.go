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
	Name:     "event-gate",
	Title:    "A gate that opens, closes, and opens again",
	Category: CategoryPrimitives,
	Expect:   ExpectClean,
	Lesson: "An Event can be cleared and set again. Every goroutine that is waiting when it is set is released, " +
		"even if it is cleared immediately afterwards. A goroutine that arrives later finds a closed gate and " +
		"waits for the next Set.",
	Look: "All the early ones are released although the gate closes again at once. The late ones then stand before " +
		"the same gate until it opens a second time; after that it stays open.",
	Params: []Param{
		{Name: "visitors", Help: "number of visitors before each opening", Default: 3, Min: 1, Max: 1000},
	},
	Run: runEventGate,
})

func runEventGate(ctx context.Context, p Params) error {
	n := p.Int("visitors")
	var gate sync2.Event
	trace.Name(&gate, "gate")
	var openings, passed atomic.Int32

	// visit sends n visitors to the gate, and returns a function that waits for them. That function returns, for each
	// visitor, the number of times the gate had been opened when it got through.
	visit := func(group string) func() []int32 {
		seen := make([]int32, n)
		var visitors []*sync2.Goroutine
		for i := range n {
			visitors = append(visitors, sync2.Go(fmt.Sprintf("%s-%d", group, i+1), func() {
				p.Pause(ctx, spread(900*time.Millisecond, i, n))
				if gate.WaitContext(ctx) != nil {
					return
				}
				passed.Add(1)
				seen[i] = openings.Load()
				trace.Log("through, by opening %d", seen[i])
				p.Pause(ctx, 400*time.Millisecond)
			}))
		}
		return func() []int32 {
			for _, v := range visitors {
				v.Join()
			}
			return seen
		}
	}

	// The early ones arrive, and main opens the gate when the last of them stands there.
	early := visit("early")
	await(ctx, p, func() bool { return gate.Waiting()+int(passed.Load()) >= n })
	p.Pause(ctx, 500*time.Millisecond)

	// The gate is closed again before any of the waiting visitors has had time to move. They get through all the same.
	// If each had to check a variable again after waking, all of them would have missed the opening.
	openings.Store(1)
	gate.Set()
	gate.Clear()
	first := early()

	// The late ones have missed this opening. However long it takes, they wait for the second.
	late := visit("late")
	p.Pause(ctx, 1600*time.Millisecond)
	trace.Log("and open again")
	openings.Store(2)
	gate.Set()
	second := late()

	for i := range n {
		if first[i] != 1 || second[i] != 2 {
			return fmt.Errorf("early-%d came through after %d openings, want 1; late-%d after %d, want 2", i+1, first[i], i+1, second[i])
		}
	}
	return nil
}
