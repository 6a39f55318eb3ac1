package scenarios

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var _ = register(&Scenario{
	Name:     "enumerate",
	Title:    "Wait for every other goroutine",
	Category: CategoryPrimitives,
	Programs: []int{40, 43},
	Expect:   ExpectClean,
	Lesson: "Goroutines lists the goroutines that were started by Go and have not ended, oldest first. So a program " +
		"can wait for everything that is still running without keeping a handle to each goroutine. The list includes the " +
		"caller, and Join panics if a goroutine joins itself.",
	Look: "The caretaker goes through the list, skips itself, and waits for one worker after another. Some have ended " +
		"long before it gets to them, and then it does not wait at all.",
	Params: []Param{
		{Name: "workers", Help: "number of workers still running", Default: 4, Min: 1, Max: 1000},
	},
	Run: runEnumerate,
})

func runEnumerate(ctx context.Context, p Params) error {
	n := p.Int("workers")
	var listed sync2.Event
	trace.Name(&listed, "list-is-read")

	var err error
	caretaker := sync2.Go("caretaker", func() {
		// The workers do not end before the list has been read, so all of them must be on it.
		workers := start(n, "worker", func(i int) {
			_ = listed.WaitContext(ctx)
			p.Pause(ctx, spread(2400*time.Millisecond, (i+n/2)%n, n))
		})
		p.Pause(ctx, 600*time.Millisecond)
		all := sync2.Goroutines()
		listed.Set()

		// The list covers the whole process. In a program of its own the caretaker would join all but itself. Here other
		// goroutines may be running that are none of its business and may even be waiting for it.
		self := sync2.Current()
		onList := slices.Contains(all, self)
		var joined []*sync2.Goroutine
		for _, g := range all {
			if g == self || !slices.Contains(workers, g) {
				continue
			}
			trace.Log("waiting for %s", g.Name())
			g.Join()
			joined = append(joined, g)
		}
		switch {
		case !onList:
			err = errors.New("the calling goroutine is not on the list")
		case !slices.Equal(joined, workers):
			err = fmt.Errorf("%d were on the list, want all %d in the order in which they started", len(joined), n)
		}

		// After that, no worker is left. Any that were missing from the list are waited for all the same.
		for _, w := range workers {
			if w.Alive() {
				err = errors.Join(err, fmt.Errorf("%s is still alive", w.Name()))
				w.Join()
			}
		}
	})
	caretaker.Join()

	return err
}
