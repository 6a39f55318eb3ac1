package scenarios

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var _ = register(&Scenario{
	Name:     "barrier",
	Title:    "Workers meet and go on together",
	Category: CategoryPrimitives,
	Programs: []int{50},
	Expect:   ExpectClean,
	Lesson: "A Barrier lets nobody through until all have arrived. Each party gets its index in the order of " +
		"arrival; the last one does not wait at all but opens the gate for everybody.",
	Look: "The workers come one by one and stand at the gate; their places fill from left to right. With the last " +
		"arrival the gate opens and all go through at once.",
	Params: []Param{
		{Name: "workers", Help: "number of workers that meet", Default: 3, Min: 1, Max: 1000},
	},
	Run: runBarrier,
})

func runBarrier(ctx context.Context, p Params) error {
	n := p.Int("workers")
	gate := sync2.NewBarrier(n)
	trace.Name(gate, "gate")

	indexes, errs := make([]int, n), make([]error, n)
	workers := start(n, "worker", func(i int) {
		// Each worker takes a different time to get here. The early ones wait for the late ones.
		p.Pause(ctx, spread(2700*time.Millisecond, i, n))
		indexes[i], errs[i] = gate.WaitContext(ctx)

		// From here on each of them knows that all the others have come as far.
		if errs[i] == nil {
			trace.Log("through, with index %d", indexes[i])
		}
		p.Pause(ctx, 600*time.Millisecond)
	})
	workers.Join()

	// Everybody has an index of its own: 0, 1, 2 … in the order of arrival.
	seen := make([]bool, n)
	for i, index := range indexes {
		if errs[i] == nil && (index < 0 || index >= n || seen[index]) {
			errs[i] = fmt.Errorf("worker-%d got index %d: not below %d, or another worker has it too", i+1, index, n)
		}
		if errs[i] == nil {
			seen[index] = true
		}
	}
	return errors.Join(errs...)
}
