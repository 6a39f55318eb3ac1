package scenarios

import (
	"context"
	"fmt"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var _ = register(&Scenario{
	Name:     "keyed-mutex",
	Title:    "A lock for each account, but none for the bank",
	Category: CategoryPrimitives,
	Expect:   ExpectClean,
	Lesson: "A KeyedMutex is a lock for each key: two goroutines wait for each other only if they want the same one. " +
		"It takes no memory for a key that is neither held nor waited for. Goroutines that need two keys must all take " +
		"them in the same order, such as the smaller first, or they can deadlock.",
	Look: "Each clerk holds two accounts and moves money from one to the other. Clerks with other accounts work at " +
		"the same time; clerks that want an account that is held stand at its door until the clerk inside leaves.",
	Params: []Param{
		{Name: "accounts", Help: "number of accounts", Default: 4, Min: 2, Max: 200},
		{Name: "clerks", Help: "number of clerks, who make one transfer each", Default: 4, Min: 1, Max: 200},
	},
	Run: runKeyedMutex,
})

func runKeyedMutex(ctx context.Context, p Params) error {
	const each = 100
	n, clerks := p.Int("accounts"), p.Int("clerks")
	var locks sync2.KeyedMutex[int] // key i guards balances[i]
	trace.Name(&locks, "accounts")
	balances := make([]int, n)
	for i := range balances {
		balances[i] = each
	}

	transfer := func(from, to, amount int) {
		// The smaller number first: then no two clerks can each hold what the other needs.
		first, second := min(from, to), max(from, to)
		if locks.LockContext(ctx, first) != nil {
			return
		}
		defer locks.Unlock(first)
		p.Pause(ctx, 1200*time.Millisecond/time.Duration(clerks))
		if locks.LockContext(ctx, second) != nil {
			return
		}
		defer locks.Unlock(second)
		p.Pause(ctx, 2400*time.Millisecond/time.Duration(clerks))
		balances[from] -= amount
		balances[to] += amount
		trace.Log("%d from account %d to account %d", amount, from, to)
	}
	start(clerks, "clerk", func(i int) {
		p.Pause(ctx, spread(900*time.Millisecond, i, clerks))
		transfer(i%n, (i+1)%n, i+1)
	}).Join()

	// Money moves; it does not come or go.
	sum := 0
	for _, b := range balances {
		sum += b
	}
	switch {
	case sum != n*each:
		return fmt.Errorf("there are %d in %d accounts, not %d", sum, n, n*each)
	case locks.Len() != 0:
		return fmt.Errorf("%d keys are left", locks.Len())
	}
	return nil
}
