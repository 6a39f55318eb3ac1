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
	Name:     "lookups",
	Title:    "A dozen look-ups under one timeout",
	Category: CategoryPools,
	Programs: []int{112},
	Expect:   ExpectClean,
	Lesson: "A timeout for each look-up says little about how long all of them take. A joint timeout does: WaitAll " +
		"returns the futures that are done and those that are not. The latter have to be canceled, or their work " +
		"continues for nothing: a timeout ends only the wait.",
	Look: "The quick ones arrive one after another. Then the time is up: main lists those that are missing and " +
		"cancels them, and each of the workers stops what it was doing.",
	Params: []Param{
		{Name: "names", Help: "number of names, each slower than the one before", Default: 12, Min: 1, Max: 1000},
	},
	Run: runLookups,
})

func runLookups(ctx context.Context, p Params) error {
	n := p.Int("names")
	pool := sync2.NewExecutor(n, sync2.WithName("lookup"))
	trace.Name(pool, "pool")
	addresses := make([]*sync2.Future[string], n)
	for i := range addresses {
		addresses[i] = sync2.Submit(pool, func(c context.Context) (string, error) {
			p.Pause(c, spread(4800*time.Millisecond, i, n)) // a good task stops when its context ends
			if c.Err() != nil {
				return "", context.Cause(c)
			}
			return fmt.Sprintf("10.0.%d.%d", (i+1)/256, (i+1)%256), nil
		})
		trace.Name(addresses[i], fmt.Sprintf("host-%d", i+1))
	}

	// One timeout for all of them.
	errLate := errors.New("took too long")
	joint, cancel := context.WithTimeoutCause(ctx, p.Scale(2700*time.Millisecond), errLate)
	defer cancel()
	done, late, err := sync2.WaitAll(joint, addresses...)
	trace.Log("%d of %d in time: %v", len(done), n, err)

	// Late results are no longer wanted. Shutdown then waits until their tasks have stopped.
	for _, f := range late {
		trace.Log("host-%d is missing", 1+slices.Index(addresses, f))
		f.Cancel()
	}
	pool.Shutdown()
	p.Pause(ctx, 500*time.Millisecond)

	if len(done)+len(late) != n || err == nil && len(late) > 0 {
		return errors.Join(fmt.Errorf("of %d, %d are done and %d are late", n, len(done), len(late)), err)
	}
	for _, f := range done {
		if address, err := f.Result(); err != nil || address == "" {
			return errors.Join(errors.New("one that was in time has no address"), err)
		}
	}
	for _, f := range late {
		if state := f.State(); state == sync2.Pending || state == sync2.Running {
			return fmt.Errorf("one that was late is still %v", state)
		}
	}
	return nil
}
