package scenarios

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var _ = register(&Scenario{
	Name:     "mutex-fairness",
	Title:    "A greedy goroutine and a polite one share a lock",
	Category: CategoryPrimitives,
	Expect:   ExpectClean,
	Lesson: "A running goroutine may take a free lock ahead of one that has just been woken, although that one was " +
		"there first. Barging is much faster than waiting for the other to be scheduled. But once the first waiter has " +
		"waited for a millisecond, Unlock hands the lock over to it, and greed no longer pays.",
	Look: "The greedy one unlocks and has the lock again before the polite one, already woken, reaches the door: it " +
		"goes back to the front of the queue. The next time, the lock is handed over directly.",
	Params: []Param{
		{Name: "turns", Help: "number of times the polite one wants the lock", Default: 3, Min: 1, Max: 100},
	},
	Run: runMutexFairness,
})

func runMutexFairness(ctx context.Context, p Params) error {
	turns := p.Int("turns")
	hold := 1200 * time.Millisecond / time.Duration(turns)
	var lock sync2.Mutex // guards inside, passed and worst
	trace.Name(&lock, "lock")
	var wants, done atomic.Bool
	inside, passed, worst := 0, 0, 0
	overlap := false

	use := func() {
		inside++
		overlap = overlap || inside != 1
		p.Pause(ctx, hold)
		inside--
		lock.Unlock()
	}

	// The greedy one wants the lock again as soon as it has released it. It never stops to let another in.
	greedy := sync2.Go("greedy", func() {
		for !done.Load() && lock.LockContext(ctx) == nil {
			if wants.Load() {
				passed++
				trace.Log("was quicker than polite (%d)", passed)
			}
			use()
		}
	})

	// The polite one arrives, queues, has its turn, and takes a break.
	got := 0
	polite := sync2.Go("polite", func() {
		defer done.Store(true)
		for range turns {
			p.Pause(ctx, 900*time.Millisecond/time.Duration(turns))
			wants.Store(true)
			if lock.LockContext(ctx) != nil {
				return
			}
			wants.Store(false)
			worst, passed = max(worst, passed), 0
			got++
			trace.Log("has the lock, %d of %d", got, turns)
			use()
		}
	})
	polite.Join()
	greedy.Join()

	switch {
	case overlap:
		return errors.New("two goroutines had the lock at the same time")
	case got != turns:
		return fmt.Errorf("the polite one had %d turns of %d", got, turns)

	// Once while it was on its way to the queue, once when it was woken but too slow, and then it is next. If the lock
	// is held for less than a millisecond there can be more, since the wait is not long enough yet.
	case p.Scale(hold) >= 100*time.Millisecond && worst > 2:
		return fmt.Errorf("the greedy one barged in %d times while the polite one waited", worst)
	}
	return nil
}
