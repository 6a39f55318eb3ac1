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
	Title:    "Two that would count forever are ended",
	Category: CategoryProcesses,
	Programs: []int{87, 101},
	Expect:   ExpectClean,
	Real:     true,
	Lesson: "A goroutine cannot be killed: it ends when it returns, so it has to listen to something, a context or " +
		"an Event, and does so where it likes. A process can be killed by whoever started it, at any moment and in " +
		"the middle of anything. For that the one leaves everything in order, and of the other only what it has " +
		"sent is known.",
	Look: "Both count. Main tells the goroutine to end, and it ends after its number. Then main kills the process: " +
		"its output stops, and the listener learns that there will be no more.",
	Params: []Param{
		{Name: "counters", Help: "how many goroutines count beside the process", Default: 1, Min: 1, Max: 1000},
	},
	Run: runTerminate,
})

func runTerminate(ctx context.Context, p Params) error {
	errEnough := errors.New("that is enough")
	const pause = 250 * time.Millisecond

	// The process tells its numbers through a pipe. That it was killed shows at the other end of the pipe.
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

	// The goroutines look at their context before each number.
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

	// A kill cannot be refused. To wait for the process afterwards is what makes it go away altogether.
	_ = process.Process.Kill() // it may have been, by the end of ctx
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
