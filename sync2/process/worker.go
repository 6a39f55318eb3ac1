package process

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/gob"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"sync"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A setup is the head of the first message to a worker.
type setup struct {
	Name   string
	Format format
	Init   string // the name of the initializer, "" if there is none
	Single bool   // it runs one task and exits
	Traced uint64 // the session of the parent's trace, 0 if none is running
}

// A worker is the state of a process that this package started.
type worker struct {
	name  string
	conn  *conn
	enc   encoder
	dec   decoder
	tasks chan *message // closed when there will be no more
	setup chan *message

	replied bool // to the running task, or none is running; belongs to the goroutine that runs the tasks

	mu      sync.Mutex // guards what follows
	running uint32     // the id of the running task
	cancel  context.CancelCauseFunc
	early   struct { // a task that was canceled before it began
		id    uint32
		cause error
	}

	single bool
	tracer *tracer
	asking asking
}

// me is this process's worker, nil if it is none.
var me *worker

// work runs the worker. It does not return.
func work(boot string) {
	l, err := openLink(boot)
	if err != nil {
		fmt.Fprintln(os.Stderr, "process: the connection to the parent:", err)
		os.Exit(exitFailure)
	}
	w := &worker{conn: newConn(l), tasks: make(chan *message, 1), setup: make(chan *message, 1)}
	me = w
	if err := w.conn.send(kindHello, 0, 0, nil, nil); err != nil {
		os.Exit(exitFailure)
	}
	go w.receive()
	w.begin(<-w.setup)
	select {}
}

// exitFailure is the exit status of a worker that cannot go on, or whose only task failed.
const exitFailure = 1

// exitPanic is the exit status of a process whose only task panicked, the same as that of any Go program.
const exitPanic = 2

// receive reads the parent's messages. When the connection ends, the parent has died, and the worker exits.
func (w *worker) receive() {
	for {
		m, err := w.conn.receive()
		if err != nil {
			dieWithParent()
		}
		switch m.kind {
		case kindSetup:
			w.setup <- m
		case kindTask:
			w.tasks <- m
		case kindCancel:
			w.cancelTask(m.id, decodeError(m, "", os.Getppid(), nil))
		case kindOpReply:
			w.asking.answered(m)
		case kindBye:
			close(w.tasks)
		default: // it is a message to a parent
		}
	}
}

// begin runs the initializer, and starts the goroutine that runs the tasks.
func (w *worker) begin(m *message) {
	var s setup
	if err := gob.NewDecoder(bytes.NewReader(m.head)).Decode(&s); err != nil {
		fmt.Fprintln(os.Stderr, "process: the parent's first message:", err)
		os.Exit(exitFailure)
	}
	w.name, w.enc.format, w.dec.format, w.single = s.Name, s.Format, s.Format, s.Single
	current.name = s.Name
	w.tracer = newTracer(w.conn)
	if s.Init != "" {
		if err := w.greet(&s, m); err != nil {
			_ = w.conn.send(kindReady, flagError, 0, nil, encodeError(context.Background(), err))
			return // the parent will end this process
		}
	}
	_ = w.conn.send(kindReady, 0, 0, nil, nil)
	sync2.Go(s.Name, w.run)
}

// greet runs the initializer.
func (w *worker) greet(s *setup, m *message) (err error) {
	f := registered(s.Init)
	if f == nil {
		return fmt.Errorf("process: the initializer %q is not registered in %s", s.Init, w.name)
	}
	ended := make(chan error, 1)
	sync2.Go(w.name, func() {
		err, returned := error(nil), false
		defer func() {
			if !returned {
				err = died(recover())
			}
			ended <- err
		}()
		w.tracer.set(s.Traced) // here, so that the trace begins with this goroutine
		err = f.greet(w, context.Background(), m)
		returned = true
	})
	return <-ended
}

func registered(name string) *function {
	registry.Lock()
	defer registry.Unlock()
	return registry.functions[name]
}

