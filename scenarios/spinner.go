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
	Name:     "spinner",
	Title:    "A spinner turns until it is told to stop",
	Category: CategoryPrimitives,
	Programs: []int{85, 86},
	Expect:   ExpectClean,
	Lesson: "A goroutine that repeats something needs a way to be told to stop. Waiting for an Event with a timeout " +
		"is both its pause and its stop signal: if the wait times out it takes another turn, and if the Event is set it " +
		"ends at once, not at the end of the pause. A context does the same for every goroutine that uses it, and " +
		"carries a cause: that is how a task is canceled.",
	Look: "The spinner stands before the door stop, gives up, turns, and stands there again, while main computes. " +
		"When main sets the Event the spinner is released in the middle of its wait and ends. A second one " +
		"does the same until its context is canceled, and says why it ended.",
	Params: []Param{
		{Name: "numbers", Help: "number of numbers main goes through", Default: 60, Min: 1, Max: 1000},
	},
	Run: runSpinner,
})

func runSpinner(ctx context.Context, p Params) error {
	numbers := p.Int("numbers")
	var stop sync2.Event
	trace.Name(&stop, "stop")

	// WaitTimeout returns false when the time is over, and true as soon as the Event is set. A loop that slept instead
	// and then checked a variable would notice up to a whole pause later.
	var turns atomic.Int64
	spinner := sync2.Go("spinner", func() {
		const frames = `|/-\`
		for ctx.Err() == nil && !stop.WaitTimeout(p.Scale(200*time.Millisecond)) {
			turn := turns.Add(1)
			trace.Log("computing %c", frames[turn%int64(len(frames))])
			p.Pause(ctx, 50*time.Millisecond)
		}
	})

	// Meanwhile main goes through the odd numbers and adds them up.
	sum := 0
	for i := range numbers {
		sum += 2*i + 1
		p.Pause(ctx, 3*time.Second/time.Duration(numbers))
	}
	trace.Log("done: the sum is %d", sum)

	// The answer is ready. The spinner may finish the turn it is in, but must not begin another.
	stop.Set()
	atStop := turns.Load()
	spinner.Join()
	extra := turns.Load() - atStop

	// The same again, ended by a context, which carries the cause.
	errEnough := errors.New("the answer is there")
	turning, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var why error
	second := sync2.Go("second-spinner", func() {
		var never sync2.Event
		trace.Name(&never, "pause")
		for turning.Err() == nil {
			limit, done := context.WithTimeout(turning, p.Scale(200*time.Millisecond))
			_ = never.WaitContext(limit)
			done()
		}
		why = context.Cause(turning)
		trace.Log("ends: %v", why)
	})
	p.Pause(ctx, time.Second)
	cancel(errEnough)
	second.Join()

	switch {
	case ctx.Err() == nil && !errors.Is(why, errEnough):
		return errors.Join(errors.New("the second spinner ended for another reason"), why)
	case extra > 1:
		return fmt.Errorf("the spinner took %d more turns after it had been told to stop", extra)
	case sum != numbers*numbers: // the sum of the first n odd numbers is n²
		return fmt.Errorf("the first %d odd numbers add up to %d, not to %d", numbers, sum, numbers*numbers)
	}
	return nil
}
