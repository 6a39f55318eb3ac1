package process

import (
	"context"
	"io"
	"os"
	"sync"
)

// A Death is what happens to an [Executor] when one of its workers dies. See [OnDeath].
type Death uint8

// The values of Death.
const (
	Break   Death = iota // the executor is broken
	Respawn              // the running task fails with an ExitError, and a new worker replaces the one that died
)

type options struct {
	name           string
	death          Death
	maxTasks       int
	stdout, stderr io.Writer
	writing        sync.Mutex // held while what the workers write is passed on
	format         format
	ctx            context.Context
	init           func(c *child, head []byte) error
	initName       string
	initErr        error
}

// An Option configures an [Executor]: see [NewExecutor].
type Option func(*options)

// WithName names the workers prefix-1, prefix-2 and so on. The default prefix is "worker".
func WithName(prefix string) Option { return func(o *options) { o.name = prefix } }

// WithInitializer makes each worker call fn with in once, before its first task, to prepare what all tasks in that
// process use, such as package variables and connections. If fn fails, panics or ends the process, the executor is
// broken.
func WithInitializer[In, Out any](fn Func[In, Out], in In) Option {
	fn.check("WithInitializer")
	return func(o *options) {
		o.initName, o.initErr = fn.f.name, fn.f.in.err
		o.init = func(c *child, head []byte) error {
			return sendValue(c.conn, &c.enc, &fn.f.in, kindSetup, 0, 0, head, &in)
		}
	}
}

// WithContext gives the contexts of all tasks the deadline of ctx. When ctx ends, the executor is canceled with the
// cause of ctx, as by [Executor.Cancel]. WithContext panics if ctx is nil.
func WithContext(ctx context.Context) Option {
	if ctx == nil {
		misuse("WithContext", "the context is nil")
	}
	return func(o *options) { o.ctx = ctx }
}

// OnDeath sets what happens to the executor when one of its workers dies: [Break], the default, or [Respawn]. A task
// that has started is not run again.
func OnDeath(d Death) Option {
	if d > Respawn {
		misuse("OnDeath", "%d is neither Break nor Respawn", d)
	}
	return func(o *options) { o.death = d }
}

// MaxTasks makes the executor replace each worker after it has run n tasks, so that leaks of tasks do not accumulate.
// MaxTasks panics if n is less than 1.
func MaxTasks(n int) Option {
	if n < 1 {
		misuse("MaxTasks", "%d; must be at least 1", n)
	}
	return func(o *options) { o.maxTasks = n }
}

// WithStderr redirects the standard error of the workers to w instead of the standard error of this process. Calls of
// w.Write do not overlap, and a worker waits while its output is written. A nil w discards the output.
func WithStderr(w io.Writer) Option { return func(o *options) { o.stderr = o.shared(w) } }

// WithStdout redirects the standard output of the workers to w, as [WithStderr] does for standard error.
func WithStdout(w io.Writer) Option { return func(o *options) { o.stdout = o.shared(w) } }

// shared returns a writer for the output of several workers.
func (o *options) shared(w io.Writer) io.Writer {
	switch w.(type) {
	case nil, *os.File:
		return w
	}
	return &lockedWriter{&o.writing, w}
}

// A lockedWriter writes with a mutex held.
type lockedWriter struct {
	mu *sync.Mutex
	w  io.Writer
}

func (w *lockedWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.w.Write(p)
}

// WithGob encodes arguments and results by encoding/gob. This is the default.
func WithGob() Option { return func(o *options) { o.format = formatGob } }

// WithJSON encodes arguments and results by encoding/json, which honors its struct tags and methods. Numbers, strings
// and slices of numbers are still passed directly.
func WithJSON() Option { return func(o *options) { o.format = formatJSON } }
