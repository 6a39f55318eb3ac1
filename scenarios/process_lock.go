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
	Name:     "process-lock",
	Title:    "Processes share a printer behind a lock",
	Category: CategoryProcesses,
	Programs: []int{59},
	Expect:   ExpectClean,
	Real:     true,
	Lesson: "A mutex in memory does not lock out other processes: each has a copy of its own. A process.Mutex lives " +
		"in one process, and all others ask that one for it. With it a page is printed as a whole; without it, the " +
		"lines of several pages would be mixed. If a process dies while it holds the lock, the lock is released, and " +
		"the next holder learns of it.",
	Look: "Each process waits for the lock, prints the three lines of its page, and releases the lock. On the tray, " +
		"the queue, the lines of each page lie together.",
	Params: []Param{
		{Name: "processes", Help: "number of processes that print", Default: 4, Min: 1, Max: 50},
	},
	Run: runProcessLock,
})

const pageLines = 3

// A page is what one process prints.
type page struct {
	Number  int
	Rest    time.Duration // before each line
	Printer *process.Mutex
	Tray    *process.Queue[report]
}

var printPage = process.Register("print-page", func(ctx context.Context, in page) (none struct{}, err error) {
	if err := in.Printer.LockContext(ctx); err != nil {
		return none, err
	}
	defer in.Printer.Unlock()
	for line := 1; line <= pageLines && err == nil; line++ {
		rest(ctx, in.Rest)
		err = tell(ctx, in.Tray, in.Number, "page %d, line %d", in.Number, line)
	}
	return none, err
})

func runProcessLock(ctx context.Context, p Params) error {
	n := p.Int("processes")
	printer, tray := process.NewMutex(process.Titled("printer")), process.NewQueue[report](0, process.Titled("tray"))
	var all []*process.Process
	var errs []error
	for i := range n {
		started, err := spawn(ctx, fmt.Sprintf("printer-of-%d", i+1), printPage, page{
			Number: i + 1, Rest: p.Scale(2400*time.Millisecond) / time.Duration(pageLines*n), Printer: printer, Tray: tray,
		})
		if err != nil {
			errs = append(errs, err)
			break
		}
		all = append(all, started)
	}
	for _, started := range all {
		errs = append(errs, started.Err())
	}
	tray.Close()
	printed, number := 0, 0
	for line := range tray.All() {
		trace.Log("%s", line.Text)
		if printed%pageLines > 0 && line.N != number {
			errs = append(errs, fmt.Errorf("page %d has a line of page %d in it", number, line.N))
		}
		number = line.N
		printed++
	}
	p.Pause(ctx, 500*time.Millisecond)
	if printed != n*pageLines {
		errs = append(errs, fmt.Errorf("%d lines were printed, want %d", printed, n*pageLines))
	}
	return errors.Join(errs...)
}
