package sync2_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/turnstile-go/turnstile/sync2"
)

// refTask is a task and its progress.
type refTask struct {
	state  sync2.State
	result string
}

// refExecutor is a list of tasks, and the number that may run.
type refExecutor struct {
	waitingRef
	limit  int
	room   int // tasks that may queue
	tasks  []*refTask
	closed bool
}

// full reports whether one more task would have to wait.
func (r *refExecutor) full() bool {
	return r.count(sync2.Running)+r.count(sync2.Pending) >= max(r.limit, r.count(sync2.Running))+r.room
}

// dispatch starts tasks up to the limit, in order of arrival.
func (r *refExecutor) dispatch() {
	running := r.count(sync2.Running)
	for _, task := range r.tasks {
		if task.state == sync2.Pending && running < r.limit {
			task.state = sync2.Running
			running++
		}
	}
}

func (r *refExecutor) count(state sync2.State) (n int) {
	for _, task := range r.tasks {
		if task.state == state {
			n++
		}
	}
	return n
}

// task returns the task of c, or nil if it has none.
func (r *refExecutor) task(c *call) *refTask {
	if len(r.tasks) == 0 {
		return nil
	}
	return r.tasks[c.n%len(r.tasks)]
}

func (r *refExecutor) begin(c *call) string {
	defer r.dispatch()
	task := r.task(c)
	switch c.verb {
	case "Submit":
		task := &refTask{state: sync2.Pending}
		if r.closed {
			task.state, task.result = sync2.Failed, "shut down"
		}
		r.tasks = append(r.tasks, task)
		return task.state.String()
	case "TrySubmit":
		taken := !r.closed && !r.full()
		if taken {
			r.tasks = append(r.tasks, &refTask{state: sync2.Pending})
		}
		return yesNo(taken)
	case "Resize":
		r.limit = 1 + c.n%3
		return "ok"
	case "Finish":
		if task.state == sync2.Running {
			task.state, task.result = sync2.Failed, taskEnds[c.n%len(taskEnds)]
			if c.n%len(taskEnds) == 0 {
				task.state = sync2.Succeeded
			}
		}
		return "ok"
	case "Cancel":
		before := task.state
		r.cancel(task, "canceled")
		return yesNo(before == sync2.Pending || before == sync2.Canceled)
	case "Executor.Cancel":
		r.closed = true
		for _, task := range r.tasks {
			r.cancel(task, "canceled by the executor")
		}
		return "ok"
	case "ShutdownContext", "ShutdownTimeout":
		r.closed = true
		if e := r.early(c); e != "" {
			return e
		}
		if r.quiet() {
			return "ok"
		}
		return r.late(c)
	}
	return r.beginWait(c, task)
}

func (r *refExecutor) beginWait(c *call, task *refTask) string {
	switch c.verb {
	case "ResultContext", "ResultTimeout":
		if task.result != "" { // a settled Future gives its result whatever the context
			return task.result
		}
	}
	if e := r.early(c); e != "" {
		return e
	}
	if done := r.released(c); done != "" {
		return done
	}
	if r.late(c) != "" {
		return context.DeadlineExceeded.Error()
	}
	return ""
}

func (r *refExecutor) cancel(task *refTask, why string) {
	switch task.state {
	case sync2.Pending:
		task.state, task.result = sync2.Canceled, why
	case sync2.Running:
		task.state, task.result = sync2.Failed, why
	default:
	}
}

func (r *refExecutor) quiet() bool { return r.count(sync2.Running)+r.count(sync2.Pending) == 0 }

// released knows c's task by its number, since others may have come after it.
func (r *refExecutor) released(c *call) string {
	switch c.verb {
	case "ShutdownContext", "ShutdownTimeout":
		if r.quiet() {
			return "ok"
		}
		return ""
	case "ResultContext", "ResultTimeout":
		return r.tasks[c.n].result
	}
	done, failed := 0, 0
	for _, task := range r.tasks[:c.n+1] {
		if task.result != "" {
			done++
		}
		if task.state == sync2.Failed {
			failed++
		}
	}
	all := done == c.n+1
	if all || c.verb == "WaitAnyContext" && done > 0 || c.verb == "WaitFirstErrorContext" && failed > 0 {
		return "done"
	}
	return ""
}

func (r *refExecutor) giveUp(c *call, why string) string {
	if why == "timeout" && c.verb == "ResultTimeout" {
		return context.DeadlineExceeded.Error()
	}
	return r.waitingRef.giveUp(c, why)
}

func (r *refExecutor) state() string {
	states := make([]sync2.State, 0, len(r.tasks))
	calledBack := 0
	for _, task := range r.tasks {
		states = append(states, task.state)
		if task.result != "" {
			calledBack++
		}
	}
	return fmt.Sprint(states, r.count(sync2.Pending), calledBack)
}

// taskEnds are the ways in which a task can be made to end.
var taskEnds = []string{"got 1", errTest.Error(), "panic", "Goexit"}

// doExecutor is the executor under test, with the instructions for its tasks.
type doExecutor struct {
	*sync2.Executor
	fs         []*sync2.Future[int]
	gates      []chan int
	calledBack atomic.Int32
}

