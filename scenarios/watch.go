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
	Name:     "watch",
	Title:    "A value that changes, and readers that follow it",
	Category: CategoryPrimitives,
	Expect:   ExpectClean,
	Lesson: "A Watch holds a value and its version. A reader waits for a version newer than the one it has seen, and " +
		"gets the latest: no reader misses the fact that something changed, but a slow one sees only the last of several " +
		"values. So a Watch is for configuration and state, not for messages that everybody must receive.",
	Look: "The readers stand before the board, each with the version it waits for. With every change all of them go through " +
		"and come back; the slow one goes through less often, but ends up with the last value like the others.",
	Params: []Param{
		{Name: "readers", Help: "number of readers that follow the value", Default: 2, Min: 1, Max: 500},
		{Name: "changes", Help: "number of changes", Default: 2, Min: 1, Max: 100},
	},
	Run: runWatch,
})

func runWatch(ctx context.Context, p Params) error {
	readers, changes := p.Int("readers"), p.Int("changes")
	config := sync2.NewWatch("config-0")
	trace.Name(config, "config")
	last := fmt.Sprintf("config-%d", changes)

	errs := make([]error, readers)
	all := start(readers, "reader", func(i int) {
		value, seen := config.Get()
		for value != last {
			v, version, err := config.WaitContext(ctx, seen)
			if err != nil {
				errs[i] = err
				return
			}
			if version <= seen || v == value {
				errs[i] = fmt.Errorf("reader-%d has seen version %d, %s, and got version %d, %s", i+1, seen, value, version, v)
				return
			}
			value, seen = v, version
			if i == readers-1 { // this one is slow
				p.Pause(ctx, 1500*time.Millisecond)
			}
		}
	})
	for i := range changes {
		p.Pause(ctx, 2800*time.Millisecond/time.Duration(changes))
		config.Set(fmt.Sprintf("config-%d", i+1))
	}
	all.Join()
	return errors.Join(errs...)
}
