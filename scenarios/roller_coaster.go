package scenarios

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

func coasterParams(seats float64) []Param {
	return []Param{
		{Name: "seats", Help: "how many the car takes; it leaves only when it is full", Default: seats, Min: 1, Max: 200},
		{Name: "rides", Help: "how often it goes, each time with others", Default: 2, Min: 1, Max: 20},
	}
}

var _ = register(&Scenario{
	Name:     "roller-coaster-hasty",
	Title:    "Boarding begins before all have got off",
	Category: Classics,
	Expect:   Violation,
	Twin:     "roller-coaster",
	Lesson: "The car gives out a permit for each seat, waits until all are aboard, rides, and gives out a permit to " +
		"get off to each. Then it begins again at once. But a permit to get off is only that: its owner may still " +
		"be sitting in the car when the next ones come in. To allow something and to know that it has happened are " +
		"two different things.",
	Look: "The permits of board come back while some still wait at exit. Then there are more people in the car " +
		"than it has seats.",
	Params: coasterParams(1),
	Hints: []string{
		"In each ride the car waits once for its passengers. Count how often it should.",
		"Everybody has a permit to get off. See whether anything makes them use it before others get in.",
		"The car hands out permits to board right after those to get off; a new one boards before an old one has " +
			"moved. Wait until each of them has said that it is ashore.",
	},
	Run: func(ctx context.Context, p Params) error { return ride(ctx, p, true) },
})

var _ = register(&Scenario{
	Name:     "roller-coaster",
	Title:    "A car that leaves when it is full, and fills when it is empty",
	Category: Classics,
	Expect:   Clean,
	Twin:     "roller-coaster-hasty",
	Lesson: "Each step of the car is a pair: it allows the passengers something with a permit for each, and then " +
		"waits until each has done it, by taking back as many permits from another semaphore. Board and aboard, " +
		"exit and ashore. A semaphore that starts at zero carries news in one direction; a rendezvous needs two of " +
		"them.",
	Look: "Permits of board go out, permits of aboard come back, and only with the last of them the car rides. " +
		"The same again with exit and ashore, before anybody else may board.",
	Params: coasterParams(3),
	Run:    func(ctx context.Context, p Params) error { return ride(ctx, p, false) },
})

// ride takes the passengers for a ride each, and sees that the car is full when it goes and never more than full.
func ride(ctx context.Context, p Params, hasty bool) error {
	seats, rides := p.Int("seats"), p.Int("rides")
	board, aboard := sync2.NewSemaphore(0), sync2.NewSemaphore(0)
	exit, ashore := sync2.NewSemaphore(0), sync2.NewSemaphore(0)
	trace.Name(board, "board")
	trace.Name(aboard, "aboard")
	trace.Name(exit, "exit")
	trace.Name(ashore, "ashore")

	var lock sync2.Mutex // guards what follows
	trace.Name(&lock, "counter")
	inside, riding, ridden := 0, false, 0
	var wrong error
	step := func(by int) {
		lock.Lock()
		defer lock.Unlock()
		inside += by
		switch {
		case wrong != nil:
		case riding:
			wrong = errors.New("somebody got on or off during the ride")
		case inside > seats:
			wrong = fmt.Errorf("%d sit in the car, which takes %d", inside, seats)
		}
	}
	start := func(going bool) {
		lock.Lock()
		defer lock.Unlock()
		if riding = going; going {
			ridden += inside
		}
	}

	all := []*sync2.Goroutine{sync2.Go("car", func() {
		for range rides {
			board.ReleaseN(seats)
			if aboard.AcquireN(ctx, seats) != nil {
				return
			}
			start(true)
			trace.Log("rides")
			p.Pause(ctx, 1800*time.Millisecond/time.Duration(rides))
			start(false)
			exit.ReleaseN(seats)
			if hasty {
				continue
			}
			if ashore.AcquireN(ctx, seats) != nil {
				return
			}
		}
	})}
	for i := range seats * rides {
		all = append(all, sync2.Go(fmt.Sprintf("passenger-%d", i+1), func() {
			p.Pause(ctx, spread(1200*time.Millisecond, i, seats*rides))
			if board.AcquireContext(ctx) != nil {
				return
			}
			step(1)
			aboard.Release()
			if exit.AcquireContext(ctx) != nil {
				return
			}

			// To get up and out takes a moment, and not for all the same.
			p.Pause(ctx, spread(400*time.Millisecond, i%seats, seats))
			step(-1)
			ashore.Release()
		}))
	}
	for _, g := range all {
		g.Join()
	}

	switch {
	case wrong != nil:
		return wrong
	case ridden != seats*rides || inside != 0:
		return fmt.Errorf("%d of %d passengers had their ride, and %d sit in the car", ridden, seats*rides, inside)
	}
	return nil
}
