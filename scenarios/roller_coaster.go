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
		{Name: "seats", Help: "number of seats in the car; it leaves only when it is full", Default: seats, Min: 1, Max: 200},
		{Name: "rides", Help: "number of rides, each with other passengers", Default: 2, Min: 1, Max: 20},
	}
}

var _ = register(&Scenario{
	Name:     "roller-coaster-hasty",
	Title:    "Boarding begins before everyone is off",
	Category: CategoryClassics,
	Expect:   ExpectViolation,
	Twin:     "roller-coaster",
	Lesson: "The car gives out a permit for each seat, waits until all are aboard, rides, and gives out a permit to " +
		"get off to each. Then it begins again at once. But a permit to get off is only a permit: its owner may still be " +
		"sitting in the car when the next passengers get in. Allowing something and knowing that it has happened are two " +
		"different things.",
	Look: "Permits of board go out again while some passengers still wait at exit. Then there are more people in the " +
		"car than it has seats.",
	Params: coasterParams(1),
	Hints: []string{
		"On each ride the car waits once for its passengers. Count how often it should.",
		"Everybody has a permit to get off. See whether anything makes them use it before others get in.",
		"The car hands out permits to board right after those to get off; a new passenger boards before an old one has " +
			"moved. Wait until each of them has signaled that it is ashore.",
	},
	Run: func(ctx context.Context, p Params) error { return ride(ctx, p, (*car).unloadHastily) },
})

var _ = register(&Scenario{
	Name:     "roller-coaster",
	Title:    "A car that leaves when it is full, and fills when it is empty",
	Category: CategoryClassics,
	Expect:   ExpectClean,
	Twin:     "roller-coaster-hasty",
	Lesson: "Each step of the car is a pair: it allows the passengers something with a permit for each, and then " +
		"waits until each has done it, by taking back as many permits from another semaphore. Board and aboard, " +
		"exit and ashore. A semaphore that starts at zero carries news in one direction; a rendezvous needs two of " +
		"them.",
	Look: "Permits of board go out, permits of aboard come back, and only with the last of them does the car leave. " +
		"The same happens with exit and ashore, before anybody else may board.",
	Params: coasterParams(3),
	Run:    func(ctx context.Context, p Params) error { return ride(ctx, p, (*car).unload) },
})

// A car takes passengers for a ride: it lets them board, and waits until they are aboard; and likewise for getting off.
type car struct {
	seats                       int
	board, aboard, exit, ashore *sync2.Semaphore

	lock           sync2.Mutex // guards what follows
	inside, ridden int
	riding         bool
	wrong          error
}

// unloadHastily lets all passengers get off. It seems enough that each has a permit to do so.
func (c *car) unloadHastily(context.Context) error {
	c.exit.ReleaseN(c.seats)
	return nil
}

// unload lets all passengers get off, and waits until each has signaled that it is ashore.
func (c *car) unload(ctx context.Context) error {
	c.exit.ReleaseN(c.seats)
	return c.ashore.AcquireN(ctx, c.seats) // it is the cause of ctx
}

// step records that a passenger gets on or off.
func (c *car) step(by int) {
	c.lock.Lock()
	defer c.lock.Unlock()
	c.inside += by
	switch {
	case c.wrong != nil:
	case c.riding:
		c.wrong = errors.New("a passenger got on or off during the ride")
	case c.inside > c.seats:
		c.wrong = fmt.Errorf("%d sit in the car, which takes %d", c.inside, c.seats)
	}
}

// drive records that the car is moving, or that it has come to a stop.
func (c *car) drive(drives bool) {
	c.lock.Lock()
	defer c.lock.Unlock()
	if c.riding = drives; drives {
		c.ridden += c.inside
	}
}

// ride gives each passenger a ride, and checks that the car is full when it leaves and never more than full.
func ride(ctx context.Context, p Params, unload func(*car, context.Context) error) error {
	seats, rides := p.Int("seats"), p.Int("rides")
	c := &car{
		seats: seats, board: sync2.NewSemaphore(0), aboard: sync2.NewSemaphore(0),
		exit: sync2.NewSemaphore(0), ashore: sync2.NewSemaphore(0),
	}
	trace.Name(c.board, "board")
	trace.Name(c.aboard, "aboard")
	trace.Name(c.exit, "exit")
	trace.Name(c.ashore, "ashore")
	trace.Name(&c.lock, "counter")

	driver := sync2.Go("car", func() {
		for range rides {
			c.board.ReleaseN(seats)
			if c.aboard.AcquireN(ctx, seats) != nil {
				return
			}
			c.drive(true)
			trace.Log("rides")
			p.Pause(ctx, 1800*time.Millisecond/time.Duration(rides))
			c.drive(false)
			if unload(c, ctx) != nil {
				return
			}
		}
	})
	passengers := start(seats*rides, "passenger", func(i int) {
		p.Pause(ctx, spread(1200*time.Millisecond, i, seats*rides))
		if c.board.AcquireContext(ctx) != nil {
			return
		}
		c.step(1)
		c.aboard.Release()
		if c.exit.AcquireContext(ctx) != nil {
			return
		}

		// Getting up and out takes a moment, and not the same for all.
		p.Pause(ctx, spread(400*time.Millisecond, i%seats, seats))
		c.step(-1)
		c.ashore.Release()
	})
	driver.Join()
	passengers.Join()

	switch {
	case c.wrong != nil:
		return c.wrong
	case c.ridden != seats*rides || c.inside != 0:
		return fmt.Errorf("%d of %d passengers had their ride, and %d sit in the car", c.ridden, seats*rides, c.inside)
	}
	return nil
}
