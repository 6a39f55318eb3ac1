// Package exit has the exit codes of turnstile and the errors that carry them.
package exit

import (
	"errors"
	"fmt"
	"io"
	"syscall"
)

// The exit codes. They are part of the interface; [Help] documents them.
const (
	OK         = 0                               // the invariant held
	Failed     = 1                               // the invariant did not hold
	Usage      = 2                               // the command line is wrong
	Trouble    = 3                               // another error, such as a file that cannot be read
	Signaled   = 128                             // plus the number of the signal
	ClosedPipe = Signaled + int(syscall.SIGPIPE) // the reader closed the pipe
)

// Help describes the exit codes, for the help of commands.
const Help = `Exit codes:
  0    the invariant held
  1    the invariant did not hold
  2    usage error: no such command, scenario, flag or parameter, or a value out of range
  3    another error, such as a file that cannot be read or written
  66   the program was built with -race, and the race detector reported a data race; otherwise the code would be 0
  130  interrupted by Ctrl-C (128 plus the signal number, for other signals too)
  141  the reader closed the pipe (SIGPIPE)`

// ErrSaid is an error whose message has already been printed.
var ErrSaid = errors.New("")

// A codedError is an error that ends the program with a code.
type codedError struct {
	code int
	err  error
}

func (e *codedError) Error() string { return e.err.Error() }
func (e *codedError) Unwrap() error { return e.err }

// With returns an error that wraps err and ends the program with code. It returns nil if err is nil.
func With(code int, err error) error {
	if err == nil {
		return nil
	}
	return &codedError{code, err}
}

// Code returns the exit code for err. An error without a code means [Usage] if it occurred before the command began, and
// [Trouble] after that.
func Code(err error, begun bool) int {
	if s, ok := errors.AsType[*SignalError](err); ok {
		return s.Code()
	}
	if errors.Is(err, syscall.EPIPE) || errors.Is(err, io.ErrClosedPipe) {
		return ClosedPipe
	}
	if c, ok := errors.AsType[*codedError](err); ok {
		return c.code
	}
	if begun {
		return Trouble
	}
	return Usage
}

// A PanicError is a recovered panic, as an error or to be raised again in another goroutine.
type PanicError struct {
	Value any
	Stack []byte
}

func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v", e.Value) }

// A SignalError is the cause of the program's context when a signal ends the program.
type SignalError struct{ Signal syscall.Signal }

func (e *SignalError) Error() string { return "stopped: " + e.Signal.String() }

// Code returns the exit code for the signal, the one that a shell reports.
func (e *SignalError) Code() int { return Signaled + int(e.Signal) }
