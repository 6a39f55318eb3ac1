package scenarios

import (
	"context"
	"fmt"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var _ = register(&Scenario{
	Name:     "overlap",
	Title:    "Three waits take as long as the longest",
	Category: CategoryPools,
	Programs: []int{38, 74},
	Expect:   ExpectClean,
	Lesson: "A goroutine that waits for something outside, such as an answer or a clock, keeps no other goroutine " +
		"from running. So overlapping waits of 2, 2 and 1 units take 2 units together and not 5: nothing has become " +
		"faster, but no wait has to wait for another.",
	Look: "All of them begin at the same moment. The third is done after one unit, the others after two, and main " +
		"after the longest of them; the log shows how long it took next to the ideal.",
	Params: []Param{
		{Name: "waits", Help: "number of overlapping waits, of 2, 2, 1, 2, 2, 1 … units", Default: 3, Min: 1, Max: 1000},
	},
	Run: runOverlap,
})

func runOverlap(ctx context.Context, p Params) error {
	const unit = 1200 * time.Millisecond
	waits := make([]time.Duration, p.Int("waits"))
	for i := range waits {
		waits[i] = []time.Duration{2 * unit, 2 * unit, unit}[i%3]
	}

	begin := time.Now()
	var all []*sync2.Goroutine
	for i, d := range waits {
		all = append(all, sync2.Go(fmt.Sprintf("wait-%d", i+1), func() {
			trace.Log("begins to wait for %d units", d/unit)
			p.Pause(ctx, d)
			trace.Log("is done after %v", time.Since(begin).Round(time.Millisecond))
		}))
	}

	// Which one main joins first makes no difference: the others keep running meanwhile.
	for _, g := range all {
		g.Join()
	}
	took := time.Since(begin)

	return p.compare(fmt.Sprintf("%d waits at the same time", len(waits)), took, makespan(waits, len(waits)))
}
