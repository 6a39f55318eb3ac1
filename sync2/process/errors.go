package process

import (
	"bytes"
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"sync"
	"syscall"

	"github.com/turnstile-go/turnstile/sync2"
)

// An ExitError reports that a process ended abnormally, and how.
type ExitError struct {
	Name string // of the process
	Pid  int
	// Code is the exit status, or, if a signal ended the process, the negated number of that signal.
	Code int
	// Status is the operating system's description, such as "signal: killed" or "exit status 3".
	Status string
}

// Error returns text such as "process: worker-1 (pid 4711) died: signal: killed".
func (e *ExitError) Error() string {
	return fmt.Sprintf("process: %s (pid %d) died: %s", e.Name, e.Pid, e.Status)
}

// Signal returns the signal that ended the process, 0 if none did.
func (e *ExitError) Signal() syscall.Signal { return syscall.Signal(max(0, -e.Code)) }

// A RemoteError is an error returned by a function in another process, with the same text. It matches (by errors.Is)
// the errors that are known in both processes: see [RegisterError].
type RemoteError struct {
	Name string // of the process
	Pid  int
	Text string // what Error returned
	Type string // of the error, such as "*fs.PathError"

	matches []error
}

// Error returns the text of the error in the other process.
func (e *RemoteError) Error() string { return e.Text }

// Unwrap returns the errors that e matches.
func (e *RemoteError) Unwrap() []error { return e.matches }

// sentinels are errors that are known by name in every process.
var sentinels = struct {
	sync.RWMutex
	names  []string
	byName map[string]error
}{byName: make(map[string]error)}

// RegisterError registers err, so that an error that matches it (by errors.Is) in another process also matches it in
// this one. Like [Register] it is called at package level, with a unique name. It returns err.
//
//	var ErrNoStock = process.RegisterError("no stock", errors.New("shop: no stock"))
//
// The errors of packages context, io, io/fs and sync2, errors of the operating system (syscall.Errno) and errors whose
// type is registered with gob.Register need not be registered. RegisterError panics if the name is taken.
func RegisterError(name string, err error) error {
	sentinels.Lock()
	defer sentinels.Unlock()
	switch {
	case err == nil:
		misuse("RegisterError", "the error is nil")
	case sentinels.byName[name] != nil:
		misuse("RegisterError", "the name %q is taken", name)
	}
	sentinels.names = append(sentinels.names, name)
	sentinels.byName[name] = err
	return err
}

func init() {
	for _, err := range []error{
		context.Canceled, context.DeadlineExceeded, io.EOF, io.ErrUnexpectedEOF, io.ErrClosedPipe, io.ErrShortWrite,
		fs.ErrNotExist, fs.ErrExist, fs.ErrPermission, fs.ErrClosed, fs.ErrInvalid, os.ErrDeadlineExceeded, errors.ErrUnsupported,
		sync2.ErrBroken, sync2.ErrAborted, sync2.ErrReset, sync2.ErrTooMany, sync2.ErrClosed, sync2.ErrCanceled, sync2.ErrShutdown,
		ErrHolderDied,
	} {
		_ = RegisterError(err.Error(), err)
	}
}

// A wireError is an error as it is sent.
type wireError struct {
	Text    string
	Type    string
	Matches []string // names of the errors that it matches
	Errno   int      // of the operating system, 0 if it wraps none
	Exit    *ExitError
	Value   []byte // the error itself, if gob knows its type
	Cause   bool   // it matches the cause with which the context of the task ended

	Panic    bool // the rest is of a panic
	IsError  bool // its value was an error, which is the one above
	Number   int64
	IsNumber bool // its value was an int
	Stack    []byte
}

