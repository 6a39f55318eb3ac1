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
	Name:     "try-lock",
	Title:    "Take the lock if it is free, otherwise do something else",
	Category: CategoryPrimitives,
	Programs: []int{46},
	Expect:   ExpectClean,
	Lesson: "TryLock takes a lock if that is possible without waiting, and otherwise returns false. It suits work " +
		"that can be done later; if you really need the lock, use Lock, because a goroutine that only tries is not in " +
		"the queue and may be unlucky forever.",
	Look: "The holder goes in and out in a steady rhythm. The worker never queues: its failed tries bounce off the " +
		"door, and it gets the lock only when it happens to find it free.",
	Params: []Param{
		{Name: "wanted", Help: "number of times the worker wants the lock", Default: 3, Min: 1, Max: 1000},
	},
	Run: runTryLock,
})

func runTryLock(ctx context.Context, p Params) error {
	wanted := p.Int("wanted")
	unit := 150 * time.Millisecond / time.Duration(wanted)
	var lock sync2.Mutex
	var enough sync2.Event
	trace.Name(&lock, "lock")
	trace.Name(&enough, "enough")
	inside := 0 // guarded by lock: number of goroutines in the room

	// The holder takes the lock, keeps it for a while, drops it for a while, until the worker has had enough.
	overlap := false
	holder := sync2.Go("holder", func() {
		for !enough.IsSet() && lock.LockContext(ctx) == nil {
			inside++
			overlap = overlap || inside != 1
			p.Pause(ctx, 10*unit)
			inside--
			lock.Unlock()
			p.Pause(ctx, 8*unit)
		}
	})

	// The worker only tries. A failed try costs next to nothing: the worker goes on with other work.
	tries, got := 0, 0
	worker := sync2.Go("worker", func() {
		defer enough.Set()
		for got < wanted && ctx.Err() == nil {
			p.Pause(ctx, 7*unit)
			tries++
			if !lock.TryLock() {
				trace.Log("try %d: taken, doing something else", tries)
				continue
			}
			got++
			trace.Log("try %d: got it, %d of %d", tries, got, wanted)
			inside++
			overlap = overlap || inside != 1
			p.Pause(ctx, 3*unit)
			inside--
			lock.Unlock()
		}
	})
	worker.Join()
	holder.Join()

	switch {
	case overlap:
		return errors.New("two goroutines had the lock at the same time")
	case got != wanted || tries < got:
		return fmt.Errorf("had the lock %d times of %d after %d tries", got, wanted, tries)
	}
	return nil
}
