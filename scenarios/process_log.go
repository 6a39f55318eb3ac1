package scenarios

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"strings"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/process"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var _ = register(&Scenario{
	Name:     "process-log",
	Title:    "The logs of all workers in one place",
	Category: CategoryProcesses,
	Programs: []int{60},
	Expect:   ExpectClean,
	Real:     true,
	Lesson: "The standard error of a process goes where its parent's goes, unless the parent says otherwise. " +
		"Lines of several processes are mixed there, so each line has to say who wrote it: use a logger whose " +
		"prefix is the process's name and pid. The parent can read these lines itself, and keep them or pass them " +
		"on.",
	Look: "Each worker logs when it begins a task and when it is done. The lines reach main, one after another, and " +
		"say which process wrote them.",
	Params: []Param{
		{Name: "tasks", Help: "number of tasks, for two workers", Default: 4, Min: 1, Max: 100},
	},
	Run: runProcessLog,
})

var logging = process.Register("logging", func(ctx context.Context, in job) (struct{}, error) {
	logger := log.New(os.Stderr, fmt.Sprintf("[%s %d] ", process.Current().Name(), os.Getpid()), 0)
	logger.Printf("begins task %d", in.N)
	rest(ctx, in.Rest)
	logger.Printf("is done with task %d", in.N)
	return struct{}{}, nil
})

// logLines collects the standard error of the workers. A single write may be part of a line.
type logLines struct {
	lock sync2.Mutex // guards text
	text strings.Builder
}

func (l *logLines) Write(b []byte) (int, error) {
	l.lock.Lock()
	defer l.lock.Unlock()
	trace.Log("%s", strings.TrimSpace(string(b)))
	return l.text.Write(b) // it never fails
}

func runProcessLog(ctx context.Context, p Params) error {
	tasks := p.Int("tasks")
	var heard logLines
	trace.Name(&heard.lock, "log")
	pool := process.NewExecutor(2, process.WithName("worker"), process.WithStderr(&heard), process.WithContext(ctx))
	var futures []*sync2.Future[struct{}]
	for i := range tasks {
		p.Pause(ctx, 400*time.Millisecond/time.Duration(tasks))
		futures = append(futures, process.Submit(pool, logging, job{N: i + 1, Rest: 5 * p.Scale(time.Second) / time.Duration(tasks)}))
	}
	var errs []error
	for _, f := range futures {
		_, err := f.ResultContext(ctx)
		errs = append(errs, err)
	}
	pool.Shutdown() // everything the workers wrote has arrived when they have ended

	heard.lock.Lock()
	defer heard.lock.Unlock()
	text := heard.text.String()
	for i := range tasks {
		for _, what := range []string{"begins task", "is done with task"} {
			if strings.Count(text, fmt.Sprintf("] %s %d\n", what, i+1)) != 1 {
				errs = append(errs, fmt.Errorf("the log does not have one line that a worker %s %d", what, i+1))
			}
		}
	}
	return errors.Join(errs...)
}
