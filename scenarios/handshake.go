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
	Name:     "handshake",
	Title:    "Hand something over, and know that it has arrived",
	Category: CategoryPrimitives,
	Expect:   ExpectClean,
	Lesson: "One goroutine hands things to another through a single slot, and must not put the next one there " +
		"before the last has been taken. Two signals do that, one in each direction: it is there, and I have it. " +
		"After the second, the giver knows that the thing has arrived, which an unbuffered channel guarantees " +
		"too.",
	Look: "The two semaphores take turns, and so do the two goroutines: there is a permit for one or the other, never " +
		"for both.",
	Params: []Param{
		{Name: "things", Help: "number of things handed over", Default: 4, Min: 1, Max: 1000},
	},
	Run: runHandshake,
})

func runHandshake(ctx context.Context, p Params) error {
	things := p.Int("things")
	offered, taken := sync2.NewSemaphore(0), sync2.NewSemaphore(0) // nothing so far
	trace.Name(offered, "it-is-there")
	trace.Name(taken, "i-have-it")

	place := 0         // belongs to the giver until it is offered, and to the taker until it is taken
	var received []int // belongs to the taker until it acknowledges

	var giverErr error
	giver := sync2.Go("giver", func() {
		for k := range things {
			p.Pause(ctx, 2*time.Second/time.Duration(things))
			place = k + 1
			trace.Log("puts down %d", place)
			offered.Release()
			if taken.AcquireContext(ctx) != nil {
				return
			}

			// The thing has been taken, not just seen. So the slot is free, and the handover is complete.
			if len(received) != k+1 || received[k] != k+1 {
				giverErr = fmt.Errorf("thing %d was acknowledged and has not arrived: %v", k+1, received)
			}
			place = 0
		}
	})

	taker := sync2.Go("taker", func() {
		for range things {
			if offered.AcquireContext(ctx) != nil {
				return
			}
			p.Pause(ctx, 1200*time.Millisecond/time.Duration(things))
			received = append(received, place)
			trace.Log("takes %d", place)
			taken.Release()
		}
	})
	giver.Join()
	taker.Join()

	switch {
	case giverErr != nil:
		return giverErr
	case len(received) != things || place != 0:
		return errors.New("something is left over")
	}
	return nil
}
