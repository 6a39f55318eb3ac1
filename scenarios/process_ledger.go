package scenarios

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/turnstile-go/turnstile/sync2/process"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var _ = register(&Scenario{
	Name:     "process-ledger",
	Title:    "A dryer is killed with a dish in its hands, and the dish is not lost",
	Category: CategoryProcesses,
	Programs: []int{118},
	Expect:   ExpectClean,
	Real:     true,
	Twin:     "process-dishes",
	Lesson: "An item is pending until a process takes it, then it is in progress, and it is completed only when that " +
		"process says so. A process that dies says nothing: so the queue remembers what each process has taken and not " +
		"completed, and with Redeliver puts it back when the process dies. Nothing is lost. But the dead one may have " +
		"done part of the work, or all of it except to report it: the work must be safe to repeat.",
	Look: "Main kills a dryer that has a dish in its hands. The dish goes back onto the rack, another dryer takes it, " +
		"and at the end every dish is dry, one of them after two attempts.",
	Params: []Param{
		{Name: "dishes", Help: "number of dishes", Default: 6, Min: 2, Max: 200},
		{Name: "dryers", Help: "number of processes that dry; the first is killed", Default: 3, Min: 2, Max: 20},
	},
	Run: runProcessLedger,
})

var ledgerDryer = process.Register("ledger-dryer", func(ctx context.Context, in shift) (none struct{}, err error) {
	for dish := range in.Rack.All() { // TaskDone follows each body: only then is the dish completed
		if err := tell(ctx, in.To, -dish, "takes dish %d", dish); err != nil {
			return none, err
		}
		if in.Dies {
			rest(ctx, time.Hour) // it will not get that far
		}
		rest(ctx, in.Rest)
		if err := tell(ctx, in.To, dish, "has dried dish %d", dish); err != nil {
			return none, err
		}
	}
	return none, nil
})

func runProcessLedger(ctx context.Context, p Params) error {
	dishes, dryers := p.Int("dishes"), p.Int("dryers")
	rack := process.NewQueue[int](0, process.Redeliver(), process.Titled("rack"))
	reports := process.NewQueue[report](0, process.Titled("reports"))
	drying := p.Scale(2400 * time.Millisecond * time.Duration(min(dryers-1, dishes)) / time.Duration(dishes))
	for dish := range dishes {
		if err := rack.Put(dish + 1); err != nil { // never fails: the queue has no bound
			return err
		}
	}
	trace.Log("pending: %d", rack.Len())

	// The first dryer is alone until it has a dish in its hands, and then it is killed.
	victim, err := spawn(ctx, "dryer-1", ledgerDryer, shift{Rack: rack, To: reports, Dies: true})
	if err != nil {
		return err
	}
	r, err := reports.GetContext(ctx)
	if err != nil {
		return err
	}
	trace.Log("%s, pid %d: %s", r.Name, r.Pid, r.Text)
	lost := -r.N
	p.Pause(ctx, 800*time.Millisecond)
	trace.Log("pending: %d, unfinished: %d; kills pid %d", rack.Len(), rack.Unfinished(), victim.Pid())
	victim.Kill()
	died := victim.Err()
	trace.Log("%v", died)

	reporter := logReports(reports)

	// The others find all dishes on the rack, including the one that it had taken.
	var all []*process.Process
	var errs []error
	for i := range dryers - 1 {
		started, err := spawn(ctx, fmt.Sprintf("dryer-%d", i+2), ledgerDryer, shift{Rack: rack, To: reports, Rest: drying})
		if err != nil {
			errs = append(errs, err)
			break
		}
		all = append(all, started)
	}
	if err := rack.JoinContext(ctx); err != nil {
		errs = append(errs, err)
	}
	trace.Log("completed: pending %d, unfinished %d", rack.Len(), rack.Unfinished())
	rack.Close()
	for _, started := range all {
		errs = append(errs, started.Err())
	}
	reports.Close()
	reporter.Join()
	dried, taken := make([]int, dishes), make(map[int]int)
	for _, r := range reporter.reports {
		if r.N > 0 {
			dried[r.N-1]++
		} else {
			taken[-r.N]++
		}
	}
	var exit *process.ExitError
	if !errors.As(died, &exit) || taken[lost] != 1 {
		errs = append(errs, fmt.Errorf("dish %d was taken %d times after its dryer had been killed", lost, taken[lost]), died)
	}
	return errors.Join(append(errs, eachOnce("dried", dried))...)
}
