package scenarios

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var herdParams = []Param{
	{Name: "drivers", Help: "number of drivers who wait for a passenger", Default: 4, Min: 1, Max: 1000},
	{Name: "passengers", Help: "number of passengers, who come one after another", Default: 4, Min: 1, Max: 100},
}

var _ = register(&Scenario{
	Name:     "thundering-herd",
	Title:    "One passenger, and every driver jumps up",
	Category: CategoryClassics,
	Expect:   ExpectViolation,
	Twin:     "thundering-herd-fixed",
	Lesson: "Broadcast wakes every waiter, and each of them has to get the lock before it can see that there is " +
		"work for only one. The result is right, so no test complains; but the cost of waking grows with the " +
		"number of waiters. With a thousand of them, one item costs a thousand wake-ups, of which 999 are for " +
		"nothing.",
	Look: "At each ring the whole waiting room moves over to the queue of the lock. The first gets the passenger, the " +
		"others say that they were woken for nothing, and go back. The log shows the total at the end.",
	Hints: []string{
		"Everybody is served, so nothing is lost. Count the wake-ups, and compare them with the number of times there " +
			"was something to do.",
		"Look at what the dispatcher calls when one passenger has come, and at the number of drivers that leave the " +
			"waiting room.",
		"There is one passenger, so one driver is enough: use Signal in place of Broadcast. Broadcast is right if " +
			"everybody has something to do, as at closing time.",
	},
	Params: herdParams,
	Run:    func(ctx context.Context, p Params) error { return driveTaxis(ctx, p, (*sync2.Cond).Broadcast) },
})

var _ = register(&Scenario{
	Name:     "thundering-herd-fixed",
	Title:    "One passenger, one driver",
	Category: CategoryClassics,
	Expect:   ExpectClean,
	Twin:     "thundering-herd",
	Lesson: "Signal wakes one waiter. That is right if it does not matter which, because any of them can do the work: " +
		"then there are never more wake-ups than items. If waiters wait for different conditions, Signal may wake the " +
		"wrong one, and you need Broadcast, or a Cond for each condition.",
	Look: "At each ring one driver leaves the waiting room, the one that has waited longest, and the others do not " +
		"stir. Only at closing time are all of them woken.",
	Params: herdParams,
	Run:    func(ctx context.Context, p Params) error { return driveTaxis(ctx, p, (*sync2.Cond).Signal) },
})

// driveTaxis lets drivers wait for passengers, and rings the bell once for each passenger.
func driveTaxis(ctx context.Context, p Params, ring func(*sync2.Cond)) error {
	drivers, passengers := p.Int("drivers"), p.Int("passengers")
	var lock sync2.Mutex // guards what follows
	waiting, closed := 0, false
	driven, woken, inVain := 0, 0, 0
	bell := sync2.NewCond(&lock)
	trace.Name(&lock, "taxi-rank")
	trace.Name(bell, "bell")

	drive := func() {
		if lock.LockContext(ctx) != nil {
			return
		}
		defer lock.Unlock()
		for {
			for waiting == 0 && !closed {
				if bell.WaitContext(ctx) != nil {
					return
				}
				if closed {
					break // not woken for a passenger, but to go home
				}
				woken++
				if waiting == 0 {
					inVain++
					trace.Log("woken for nothing")
				}
			}
			if waiting == 0 {
				return
			}
			waiting--
			driven++
			trace.Log("has a passenger")
			lock.Unlock()
			p.Pause(ctx, 1600*time.Millisecond/time.Duration(passengers))
			lock.Lock()
		}
	}

	all := start(drivers, "driver", func(i int) {
		p.Pause(ctx, spread(600*time.Millisecond, i, drivers))
		drive()
	})

	// The passengers come one at a time, and most of the time all the drivers are waiting.
	for range passengers {
		p.Pause(ctx, 3200*time.Millisecond/time.Duration(passengers))
		if lock.LockContext(ctx) != nil {
			break
		}
		waiting++
		ring(bell)
		lock.Unlock()
	}

	// Closing time concerns all of them.
	p.Pause(ctx, 800*time.Millisecond)
	lock.Lock()
	closed = true
	bell.Broadcast()
	lock.Unlock()
	all.Join()

	trace.Log("%d passengers, %d wake-ups, %d of them for nothing", driven, woken, inVain)
	switch {
	case driven != passengers:
		return fmt.Errorf("%d of %d passengers were driven", driven, passengers)
	case woken > passengers:
		return errors.New("there were more wake-ups than passengers")
	}
	return nil
}