func (e *doExecutor) submit(try bool) (f *sync2.Future[int], ok bool) {
	gate := make(chan int, 100)
	task := func(ctx context.Context) (int, error) {
		select {
		case how := <-gate:
			switch how % len(taskEnds) {
			case 1:
				return 0, errTest
			case 2:
				panic("on purpose")
			case 3:
				runtime.Goexit()
			}
			return 1, nil
		case <-ctx.Done():
			return 0, context.Cause(ctx)
		}
	}
	if !try {
		f = sync2.Submit(e.Executor, task)
	} else if f, ok = sync2.TrySubmit(e.Executor, task); !ok {
		return nil, false
	}
	f.OnDone(func(*sync2.Future[int]) { e.calledBack.Add(1); panic("on purpose") })
	e.fs, e.gates = append(e.fs, f), append(e.gates, gate)
	return f, true
}

func outcomeOf(v int, err error) string {
	var p *sync2.PanicError
	switch {
	case err == nil:
		return fmt.Sprint("got ", v)
	case errors.Is(err, sync2.ErrShutdown):
		return "shut down"
	case errors.Is(err, sync2.ErrCanceled) && errors.Is(err, errTest):
		return "canceled by the executor"
	case errors.Is(err, sync2.ErrCanceled):
		return "canceled"
	case errors.As(err, &p):
		return "panic"
	case errors.Is(err, errTest), errors.Is(err, context.DeadlineExceeded):
		return err.Error()
	}
	return "Goexit"
}

func (e *doExecutor) do(c *call) string {
	switch c.verb {
	case "Submit":
		if f, _ := e.submit(false); f.State() == sync2.Failed {
			return sync2.Failed.String()
		}
		return sync2.Pending.String()
	case "TrySubmit":
		_, ok := e.submit(true)
		return yesNo(ok)
	case "Resize":
		e.Resize(1 + c.n%3)
		return "ok"
	case "Finish":
		if f := e.fs[c.n%len(e.fs)]; f.State() == sync2.Running {
			e.gates[c.n%len(e.fs)] <- c.n
		}
		return "ok"
	case "Cancel":
		return yesNo(e.fs[c.n%len(e.fs)].Cancel())
	case "Executor.Cancel":
		e.Cancel(errTest)
		return "ok"
	case "ShutdownContext":
		return okOr(e.ShutdownContext(c.ctx))
	case "ShutdownTimeout":
		d := c.d
		if !slices.ContainsFunc(e.fs, func(f *sync2.Future[int]) bool { return f.State() < sync2.Succeeded }) {
			d = time.Hour // idle workers take a moment to end
		}
		return yesNo(e.ShutdownTimeout(d))
	case "ResultContext":
		return outcomeOf(e.fs[c.n].ResultContext(c.ctx))
	case "ResultTimeout":
		return outcomeOf(e.fs[c.n].ResultTimeout(c.d))
	}
	waits := map[string]func(context.Context, ...*sync2.Future[int]) (done, pending []*sync2.Future[int], err error){
		"WaitAllContext": sync2.WaitAll[int], "WaitAnyContext": sync2.WaitAny[int], "WaitFirstErrorContext": sync2.WaitFirstError[int],
	}
	done, pending, err := waits[c.verb](c.ctx, slices.Clone(e.fs[:c.n+1])...)
	if err != nil {
		return err.Error()
	}
	if len(done)+len(pending) != c.n+1 || len(done) == 0 {
		return fmt.Sprint(done, pending)
	}
	return "done"
}

// TestExecutorAgainstReference submits tasks that end on request, cancels and waits.
func TestExecutorAgainstReference(t *testing.T) {
	checkAgainstReference(t, func(rt *rapid.T) subject {
		ref := &refExecutor{limit: rapid.IntRange(1, 3).Draw(rt, "workers"), room: rapid.SampledFrom([]int{0, 2, 1000}).Draw(rt, "room")}
		e := &doExecutor{Executor: sync2.NewExecutor(ref.limit, sync2.WithQueue(ref.room))}
		return subject{
			verbs: []string{
				"Submit", "Submit", "TrySubmit", "Resize", "Finish", "Finish", "Cancel", "Executor.Cancel", "ShutdownContext", "ShutdownTimeout",
				"ResultContext", "ResultTimeout", "ResultTimeout", "WaitAllContext", "WaitAnyContext", "WaitFirstErrorContext",
			},
			draw: func(rt *rapid.T) int { return rapid.IntRange(0, 99).Draw(rt, "n") },
			legal: func(c *call) bool {
				switch c.verb {
				case "Submit":
					return ref.closed || !ref.full() // one that waits has no future yet: see TestWithQueue
				case "TrySubmit", "Resize":
					return true
				case "Executor.Cancel", "ShutdownContext", "ShutdownTimeout":
					return c.n < 30
				case "Finish", "Cancel":
				default:
					if len(ref.tasks) > 0 {
						c.n %= len(ref.tasks)
					}
				}
				return len(ref.tasks) > 0
			},
			do: e.do,
			state: func() string {
				states := make([]sync2.State, 0, len(e.fs))
				for _, f := range e.fs {
					states = append(states, f.State())
				}
				return fmt.Sprint(states, e.Queued(), e.calledBack.Load())
			},
			ref: ref,
			end: func() { e.Cancel(errTest); e.Shutdown() },
		}
	})
}
