package scenarios

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/turnstile-go/turnstile/sync2/process"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var _ = register(&Scenario{
	Name:     "process-names",
	Title:    "Processes with names, and the numbers that the system gives them",
	Category: CategoryProcesses,
	Programs: []int{57, 58, 100},
	Expect:   ExpectClean,
	Real:     true,
	Lesson: "A process runs the same program from the start, and then one function of it. Its parent gives it a " +
		"name, for people to read; if it does not, one is made up. The system gives it a number, the pid, which you " +
		"need to kill it. The process must send back what it finds out: here through a queue that both sides can " +
		"reach.",
	Look: "Main starts four processes. Each doubles a number and reports it with its name and pid; all pids differ, " +
		"and none is that of main. The one that was given no name has one all the same.",
	Run: runProcessNames,
})

// An order is a number to double, and where to report.
type order struct {
	N    int
	Rest time.Duration
	To   *process.Queue[report]
}

var doubler = process.Register("doubler", func(ctx context.Context, in order) (int, error) {
	rest(ctx, in.Rest)
	return 2 * in.N, tell(ctx, in.To, 2*in.N, "%d doubled is %d", in.N, 2*in.N)
})

func runProcessNames(ctx context.Context, p Params) error {
	names := []string{"doubler-1", "doubler-2", "", "Test"}
	reports := process.NewQueue[report](0, process.Titled("reports"))
	var all []*process.Process
	var errs []error
	for i, name := range names {
		started, err := spawn(ctx, name, doubler, order{N: 5 * (i + 1), Rest: p.Scale(300 * time.Millisecond), To: reports})
		if err != nil {
			errs = append(errs, err)
			break
		}
		trace.Log("has started %s, pid %d", started.Name(), started.Pid())
		all = append(all, started)
		p.Pause(ctx, 500*time.Millisecond)
	}

	pids := map[int]bool{os.Getpid(): true}
	for _, started := range all {
		if err := started.Err(); err != nil { // waits until it has ended
			errs = append(errs, err)
			continue
		}
		r, err := reports.GetContext(ctx)
		if err != nil {
			return errors.Join(append(errs, err)...)
		}
		trace.Log("%s, pid %d: %s", r.Name, r.Pid, r.Text)
		if pids[r.Pid] {
			errs = append(errs, fmt.Errorf("two processes have the pid %d", r.Pid))
		}
		pids[r.Pid] = true
		if r.Name == "" || strings.HasPrefix(r.Name, "main") {
			errs = append(errs, fmt.Errorf("a process is called %q", r.Name))
		}
	}
	return errors.Join(errs...)
}
