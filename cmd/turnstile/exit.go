package main

import (
	"errors"
	"fmt"
	"io"
	"syscall"
)

// The exit codes. They are part of the interface; exitHelp documents them.
const (
	held       = 0   // all was well: the invariant held
	failed     = 1   // the invariant did not hold: something was found
	usage      = 2   // the command line cannot be understood
	trouble    = 3   // something else went wrong: a file, the terminal
	signaled   = 128 // plus the number of the signal
	closedPipe = signaled + int(syscall.SIGPIPE)
)

const exitHelp = `Exit codes:
  0    the invariant held
  1    the invariant did not hold
  2    usage error: no such command, scenario, flag or parameter, or a value out of range
  3    another error, such as a file that cannot be read or written
  66   the program was built with -race, and the race detector reported a data race; otherwise the code would be 0
  130  interrupted by Ctrl-C (128 plus the signal number, for other signals too)
  141  the reader closed the pipe (SIGPIPE)`

var errClosedOutput = errors.New("the standard output is closed")

// A codedError is an error that ends the program with a code.
type codedError struct {
	code int
	err  error
}

func (e *codedError) Error() string { return e.err.Error() }
func (e *codedError) Unwrap() error { return e.err }

// coded returns err as an error that ends the program with code; nil for nil.
func coded(code int, err error) error {
	if err == nil {
		return nil
	}
	return &codedError{code, err}
}

// exitCode returns the code for err. An error without one is about the command line if it came before the command had
// begun.
func exitCode(err error, begun bool) int {
	if s, ok := errors.AsType[*signalError](err); ok {
		return s.code()
	}
	if errors.Is(err, syscall.EPIPE) || errors.Is(err, io.ErrClosedPipe) {
		return closedPipe
	}
	if c, ok := errors.AsType[*codedError](err); ok {
		return c.code
	}
	if begun {
		return trouble
	}
	return usage
}

// A panicError is a panic as an error, or one that has been recovered and goes on in another goroutine.
type panicError struct {
	value any
	stack []byte
}

func (e *panicError) Error() string { return fmt.Sprintf("panic: %v", e.value) }
