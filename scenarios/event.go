package scenarios

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var _ = register(&Scenario{
	Name:     "event",
	Title:    "Two goroutines wait for one flag",
	Category: CategoryPrimitives,
	Programs: []int{44},
	Expect:   ExpectClean,
	Lesson: "An Event is a flag that goroutines wait for. One of these two waits as long as it takes; the other waits " +
		"a little, finds the flag down, does something useful and waits again. Setting the flag once lets both through, " +
		"and everybody who comes later as well.",
	Look: "Both stand before the door start-line. The impatient one leaves its place again and again; when the flag " +
		"is set, everybody standing there is released at the same moment, and the impatient one no later than its next " +
		"try.",
	Run: runEvent,
})

func runEvent(ctx context.Context, p Params) error {
	var start, looked sync2.Event
	trace.Name(&start, "start-line")
	trace.Name(&looked, "looked-once")

	// The patient one has nothing else to do. It sleeps in Wait and costs nothing until the flag is set.
	var set atomic.Bool
	var early atomic.Int32
	var timeouts int
	patient := sync2.Go("patient", func() {
		if start.WaitContext(ctx) == nil && !set.Load() {
			early.Add(1)
		}
	})

	// The impatient one waits only briefly, and uses the time in between. WaitTimeout reports whether the flag was set.
	impatient := sync2.Go("impatient", func() {
		for ctx.Err() == nil {
			if start.WaitTimeout(p.Scale(400 * time.Millisecond)) {
				if !set.Load() {
					early.Add(1)
				}
				trace.Log("the flag is set, after %d timeouts", timeouts)
				return
			}
			timeouts++
			trace.Log("not yet: doing something else")
			looked.Set()
			p.Pause(ctx, 500*time.Millisecond)
		}
	})

	// Main takes its time. It also makes sure that the impatient one has timed out once: a pause alone proves nothing.
	p.Pause(ctx, 2200*time.Millisecond)
	_ = looked.WaitContext(ctx)

	// One call releases all waiters. There is no need to count the waiters, and latecomers do not wait at all.
	trace.Log("setting the flag")
	set.Store(true)
	start.Set()
	patient.Join()
	impatient.Join()

	switch {
	case early.Load() > 0:
		return errors.New("a waiter was released before the flag was set")
	case timeouts == 0:
		return errors.New("the impatient one never timed out")
	}
	return nil
}
