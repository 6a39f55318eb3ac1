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
	Name:     "process-dishes",
	Title:    "Dishes between processes, and a single word to stop",
	Category: CategoryProcesses,
	Programs: []int{106},
	Expect:   ExpectClean,
	Real:     true,
	Twin:     "process-ledger",
	Lesson: "A queue that counts unfinished work can join processes as it joins goroutines: the washer puts dishes " +
		"into it, dryers in other processes take them, and Join returns when the last is really dry. Stopping the dryers " +
		"is a separate matter. Here the washer says quit once: one dryer hears it, and the others, who wait with a " +
		"timeout, notice that nothing more comes.",
	Look: "Each dryer reports with its pid which dish it has dried. When all are dry, one of them hears quit, and the " +
		"others give up waiting; all of them end on their own.",
	Params: []Param{
		{Name: "dishes", Help: "number of dishes", Default: 8, Min: 1, Max: 500},
		{Name: "dryers", Help: "number of processes that dry", Default: 3, Min: 1, Max: 20},
	},
	Run: runProcessDishes,
})

const quit = 0 // no dish has this number

// A shift is the argument of a dryer.
type shift struct {
	Rack     *process.Queue[int]
	To       *process.Queue[report]
	Rest     time.Duration // time to dry a dish
	Patience time.Duration // time to wait for the next
	Dies     bool          // in the middle of a dish
}

var dryer = process.Register("dryer", func(ctx context.Context, in shift) (none struct{}, err error) {
	for {
		// A dryer without a timeout would wait forever for a word that only another hears.
		dish, err := in.Rack.GetTimeout(in.Patience)
		switch {
		case errors.Is(err, context.DeadlineExceeded):
			return none, tell(ctx, in.To, quit, "gives up waiting")
		case err != nil:
			return none, err
		case dish == quit:
			in.Rack.TaskDone()
			return none, tell(ctx, in.To, quit, "hears quit")
		}
		rest(ctx, in.Rest)
		if err := tell(ctx, in.To, dish, "has dried dish %d", dish); err != nil {
			return none, err
		}
		in.Rack.TaskDone()
	}
})

func runProcessDishes(ctx context.Context, p Params) error {
	dishes, dryers := p.Int("dishes"), p.Int("dryers")
	rack := process.NewQueue[int](3, process.Titled("rack"))
	reports := process.NewQueue[report](0, process.Titled("reports"))
	reporter := logReports(reports)
	drying := 2400 * time.Millisecond * time.Duration(min(dryers, dishes)) / time.Duration(dishes)
	in := shift{Rack: rack, To: reports, Rest: p.Scale(drying), Patience: max(time.Second, p.Scale(1500*time.Millisecond))}
	var all []*process.Process
	var errs []error
	for i := range dryers {
		started, err := spawn(ctx, fmt.Sprintf("dryer-%d", i+1), dryer, in)
		if err != nil {
			errs = append(errs, err)
			break
		}
		all = append(all, started)
	}

	// Main washes while the dryers dry, and waits until no dish on the rack is wet.
	washer := sync2.Go("washer", func() {
		for dish := 1; dish <= dishes && len(errs) == 0; dish++ {
			p.Pause(ctx, drying/time.Duration(2*min(dryers, dishes)))
			if rack.PutContext(ctx, dish) != nil { // waits while the rack is full
				return
			}
			trace.Log("has washed dish %d", dish)
		}
	})
	washer.Join()
	errs = append(errs, rack.JoinContext(ctx))
	trace.Log("all dishes are dry")
	errs = append(errs, rack.PutContext(ctx, quit))
	for _, started := range all {
		errs = append(errs, started.Err())
	}

	reports.Close()
	reporter.Join()
	dried, heard := make([]int, dishes), 0
	for _, r := range reporter.reports {
		switch {
		case r.N != quit:
			dried[r.N-1]++
		case r.Text == "hears quit":
			heard++
		}
	}
	if heard != 1 {
		errs = append(errs, fmt.Errorf("%d dryers heard the one word", heard))
	}
	return errors.Join(append(errs, eachOnce("dried", dried))...)
}
