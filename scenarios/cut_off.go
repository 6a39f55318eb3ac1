package scenarios

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var _ = register(&Scenario{
	Name:     "cut-off",
	Title:    "A program whose end cuts a goroutine off",
	Category: CategoryProcesses,
	Programs: []int{41},
	Expect:   ExpectClean,
	Real:     true,
	Lesson: "A Go program ends when main returns, whatever its goroutines are doing: they are cut off in the middle, " +
		"with no deferred call, no last line, nothing flushed. Every goroutine is a daemon in that sense. A " +
		"goroutine whose work must be finished has to be joined before main returns.",
	Look: "Two child processes run the same goroutine. The first does not join it: its output stops at the " +
		"beginning. The second does, and the last line comes too.",
	Run: runCutOff,
})

var (
	_ = childProgram("cut-off", func(arg string) { childDaemon(arg, false) })
	_ = childProgram("joined", func(arg string) { childDaemon(arg, true) })
)

// childDaemon starts a goroutine that takes longer than main does, and may join it.
func childDaemon(arg string, joins bool) {
	pause, _ := time.ParseDuration(arg)
	_, _ = fmt.Println("main: begins")
	began := make(chan struct{})
	daemon := sync2.Go("daemon", func() {
		_, _ = fmt.Println("daemon: begins")
		close(began)
		<-time.After(max(pause, 100*time.Millisecond))
		_, _ = fmt.Println("daemon: has put everything in order")
	})
	<-began
	if joins {
		daemon.Join()
	}
	_, _ = fmt.Println("main: ends")
}

func runCutOff(ctx context.Context, p Params) error {
	var errs []error
	for _, act := range []struct {
		program string
		want    []string
	}{
		{"cut-off", []string{"main: begins", "daemon: begins", "main: ends"}},
		{"joined", []string{"main: begins", "daemon: begins", "daemon: has put everything in order", "main: ends"}},
	} {
		p.Pause(ctx, 600*time.Millisecond)
		process, err := child(ctx, act.program, p.Scale(time.Second).String())
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
		heard, listening := lines(act.program, out)
		trace.Name(heard, act.program+"-says")
		var said []string
		for line := range heard.All() {
			trace.Log("%s", line)
			said = append(said, line)
			p.Pause(ctx, 200*time.Millisecond)
		}
		listening.Join()
		errs = append(errs, process.Wait())
		if !slices.Equal(said, act.want) {
			errs = append(errs, fmt.Errorf("the process %s said %q, want %q", act.program, said, act.want))
		}
	}
	return errors.Join(errs...)
}
