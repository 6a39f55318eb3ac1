package screen

import (
	"bytes"
	"context"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/console"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/exit"
	"github.com/turnstile-go/turnstile/sync2"
)

// endSignals are the signals that end the program.
var endSignals = []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT}

// patience is how long the program may take to end by itself after a signal.
const patience = time.Second

// A left is an operation that takes longer than that to end.
type left struct {
	patience time.Duration
	clean    func() // called if the operation is abandoned nevertheless
}

// UntilSignal calls run and returns its exit code. The context of run ends at the first signal, such as SIGINT or SIGTERM.
// If run does not return within a second, or if there is a second signal, UntilSignal abandons it and returns the exit code for
// the signal. It restores the terminal first in every case, including a panic of run. After a SIGQUIT it prints which
// goroutines wait in package sync2, and all stacks.
func (s *Screen) UntilSignal(run func(ctx context.Context) int) int {
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	signals := make(chan os.Signal, 1)
	for _, end := range endSignals {
		if !signal.Ignored(end) { // a signal that nohup ignores stays ignored
			signal.Notify(signals, end)
		}
	}
	// With this, writing to a closed pipe returns an error instead of ending the program. The signal is not ignored,
	// because child processes would inherit that.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)

	done := make(chan int, 1)
	go func() {
		defer func() {
			if r := recover(); r != nil {
				p, ok := r.(*exit.PanicError)
				if !ok {
					p = &exit.PanicError{Value: r, Stack: debug.Stack()}
				}
				s.giveBack()
				console.Complain(os.Stderr, p.Error())
				_, _ = os.Stderr.Write(p.Stack)
				done <- exit.Trouble
			}
		}()
		done <- run(ctx)
	}()
	var stop *exit.SignalError
	select {
	case code := <-done:
		return code
	case got := <-signals:
		stop = &exit.SignalError{Signal: got.(syscall.Signal)} // all of them are
	}
	var stacks []byte
	if stop.Signal == syscall.SIGQUIT {
		stacks = append(whoWaits(), allStacks()...)
	}
	cancel(stop)
	code, ended := stop.Code(), false
	select {
	case code = <-done:
		ended = true
	case <-signals:
	case <-time.After(s.patience()):
	}
	signal.Reset(endSignals...) // in case what follows blocks
	if !ended {
		s.giveBack()
		if left := s.left.Load(); left != nil {
			left.clean()
		}
		console.Complain(os.Stderr, stop.Error())
	}
	_, _ = os.Stderr.Write(stacks)
	return code
}

// whoWaits describes the goroutines that wait in package sync2, followed by an empty line. It returns nothing if there are
// none.
func whoWaits() []byte {
	var b bytes.Buffer
	if _ = sync2.WriteWaits(&b); b.Len() > 0 { // a Buffer has no errors
		b.WriteByte('\n')
	}
	return b.Bytes()
}

// allStacks returns the stacks of all goroutines.
func allStacks() []byte {
	for size := 1 << 16; ; size *= 2 {
		buf := make([]byte, size)
		if n := runtime.Stack(buf, true); n < size || size >= 1<<26 {
			return buf[:n]
		}
	}
}
