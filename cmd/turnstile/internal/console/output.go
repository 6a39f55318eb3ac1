package console

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/turnstile-go/turnstile/internal/safetext"
)

// Complain writes an error or a warning to w. It cleans text, which may contain parts of the command line, of files or of
// the output of other programs.
func Complain(w io.Writer, text string) {
	_, _ = fmt.Fprintln(w, "turnstile: "+safetext.Lines(text))
}

// A Writer is the output of a command. Code that prints need not check errors: the writer keeps the first one, which
// [Writer.Failure] returns, and writes nothing after it.
type Writer struct {
	W io.Writer

	mu     sync.Mutex
	err    error
	failed func(error) // called with the first error; may be nil
}

// Write writes to the underlying writer.
func (o *Writer) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err != nil {
		return 0, o.err
	}
	n, err := o.W.Write(b)
	if o.err = err; err != nil && o.failed != nil {
		o.failed(err)
	}
	return n, err // it stands for the writer
}

// OnFailure makes the writer call f with the first error from now on. f must not write.
func (o *Writer) OnFailure(f func(error)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.failed = f
}

// Failure returns the first error of a Write, nil if there was none.
func (o *Writer) Failure() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.err
}

var errClosedOutput = errors.New("the standard output is closed")

// A WriterFunc is a function as a writer.
type WriterFunc func([]byte) (int, error)

// Write calls f.
func (f WriterFunc) Write(b []byte) (int, error) { return f(b) }

// A closedOutput takes the place of a standard output that was closed before the program began.
type closedOutput struct{}

// Write returns an error.
func (closedOutput) Write([]byte) (int, error) { return 0, errClosedOutput }

// Stdout returns the standard output. Writing to it fails if it was closed when the program began.
func Stdout() io.Writer {
	if outputWasClosed() {
		return closedOutput{}
	}
	return os.Stdout
}
