package scenarios

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/turnstile-go/turnstile/sync2/process"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var _ = register(&Scenario{
	Name:     "process-sleepers",
	Title:    "Three processes wait a random time, report, and exit",
	Category: CategoryProcesses,
	Programs: []int{119},
	Expect:   ExpectClean,
	Real:     true,
	Lesson: "Processes that wait do so at the same time, like goroutines, and finish in the order in which their " +
		"times are up, not in the order in which they were started. The parent can wait for each of them, and has to: " +
		"the system keeps a process that has ended and was not waited for as a zombie, for the sake of its exit status.",
	Look: "The reports arrive in the order of the waits. Each says who it is from and how long that process slept; " +
		"then the process exits, and main waits for all of them.",
	Params: []Param{
		{Name: "sleepers", Help: "number of sleepers", Default: 3, Min: 1, Max: 50},
		{Name: "seed", Help: "random seed for the lengths of sleep", Default: 3, Min: 1, Max: 1000},
	},
	Run: runProcessSleepers,
})

// A nap is how long to sleep, and where to report it.
type nap struct {
	Rest time.Duration
	To   *process.Queue[report]
}

var sleeper = process.Register("sleeper", func(ctx context.Context, in nap) (struct{}, error) {
	begin := time.Now()
	rest(ctx, in.Rest)
	return struct{}{}, tell(ctx, in.To, 0, "slept %v", time.Since(begin).Round(time.Millisecond))
})

func runProcessSleepers(ctx context.Context, p Params) error {
	random := rand.New(rand.NewPCG(uint64(p.Int("seed")), 0)) //nolint:gosec // a fixed seed makes the run repeatable
	reports := process.NewQueue[report](0, process.Titled("reports"))
	var all []*process.Process
	var errs []error
	for i := range p.Int("sleepers") {
		sleep := time.Duration(1+random.IntN(9)) * 300 * time.Millisecond
		started, err := spawn(ctx, fmt.Sprintf("sleeper-%d", i+1), sleeper, nap{Rest: p.Scale(sleep), To: reports})
		if err != nil {
			errs = append(errs, err)
			break
		}
		trace.Log("%s, pid %d, will sleep %v", started.Name(), started.Pid(), p.Scale(sleep))
		all = append(all, started)
	}
	reported := make(map[string]int)
	for range all {
		r, err := reports.GetContext(ctx)
		if err != nil {
			break
		}
		trace.Log("%s, pid %d: %s", r.Name, r.Pid, r.Text)
		reported[r.Name]++
	}
	for _, started := range all {
		errs = append(errs, started.Err()) // nil if it ended with the status 0
		if reported[started.Name()] != 1 {
			errs = append(errs, fmt.Errorf("%s has reported %d times", started.Name(), reported[started.Name()]))
		}
	}
	return errors.Join(errs...)
}
