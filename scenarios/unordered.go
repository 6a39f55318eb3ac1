package scenarios

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var _ = register(&Scenario{
	Name:     "unordered",
	Title:    "First come, first started, but not first done",
	Category: CategoryPools,
	Programs: []int{75},
	Expect:   ExpectClean,
	Lesson: "Sequential tasks finish in the order in which they were started. Concurrent ones do not: which one " +
		"finishes first depends on how long each takes, and that depends on chance. If the order matters it has to be " +
		"restored: here each result goes into its own slot.",
	Look: "In the first act the log counts 1, 2, 3 and it takes long. In the second all begin at once, and the " +
		"numbers come out mixed. The results are in order both times.",
	Params: []Param{
		{Name: "tasks", Help: "number of tasks", Default: 6, Min: 1, Max: 1000},
		{Name: "seed", Help: "random seed for how long each takes", Default: 4, Min: 1, Max: 1000},
	},
	Run: runUnordered,
})

func runUnordered(ctx context.Context, p Params) error {
	n := p.Int("tasks")
	random := rand.New(rand.NewPCG(uint64(p.Int("seed")), 0)) //nolint:gosec // a fixed seed makes the run repeatable
	takes := make([]time.Duration, n)
	for i := range takes {
		takes[i] = spread(3*time.Second/time.Duration(n), random.IntN(10), 10)
	}

	var lock sync2.Mutex // guards done
	trace.Name(&lock, "list-lock")
	var done []int // in order of completion
	task := func(i int, takes time.Duration, results []int) {
		p.Pause(ctx, takes)
		results[i] = i * i // no other goroutine touches this element
		lock.Lock()
		defer lock.Unlock()
		done = append(done, i)
		trace.Log("task %d is done", i+1)
	}

	// One after the other.
	inTurn := make([]int, n)
	for i := range n {
		task(i, takes[i], inTurn)
	}
	if !slices.IsSorted(done) {
		return fmt.Errorf("one after the other, the order was %v", done)
	}

	// All at once, and slower by as much as there are tasks, so that it can be seen.
	done = nil
	atOnce := make([]int, n)
	var workers []*sync2.Goroutine
	for i := range n {
		workers = append(workers, sync2.Go(fmt.Sprintf("task-%d", i+1), func() { task(i, time.Duration(n)*takes[i], atOnce) }))
	}
	for _, w := range workers {
		w.Join()
	}

	// They may finish in any order, but all of them do, and the results are the same.
	if slices.Sort(done); len(slices.Compact(done)) != n || !slices.Equal(inTurn, atOnce) {
		return fmt.Errorf("done: %v; the results are %v, want %v", done, atOnce, inTurn)
	}
	return nil
}
