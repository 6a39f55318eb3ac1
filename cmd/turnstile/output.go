package main

import (
	"io"
	"os"
	"sync"
)

// A stickyWriter is the output of a command. Code that prints need not check errors: the first is kept, and becomes the
// program's. After that nothing more is written.
type stickyWriter struct {
	w io.Writer

	mu     sync.Mutex
	err    error
	failed func(error) // called with the error, nil if nobody cares
}

// Write writes to the underlying writer.
func (o *stickyWriter) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err != nil {
		return 0, o.err
	}
	n, err := o.w.Write(b)
	if o.err = err; err != nil && o.failed != nil {
		o.failed(err)
	}
	return n, err // it stands for the writer
}

// onFailure makes the first error that comes from now on call f, which must not write.
func (o *stickyWriter) onFailure(f func(error)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.failed = f
}

// failure returns why something could not be written, nil if all was.
func (o *stickyWriter) failure() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.err
}

// A closedOutput stands for a standard output that was closed before the program began.
type closedOutput struct{}

// Write returns an error.
func (closedOutput) Write([]byte) (int, error) { return 0, errClosedOutput }

// standardOutput returns the standard output.
func standardOutput() io.Writer {
	if outputWasClosed() {
		return closedOutput{}
	}
	return os.Stdout
}
