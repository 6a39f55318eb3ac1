package scenarios

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var _ = register(&Scenario{
	Name:     "dishes-sentinel",
	Title:    "One 'quit' for three dryers",
	Category: CategoryPools,
	Expect:   ExpectClean,
	Lesson: "A common way to stop workers is to put a last item on their queue that means: quit. But only one worker " +
		"takes it; the others wait until they time out, if they have a timeout at all. It takes one sentinel for each " +
		"worker, or Close, which reaches all of them.",
	Look: "The stack of plates ends with 'quit'. One dryer takes it and leaves; the others wait at the empty queue " +
		"until they time out, and give up.",
	Params: []Param{
		{Name: "dryers", Help: "number of dryers", Default: 3, Min: 1, Max: 1000},
		{Name: "plates", Help: "number of plates", Default: 9, Min: 1, Max: 1000},
	},
	Run: runDishesSentinel,
})

func runDishesSentinel(ctx context.Context, p Params) error {
	const quit = "quit"
	dryers, plates := p.Int("dryers"), p.Int("plates")
	stack := sync2.NewQueue[string](0)
	trace.Name(stack, "plates")

	// Everything has been washed already, and the sentinel comes last.
	for i := range plates {
		_ = stack.Put(fmt.Sprintf("plate-%d", i+1)) // never fails: the queue has no bound, and it is never closed
	}
	_ = stack.Put(quit)
	p.Pause(ctx, 600*time.Millisecond)

	drying := 2700 * time.Millisecond * time.Duration(min(dryers, plates)) / time.Duration(plates)
	dried, heard := make([]int, dryers), make([]string, dryers) // element i belongs to dryer i
	people := start(dryers, "dryer", func(i int) {
		for ctx.Err() == nil {
			// Without a timeout the dryers that do not hear the sentinel would stand here forever.
			plate, err := stack.GetTimeout(p.Scale(900 * time.Millisecond))
			switch {
			case err != nil:
				heard[i] = "nothing"
			case plate == quit:
				heard[i] = quit
			default:
				p.Pause(ctx, drying)
				dried[i]++
				continue
			}
			trace.Log("heard %s, and goes home", heard[i])
			return
		}
	})
	total := 0
	for i, g := range people {
		g.Join()
		total += dried[i]
	}

	// Everybody went home. One was told to; the others only noticed that nothing came.
	all := strings.Join(heard, ", ")
	trace.Log("heard: %s", all)
	switch {
	case total != plates:
		return fmt.Errorf("%d of %d plates were dried", total, plates)
	case strings.Count(all, quit) != 1 || strings.Count(all, "nothing") != dryers-1:
		return fmt.Errorf("of %d dryers one should hear %q and the others nothing; they heard %s", dryers, quit, all)
	}
	return nil
}
