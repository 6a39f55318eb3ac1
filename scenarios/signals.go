package scenarios

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var _ = register(&Scenario{
	Name:     "signals",
	Title:    "A signal for another process, and an alarm",
	Category: CategoryProcesses,
	Programs: []int{34},
	Expect:   ExpectClean,
	Real:     true,
	Lesson: "A signal is a notification without content, from one process to another. The receiver decides what it " +
		"means, if it listens; otherwise the system does, and usually ends the process. Only an answer tells whether the " +
		"signal was heard. Not every system has signals: an error says so, and the program has to do without them.",
	Look: "The child reports that it is ready. Main sends it an interrupt and waits for its answer. Then a goroutine " +
		"waits for a while and sends an alarm; the child answers that too, and exits.",
	Params: []Param{
		{Name: "interrupts", Help: "number of interrupts, each sent after the answer to the one before", Default: 2, Min: 1, Max: 100},
	},
	Run: runSignals,
})

func runSignals(ctx context.Context, p Params) error {
	process, err := child(ctx, "listen", "")
	if err != nil {
		return err
	}
	in, err := process.StdinPipe()
	if err != nil {
		return fmt.Errorf("no pipe: %w", err)
	}
	out, err := process.StdoutPipe()
	if err == nil {
		err = process.Start()
	}
	if err != nil {
		return because(ctx, fmt.Errorf("cannot start a process: %w", err))
	}
	answers, listening := lines("listener", out)
	trace.Name(answers, "answers")

	// A signal sent before the child listens for it would kill it. A child that ends, or is killed because ctx ends,
	// closes the pipe; for one that says nothing there is a timeout.
	const patience = 20 * time.Second
	ready, err := answers.GetTimeout(patience)
	trace.Log("the child: %s", ready)

	// send sends a signal and waits until the child has said that it got it.
	send := func(s os.Signal) error {
		if err := process.Process.Signal(s); err != nil {
			trace.Log("%v: not delivered: %v", s, err) // which is an answer, too
			return nil
		}
		answer, err := answers.GetTimeout(patience)
		trace.Log("the child: %s", answer)
		if want := fmt.Sprintf("got %v", s); answer != want {
			return errors.Join(fmt.Errorf("sent %v, and the child said %q", s, answer), err)
		}
		return nil
	}
	errs := []error{err}
	for range p.Int("interrupts") {
		p.Pause(ctx, 1500*time.Millisecond/time.Duration(p.Int("interrupts")))
		errs = append(errs, send(os.Interrupt))
	}

	// An alarm is a signal that another goroutine sends when the time has come. Main could do other things meanwhile.
	alarm := sync2.Go("alarm", func() {
		p.Pause(ctx, 1500*time.Millisecond)
		errs = append(errs, send(syscall.SIGALRM))
	})
	alarm.Join()

	// The end of its input tells the child to exit.
	_ = in.Close()
	listening.Join()
	errs = append(errs, process.Wait())
	return errors.Join(errs...)
}