// run runs the tasks in turn. If a task ends the goroutine, run starts another one in its place.
func (w *worker) run() {
	returned := false
	var id uint32
	defer func() {
		if returned {
			return
		}
		if !w.replied { // a method of the task's error ended the goroutine, not the task
			w.replied = true
			_ = w.conn.send(kindReply, flagError|w.renew(), id, nil, encodeError(context.Background(), errGoexit))
		}
		sync2.Go(w.name, w.run)
	}()
	for m := range w.tasks {
		id, w.replied = m.id, false
		w.runTask(m)
		w.replied = true
		if w.single {
			break
		}
	}
	returned = true
	w.exit()
}

func (w *worker) exit() {
	w.flushTrace()
	os.Exit(0)
}

// A taskHead describes a task, besides its input.
type taskHead struct {
	traced   uint64 // the session of the parent's trace, 0 if none is running
	deadline int64  // in nanoseconds since 1970, 0 if there is none
	name     string
}

func (h *taskHead) encode() []byte {
	b := make([]byte, 0, 16+len(h.name))
	b = binary.LittleEndian.AppendUint64(b, h.traced)
	b = binary.LittleEndian.AppendUint64(b, uint64(h.deadline))
	return append(b, h.name...)
}

func (h *taskHead) decode(b []byte) {
	h.traced, h.deadline = binary.LittleEndian.Uint64(b), int64(binary.LittleEndian.Uint64(b[8:]))
	h.name = string(b[16:])
}

func (w *worker) runTask(m *message) {
	var h taskHead
	h.decode(m.head)
	w.tracer.set(h.traced)
	if m.flags&flagRenew != 0 {
		w.enc.gob = nil
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	if h.deadline != 0 {
		var stop context.CancelFunc
		ctx, stop = context.WithDeadline(ctx, time.Unix(0, h.deadline))
		defer stop()
	}
	defer cancel(nil)
	w.setTask(m.id, cancel)
	defer w.setTask(0, nil)
	defer sync2.ReleaseLocals()
	trace.Log("runs %s", h.name)
	if f := registered(h.name); f != nil {
		f.run(w, ctx, m, m.id)
		return
	}
	w.fail(ctx, m.id, fmt.Errorf("process: the function %q is not registered in %s", h.name, w.name))
}

func (w *worker) setTask(id uint32, cancel context.CancelCauseFunc) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.running, w.cancel = id, cancel
	if id != 0 && w.early.id == id {
		cancel(w.early.cause)
	}
}

// cancelTask ends the context of a task that is running or will be soon.
func (w *worker) cancelTask(id uint32, cause error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.running == id {
		w.cancel(cause)
		return
	}
	w.early.id, w.early.cause = id, cause
}

// renew returns the flag that asks the parent to begin a new encoder, or 0 if that is not needed.
func (w *worker) renew() uint8 { return w.dec.renew() }

// fail reports to the parent that a task failed.
func (w *worker) fail(ctx context.Context, id uint32, err error) {
	w.flushTrace()
	body := encodeError(ctx, err)
	w.replied = true
	_ = w.conn.send(kindReply, flagError|w.renew(), id, nil, body)
	if !w.single {
		return
	}
	if p, ok := errors.AsType[*sync2.PanicError](err); ok {
		fmt.Fprintf(os.Stderr, "panic: %v\n\n%s", p.Value, p.Stack)
		os.Exit(exitPanic)
	}
	fmt.Fprintf(os.Stderr, "%s: %v\n", w.name, err)
	os.Exit(exitFailure)
}

// errGoexit is the error of a task that called runtime.Goexit.
var errGoexit = errors.New("process: the task called runtime.Goexit")

// died returns the error of a function that did not return. r is the result of recover.
func died(r any) error {
	if r == nil {
		return errGoexit
	}
	return &sync2.PanicError{Value: r, Stack: debug.Stack()}
}
