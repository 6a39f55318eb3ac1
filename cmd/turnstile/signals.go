package main

import (
	"bytes"
	"context"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
)

// endSignals are the signals that end the program.
var endSignals = []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT}

// patience is how long the program may take to end by itself after a signal.
const patience = time.Second

// What is left is what takes longer than that to come to its end.
type left struct {
	patience time.Duration
	clean    func() // what must be done if it is abandoned all the same
}

// A signalError is the cause with which the program's context ends when a signal ends the program.
type signalError struct{ signal syscall.Signal }

func (e *signalError) Error() string { return "stopped: " + e.signal.String() }

// code returns the exit code for the signal, that of a shell.
func (e *signalError) code() int { return signaled + int(e.signal) }

// untilSignal calls run with a context that ends at the first signal that ends programs, and returns its exit code. If
// run has not returned a moment after the first signal, or at the second, it is abandoned. However it ends, also by a
// panic of run, the terminal is given back first. A SIGQUIT prints who waits in package sync2 and
// the stacks of all goroutines after that.
func untilSignal(s *screen, run func(ctx context.Context) int) int {
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	signals := make(chan os.Signal, 1)
	for _, end := range endSignals {
		if !signal.Ignored(end) { // as by nohup: it stays ignored
			signal.Notify(signals, end)
		}
	}
	// With this, writing to a pipe that nobody reads anymore is an error like others instead of the end. The signal
	// is not ignored altogether, since child processes would inherit that.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)

	done := make(chan int, 1)
	go func() {
		defer func() {
			if r := recover(); r != nil {
				p, ok := r.(*panicError)
				if !ok {
					p = &panicError{r, debug.Stack()}
				}
				s.giveBack()
				complain(os.Stderr, p.Error())
				_, _ = os.Stderr.Write(p.stack)
				done <- trouble
			}
		}()
		done <- run(ctx)
	}()
	var stop *signalError
	select {
	case code := <-done:
		return code
	case got := <-signals:
		stop = &signalError{got.(syscall.Signal)} // all of them are
	}
	var stacks []byte
	if stop.signal == syscall.SIGQUIT {
		stacks = append(whoWaits(), allStacks()...)
	}
	cancel(stop)
	code, ended := stop.code(), false
	select {
	case code = <-done:
		ended = true
	case <-signals:
	case <-time.After(s.patience()):
	}
	signal.Reset(endSignals...) // should even this not come to an end
	if !ended {
		s.giveBack()
		if left := s.left.Load(); left != nil {
			left.clean()
		}
		complain(os.Stderr, stop.Error())
	}
	_, _ = os.Stderr.Write(stacks)
	return code
}

// whoWaits returns what is known of who waits in package sync2, with an empty line behind it; nothing if nobody does.
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
