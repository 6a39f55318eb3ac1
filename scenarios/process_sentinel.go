package scenarios

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/process"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var _ = register(&Scenario{
	Name:     "process-sentinel",
	Title:    "A creator and a consumer, and a number that means the end",
	Category: CategoryProcesses,
	Programs: []int{63},
	Expect:   ExpectClean,
	Real:     true,
	Lesson: "A queue between processes carries copies of values from one to the other. The two have to agree on how " +
		"the consumer learns that no more will come: a value that is not an item, here -1, tells one consumer; closing " +
		"the queue tells all of them, and no value has to be reserved for it.",
	Look: "The creator puts numbers into the queue and the consumer takes and doubles them, at the same time. After " +
		"the last comes -1, and the consumer ends. In the second act the queue is closed instead.",
	Params: []Param{
		{Name: "numbers", Help: "number of numbers the creator makes", Default: 5, Min: 1, Max: 1000},
	},
	Run: runProcessSentinel,
})

const noMore = -1

// A production is what the creator and the consumer work on.
type production struct {
	Numbers  int
	Sentinel bool
	Rest     time.Duration
	Belt     *process.Queue[int]
	To       *process.Queue[report]
}

var creator = process.Register("creator", func(ctx context.Context, in production) (none struct{}, err error) {
	for n := 1; n <= in.Numbers && err == nil; n++ {
		rest(ctx, in.Rest)
		err = in.Belt.PutContext(ctx, n)
	}
	switch {
	case err != nil:
	case in.Sentinel:
		err = in.Belt.PutContext(ctx, noMore)
	default:
		in.Belt.Close()
	}
	return none, err
})

var consumer = process.Register("consumer", func(ctx context.Context, in production) (none struct{}, err error) {
	for {
		n, err := in.Belt.GetContext(ctx)
		switch {
		case errors.Is(err, sync2.ErrClosed), err == nil && n == noMore:
			return none, tell(ctx, in.To, 0, "that was all")
		case err != nil:
			return none, err
		}
		in.Belt.TaskDone()
		if err := tell(ctx, in.To, 2*n, "%d doubled is %d", n, 2*n); err != nil {
			return none, err
		}
	}
})

func runProcessSentinel(ctx context.Context, p Params) error {
	numbers := p.Int("numbers")
	for _, sentinel := range []bool{true, false} {
		in := production{
			Numbers: numbers, Sentinel: sentinel, Rest: p.Scale(1500*time.Millisecond) / time.Duration(numbers),
			Belt: process.NewQueue[int](2, process.Titled("belt")), To: process.NewQueue[report](0, process.Titled("reports")),
		}
		maker, err1 := spawn(ctx, "creator", creator, in)
		taker, err2 := spawn(ctx, "consumer", consumer, in)
		if err := errors.Join(err1, err2); err != nil {
			return err
		}
		for want := 2; ; want += 2 {
			r, err := in.To.GetContext(ctx)
			if err != nil {
				return err
			}
			trace.Log("%s, pid %d: %s", r.Name, r.Pid, r.Text)
			if r.N == 0 {
				if want != 2*numbers+2 {
					return fmt.Errorf("the consumer ended before %d", want)
				}
				break
			}
			if r.N != want {
				return fmt.Errorf("the consumer reported %d, want %d", r.N, want)
			}
		}
		if err := errors.Join(maker.Err(), taker.Err()); err != nil {
			return err
		}
	}
	return nil
}