// describe returns err in the form in which it is sent. ctx is the context of the task, nil if there is none.
func describe(ctx context.Context, err error) (w *wireError) {
	w = &wireError{Text: fmt.Sprint(err), Type: fmt.Sprintf("%T", err)}
	defer func() { _ = recover() }()          // a method of err has panicked: w has what is known so far
	if p, ok := err.(*sync2.PanicError); ok { //nolint:errorlint // one that is wrapped came from elsewhere, and is an error like any other
		return describePanic(ctx, p)
	}
	sentinels.RLock()
	names := slices.Clone(sentinels.names)
	sentinels.RUnlock()
	for _, name := range names {
		if errors.Is(err, sentinelNamed(name)) {
			w.Matches = append(w.Matches, name)
		}
	}
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		w.Errno = int(errno)
	}
	w.Exit, _ = errors.AsType[*ExitError](err)
	if ctx.Err() != nil {
		w.Cause = errors.Is(err, context.Cause(ctx)) || errors.Is(err, ctx.Err())
	}
	var b bytes.Buffer
	if (&encoder{gob: gob.NewEncoder(&b)}).encode(&b, &box[error]{err}) == nil {
		w.Value = b.Bytes()
	}
	return w
}

func sentinelNamed(name string) error {
	sentinels.RLock()
	defer sentinels.RUnlock()
	return sentinels.byName[name]
}

func describePanic(ctx context.Context, p *sync2.PanicError) *wireError {
	w := new(wireError)
	switch v := p.Value.(type) {
	case error:
		w = describe(ctx, v)
		w.IsError = true
	case int:
		w.Number, w.IsNumber = int64(v), true
	default:
		w.Text = fmt.Sprint(v)
	}
	w.Panic, w.Stack = true, p.Stack
	return w
}

// error returns the error that w describes, of the process called name. cause is the cause of the context in this process,
// nil if the context has not ended.
func (w *wireError) error(name string, pid int, cause error) error {
	err := w.plain(name, pid, cause)
	switch {
	case !w.Panic:
		return err
	case w.IsError:
		return &sync2.PanicError{Value: err, Stack: w.Stack}
	case w.IsNumber:
		return &sync2.PanicError{Value: int(w.Number), Stack: w.Stack}
	}
	return &sync2.PanicError{Value: w.Text, Stack: w.Stack}
}

func (w *wireError) plain(name string, pid int, cause error) error {
	var v box[error]
	if len(w.Value) > 0 {
		if m := (&message{body: w.Value}); (&decoder{gob: gob.NewDecoder(m)}).decode(m, &v) == nil && v.V != nil {
			return v.V
		}
	}
	e := &RemoteError{Name: name, Pid: pid, Text: w.Text, Type: w.Type}
	if w.Cause && cause != nil {
		e.matches = append(e.matches, cause)
	}
	for _, name := range w.Matches {
		if err := sentinelNamed(name); err != nil {
			e.matches = append(e.matches, err)
		}
	}
	if w.Exit != nil {
		e.matches = append(e.matches, w.Exit)
	}
	if w.Errno != 0 {
		e.matches = append(e.matches, syscall.Errno(w.Errno))
	}
	return e
}

// encodeError returns err as bytes.
func encodeError(ctx context.Context, err error) []byte {
	var b bytes.Buffer
	if gob.NewEncoder(&b).Encode(describe(ctx, err)) != nil {
		return nil
	}
	return b.Bytes()
}

// decodeError returns the error that was encoded in a message.
func decodeError(m *message, name string, pid int, cause error) error {
	var w wireError
	if err := gob.NewDecoder(m).Decode(&w); err != nil {
		return fmt.Errorf("process: an error of %s (pid %d) could not be read: %w", name, pid, err)
	}
	return w.error(name, pid, cause)
}

// misuse panics with a UsageError.
func misuse(op, format string, args ...any) {
	panic(&sync2.UsageError{Op: "process." + op, Reason: fmt.Sprintf(format, args...)})
}

// ErrHolderDied is matched by the error that the next holder of a [Mutex], or of a permit of a [Semaphore], gets if the
// previous holder's process died. The lock or permit is acquired nevertheless: the error warns that the protected state
// may be inconsistent.
var ErrHolderDied = errors.New("process: the process that held it died")
