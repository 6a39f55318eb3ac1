package scenarios

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

var _ = register(&Scenario{
	Name:     "terminate",
	Title:    "Stopping a goroutine and a process that would count forever",
	Category: CategoryProcesses,
	Programs: []int{87, 101},
	Expect:   ExpectClean,
	Real:     true,
	Lesson: "A goroutine cannot be killed: it ends when it returns, so it has to watch something, a context or an " +
		"Event, and chooses where to do so. A process can be killed by its parent, at any moment and in the middle of " +
		"anything. In return, the goroutine leaves everything in order, while all that is known about the process is " +
		"what it has sent.",
	Look: "Both count. Main tells the goroutine to stop, and it ends after its current number. Then main kills the " +
		"process: its output stops, and the listener learns that there will be no more.",
	Params: []Param{
		{Name: "counters", Help: "number of goroutines that count besides the process", Default: 1, Min: 1, Max: 1000},
	},
	Run: runTerminate,
})

func runTerminate(ctx context.Context, p Params) error {
	errEnough := errors.New("that is enough")
	const pause = 250 * time.Millisecond

	// The process sends its numbers through a pipe. When it is killed, the pipe's other end sees that it is closed.
	process, err := child(ctx, "count", p.Scale(pause).String())
	if err != nil {
		return err
	}
	out, err := process.StdoutPipe()
	if err == nil {
		err = process.Start()
	}
	if err != nil {
		return because(ctx, fmt.Errorf("cannot start a process: %w", err))
	}
	numbers, listening := lines("listener", out)
	trace.Name(numbers, "pipe")

	first, _ := numbers.GetContext(ctx)

	// The goroutines check their context before each number.
	work, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	last := make([]int, p.Int("counters"))
	counters := start(len(last), "counter", func(i int) {
		for work.Err() == nil {
			last[i]++
			trace.Log("%d", last[i])
			p.Pause(work, pause)
		}
		trace.Log("ends, because %v", context.Cause(work))
	})

	// Both count for a while. Then main has seen enough.
	p.Pause(ctx, 1900*time.Millisecond)
	stop(errEnough)
	counters.Join()
	p.Pause(ctx, 700*time.Millisecond)

	// A kill cannot be refused. Waiting for the process afterwards is what removes it altogether.
	_ = process.Process.Kill() // it may have been killed already, when ctx ended
	listening.Join()
	ended := process.Wait()
	said := first
	for line := range numbers.All() {
		said = line
	}
	trace.Log("the process: %v; its last number was %s", ended, said)

	if said == "" || ended == nil || process.ProcessState.Success() {
		return errors.Join(fmt.Errorf("the process was not killed, or said nothing: its last line was %q", said), ended)
	}
	return nil
}
