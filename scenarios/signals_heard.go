package scenarios

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var _ = register(&Scenario{
	Name:     "signals-heard",
	Title:    "Which goroutine hears a signal",
	Category: CategoryProcesses,
	Programs: []int{35, 36, 37},
	Expect:   ExpectClean,
	Real:     true,
	Lesson: "In Python only the main thread handles signals, and a thread that waits for one may never hear it. In Go " +
		"a signal goes to no particular goroutine: signal.Notify copies it into every channel registered for its kind, " +
		"so any goroutine can wait for it, several can hear the same one, and different kinds can be told apart. A " +
		"signal does not interrupt a sleep; a goroutine that wants that waits for both. A kind that nobody registered " +
		"for has its usual effect: most kinds end the process.",
	Look: "The child has two goroutines that listen. Both hear the interrupt, one of them hears the alarm, which a " +
		"timer of the parent sends, and cuts its sleep short because it waits for both. Then the child exits.",
	Run: runSignalsHeard,
})

var _ = childProgram("hear", childHear)

// childHear has two goroutines that listen for signals, one of them while it sleeps.
func childHear(string) {
	// Each has a channel of its own for the signals it wants. A signal that arrives while a channel is full is lost.
	first, second := make(chan os.Signal, 4), make(chan os.Signal, 4)
	signal.Notify(first, os.Interrupt)
	signal.Notify(second, os.Interrupt, syscall.SIGALRM)

	says := sync2.NewQueue[string](0)
	listener := sync2.Go("listener", func() {
		_ = says.Put(fmt.Sprint("listener: ", <-first))
	})
	sleeper := sync2.Go("sleeper", func() {
		for range 2 {
			select { // a sleep that a signal can end
			case s := <-second:
				_ = says.Put(fmt.Sprint("sleeper: ", s))
			case <-time.After(time.Minute):
				_ = says.Put("sleeper: overslept")
			}
		}
	})
	sync2.Go("closer", func() {
		listener.Join()
		sleeper.Join()
		says.Close()
	})
	_, _ = fmt.Println("ready")
	// On a system without signals nobody will ever hear one. The end of the input ends the wait.
	go func() {
		bufio.NewScanner(os.Stdin).Scan()
		says.Close()
	}()
	for line := range says.All() {
		_, _ = fmt.Println(line)
	}
}

func runSignalsHeard(ctx context.Context, p Params) error {
	process, err := child(ctx, "hear", "")
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
	answers, listening := lines("parent-listens", out)
	trace.Name(answers, "child-says")

	// A child that ends, or is killed because ctx ends, closes the pipe; for one that says nothing there is a timeout.
	const patience = 20 * time.Second
	var heard []string
	hear := func(n int) {
		for range n {
			line, err := answers.GetTimeout(patience)
			if err != nil {
				return
			}
			trace.Log("%s", line)
			heard = append(heard, line)
		}
	}
	hear(1) // ready; a signal sent before the child listens would end it

	// An interrupt: both goroutines of the child hear it.
	p.Pause(ctx, 900*time.Millisecond)
	sent := process.Process.Signal(os.Interrupt) == nil
	if sent {
		hear(2)
	} else {
		trace.Log("this system has no signals to send")
	}

	// An alarm, from a goroutine of the parent that has nothing else to do: only one of the child's waits for it.
	if sent {
		alarm := sync2.Go("alarm", func() {
			p.Pause(ctx, 1500*time.Millisecond)
			_ = process.Process.Signal(syscall.SIGALRM) // what it does is seen in what the child says
		})
		hear(1)
		alarm.Join()
	}
	p.Pause(ctx, 500*time.Millisecond)
	_ = in.Close()
	listening.Join()
	ended := process.Wait()

	slices.Sort(heard)
	want := []string{"listener: interrupt", "ready", "sleeper: alarm clock", "sleeper: interrupt"}
	if !sent {
		want = []string{"ready"}
	}
	if !slices.Equal(heard, want) {
		return errors.Join(fmt.Errorf("the child said %q, want %q", strings.Join(heard, ", "), want), ended)
	}
	return ended
}
