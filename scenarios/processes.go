package scenarios

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/process"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// This file has what the scenarios of processes share. Their functions are registered in variable declarations, which
// come before all init functions; so when child.go starts one of them in a new process, all are registered.

// spawn starts a process that runs fn. It is killed if ctx ends first.
func spawn[In, Out any](ctx context.Context, name string, fn process.Func[In, Out], in In) (*process.Process, error) {
	started, err := process.Start(name, fn, in)
	if err != nil {
		return nil, because(ctx, fmt.Errorf("cannot start a process: %w", err))
	}
	context.AfterFunc(ctx, started.Kill)
	return started, nil
}

// A report is what a process says about itself.
type report struct {
	Name string
	Pid  int
	Text string
	N    int
}

// TraceText returns the report as traces show it.
func (r report) TraceText() string { return fmt.Sprintf("%s (pid %d): %s", r.Name, r.Pid, r.Text) }

// tell puts a report of the calling process into the queue.
func tell(ctx context.Context, to *process.Queue[report], n int, format string, args ...any) error {
	me := process.Current()
	return to.PutContext(ctx, report{Name: me.Name(), Pid: os.Getpid(), Text: fmt.Sprintf(format, args...), N: n})
}

// rest sleeps for d, or less if ctx ends. Processes, which do not know the pace, use it.
func rest(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// A reporter logs reports as they come, and keeps them.
type reporter struct {
	reports []report // to be read when the reporter has ended
	*sync2.Goroutine
}

// logReports starts a reporter, which ends when the queue is closed and empty.
func logReports(from *process.Queue[report]) *reporter {
	r := new(reporter)
	r.Goroutine = sync2.Go("reporter", func() {
		for got := range from.All() {
			trace.Log("%s", got.TraceText())
			r.reports = append(r.reports, got)
		}
	})
	return r
}
