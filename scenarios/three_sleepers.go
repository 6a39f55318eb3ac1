package scenarios

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var _ = register(&Scenario{
	Name:     "three-sleepers",
	Title:    "Three workers report when they wake up",
	Category: CategoryPools,
	Programs: []int{38, 39, 107},
	Expect:   ExpectClean,
	Lesson: "Goroutines that report results need not share a variable: each puts its report into one queue, and one " +
		"reader takes them as they arrive. The reports arrive in the order in which the workers finish, whatever the " +
		"order in which they began.",
	Look: "Each sleeper waits for a time drawn at random and then puts its name into the queue, where main waits. The " +
		"one with the shortest wait comes first in the log.",
	Params: []Param{
		{Name: "sleepers", Help: "number of sleepers", Default: 3, Min: 1, Max: 1000},
		{Name: "seed", Help: "random seed for the lengths of sleep", Default: 3, Min: 1, Max: 1000},
	},
	Run: runThreeSleepers,
})

func runThreeSleepers(ctx context.Context, p Params) error {
	n := p.Int("sleepers")
	random := rand.New(rand.NewPCG(uint64(p.Int("seed")), 0)) //nolint:gosec // a fixed seed makes the run repeatable
	reports := sync2.NewQueue[int](0)
	trace.Name(reports, "reports")

	sleeps := make([]time.Duration, n)
	var sleepers []*sync2.Goroutine
	for i, place := range random.Perm(n) {
		sleeps[i] = spread(3300*time.Millisecond, place, n) // no two sleep for the same time
		sleepers = append(sleepers, sync2.Go(fmt.Sprintf("sleeper-%d", i+1), func() {
			trace.Log("sleeps for %v", p.Scale(sleeps[i]).Round(time.Millisecond))
			p.Pause(ctx, sleeps[i])
			_ = reports.Put(i + 1) // never fails: there is room for all, and it is never closed
		}))
	}

	// Main takes one report for each sleeper, and nothing is left: each has reported once.
	var order []int
	for range n {
		i, _ := reports.Get()
		trace.Log("sleeper-%d is awake", i)
		order = append(order, i)
	}
	for _, g := range sleepers {
		g.Join()
	}

	// A longer sleep means a later report. Two that wake within a moment of each other may report in either order.
	const moment = 100 * time.Millisecond
	heard := make([]int, n)
	for k, i := range order {
		heard[i-1]++
		if before := order[max(0, k-1)]; p.Scale(sleeps[before-1]-sleeps[i-1]) > moment {
			return fmt.Errorf("sleeper-%d slept %v longer than sleeper-%d, and reported before it", before, p.Scale(sleeps[before-1]-sleeps[i-1]), i)
		}
	}
	return eachOnce("heard of", heard)
}
