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
	Name:     "barrier-phases",
	Title:    "Work in rounds, and put the parts together between them",
	Category: CategoryPrimitives,
	Expect:   ExpectClean,
	Lesson: "A Barrier is reusable, so it can divide a long computation into rounds: nobody starts a round before " +
		"everybody has finished the last. The last to arrive runs its action once in each round, while all the " +
		"others wait. The action can combine the parts without any lock.",
	Look: "In each round another worker comes last. That one does not wait: it adds up what all have found, and " +
		"then the gate opens. Nobody is ever two rounds ahead of another.",
	Params: []Param{
		{Name: "workers", Help: "number of workers that share the work", Default: 3, Min: 1, Max: 1000},
		{Name: "rounds", Help: "number of rows in the matrix, one for each round", Default: 4, Min: 1, Max: 100},
	},
	Run: runBarrierPhases,
})

func runBarrierPhases(ctx context.Context, p Params) error {
	n, rounds := p.Int("workers"), p.Int("rounds")
	const each = 4 // columns that a worker adds up

	// The matrix has a row for each round. It is not stored: its numbers can be computed.
	cell := func(row, column int) int { return row*row + 3*column }

	// Each worker writes to its own place among the parts, so they cannot get in each other's way. Only the action
	// reads them all, and writes what all of them read, and while it runs all the workers stand at the gate.
	parts := make([]int, n)
	total, round := 0, 0
	gate := sync2.NewBarrier(n, sync2.WithAction(func() error {
		for _, part := range parts {
			total += part
		}
		round++
		trace.Log("all have come: %d after %d rows", total, round)
		p.Pause(ctx, 1200*time.Millisecond/time.Duration(rounds))
		return nil
	}))
	trace.Name(gate, "end-of-row")

	errs := make([]error, n)
	work := func(i int) error {
		for row := range rounds {
			// A worker here must find the row that it is about to begin: nobody is behind, nobody is ahead.
			if round != row {
				return fmt.Errorf("worker-%d begins row %d while the others are at row %d", i+1, row+1, round+1)
			}
			parts[i] = 0
			for column := i * each; column < (i+1)*each; column++ {
				parts[i] += cell(row, column)
			}
			p.Pause(ctx, spread(2400*time.Millisecond, (i+row)%n, n)/time.Duration(rounds))
			if _, err := gate.WaitContext(ctx); err != nil {
				return err // it is the cause of ctx
			}
		}
		return nil
	}
	workers := start(n, "worker", func(i int) {
		if errs[i] = work(i); errs[i] != nil {
			gate.Abort(errs[i]) // or the others would wait for one who does not come
		}
	})
	workers.Join()

	// The same sum, by one goroutine.
	want := 0
	for row := range rounds {
		for column := range n * each {
			want += cell(row, column)
		}
	}
	if total != want {
		return fmt.Errorf("the sum is %d, and %d if one goroutine does it alone", total, want)
	}
	return errors.Join(errs...)
}
