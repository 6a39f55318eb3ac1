package process

import (
	"bytes"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/turnstile-go/turnstile/sync2/internal/hook"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// handshakeTime is the maximum time until a worker calls Main. Tests change it.
var handshakeTime = 30 * time.Second

// grace is the maximum time for a worker to exit after it was asked to, and for reading what it has left behind.
const grace = 5 * time.Second

// drain is the maximum time for reading what a process sent before it ended.
const drain = time.Second

// A child is the parent's side of a worker.
type child struct {
	name    string
	pid     int
	process *os.Process
	reaped  func() // called when the process has ended
	conn    *conn
	enc     encoder
	dec     decoder
	outputs []*os.File // the ends of pipes that are copied to writers
	copying sync.WaitGroup

	hello   chan struct{} // closed when the worker has called Main
	ready   chan struct{} // closed when its initializer has succeeded
	reply   chan *message // to the task that runs; never more than one
	drained chan struct{} // closed when everything that it sent has been read
	exited  chan struct{} // closed when the process has ended
	gone    chan struct{} // closed when both are, and ended has been called
	flushed chan struct{} // closed after that, when its output has been copied
	ended   func(c *child)
	handle  *Process
	desk    *desk
	job     job
	mark    atomic.Uint32
	keep

	keeps map[*target]struct{} // objects to which it may have handles; guarded by the list's mutex

	task uint32 // the number of the last task; belongs to the goroutine that sends tasks

	mu    sync.Mutex // guards what follows
	bad   error      // why the parent killed it, if the exit status does not say
	told  bool       // to exit
	state *os.ProcessState
}

// A launch says how to start a child.
type launch struct {
	name           string
	stdout, stderr io.Writer
	setup          setup
	greet          func(c *child, head []byte) error // sends the first message, with the initializer's input; nil if there is none
	ended          func(c *child)
	process        *Process // its handle; nil if start has to make one
}

// start starts a process. It does not wait for the process to call Main.
func start(l *launch) (*child, error) {
	defer outdoors()()
	c := &child{
		name: l.name, ended: l.ended, reply: make(chan *message, 1),
		hello: make(chan struct{}), ready: make(chan struct{}), drained: make(chan struct{}), exited: make(chan struct{}),
		gone: make(chan struct{}), flushed: make(chan struct{}),
	}
	c.born(l.setup.Single)
	c.desk = newDesk(c)
	l.setup.Traced = c.session()
	c.enc.format, c.dec.format = l.setup.Format, l.setup.Format
	path, err := executable()
	if err != nil {
		return nil, fmt.Errorf("process: the program's own file: %w", err)
	}
	pipe, err := newPipe()
	if err != nil {
		return nil, fmt.Errorf("process: the connection to %s: %w", l.name, err)
	}
	defer pipe.closeTheirs()
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return nil, errors.Join(err, pipe.ours.Close())
	}
	defer func() { _ = null.Close() }()
	stdout, stderr, err := c.open(l, null)
	if err == nil {
		c.process, c.reaped, err = spawn(path, os.Args, &os.ProcAttr{
			Env:   append(environ(), bootEnv+"="+pipe.boot()),
			Files: append([]*os.File{null, stdout.file, stderr.file}, pipe.inherited()...),
			Sys:   pipe.attributes(),
		})
	}
	stdout.close()
	stderr.close()
	if err != nil {
		_ = pipe.ours.Close()
		c.closeOutputs()
		return nil, fmt.Errorf("process: starting %s: %w", l.name, err)
	}
	c.pid, c.conn = c.process.Pid, newConn(pipe.ours)
	c.job.put(c.process)
	c.handle = l.process
	if c.handle == nil {
		c.handle = &Process{name: c.name}
	}
	c.handle.c, c.handle.pid = c, c.pid
	trace.Name(&c.handle.ended, c.title())
	children.add(c)
	for _, f := range []func(){c.receive, c.wait, func() { c.greet(l) }, c.supervise} {
		hook.GoOutside(f)
	}
	c.begun()
	return c, nil
}

// An output is the stdout or stderr of a child.
type output struct {
	file *os.File
	temp bool // the parent closes it once the child has started
}

func (o output) close() {
	if o.temp {
		_ = o.file.Close()
	}
}

func (c *child) open(l *launch, null *os.File) (stdout, stderr output, err error) {
	if stdout, err = c.output1(l.stdout, null); err == nil {
		stderr, err = c.output1(l.stderr, null)
	}
	return stdout, stderr, err
}

// output1 returns the file to which a child writes so that its output goes to w.
func (c *child) output1(w io.Writer, null *os.File) (output, error) {
	switch w := w.(type) {
	case nil:
		return output{file: null}, nil
	case *os.File:
		return output{file: w}, nil
	}
	r, pw, err := os.Pipe()
	if err != nil {
		return output{}, fmt.Errorf("process: %w", err)
	}
	c.outputs = append(c.outputs, r)
	c.copying.Add(1)
	hook.GoOutside(func() {
		defer c.copying.Done()
		_, _ = io.Copy(w, r)
		_, _ = io.Copy(io.Discard, r) // so that the child does not fail if w does
	})
	return output{pw, true}, nil
}

func (c *child) closeOutputs() {
	for _, r := range c.outputs {
		_ = r.Close()
	}
}

// greet sends the child its setup, and kills it unless it answers in time.
func (c *child) greet(l *launch) {
	var head bytes.Buffer
	if err := gob.NewEncoder(&head).Encode(l.setup); err != nil {
		c.kill(err)
		return
	}
	t := time.NewTimer(handshakeTime)
	defer t.Stop()
	select {
	case <-c.hello:
	case <-c.exited:
		return
	case <-t.C:
		c.kill(fmt.Errorf("process: %s (pid %d) did not call process.Main within %v: it must be the first line of main, or of TestMain", c.name, c.pid, handshakeTime))
		return
	}
	var err error
	if l.greet != nil {
		err = l.greet(c, head.Bytes())
	} else {
		err = c.conn.send(kindSetup, 0, 0, head.Bytes(), nil)
	}
	if _, ok := errors.AsType[*EncodingError](err); ok {
		c.kill(err)
	} // after any other error it has died
}

// receive reads the child's messages.
func (c *child) receive() {
	for {
		m, err := c.conn.receive()
		if err != nil {
			break
		}
		switch {
		case m.kind == kindHello:
			close(c.hello)
			continue
		case m.kind == kindReady && m.flags&flagError != 0:
			c.kill(decodeError(m, c.name, c.pid, nil))
			continue
		case c.run != nil:
			c.put(m)
			continue
		}
		switch m.kind {
		case kindReady:
			close(c.ready)
		case kindReply:
			c.reply <- m
		case kindOp:
			c.desk.serve(m)
		case kindTrace:
			c.desk.merger.merge(m)
		case kindOpCancel:
			c.desk.cancel(m)
		default: // it is for workers
		}
	}
	close(c.drained)
}

// wait waits for the process to end.
func (c *child) wait() {
	state, _ := c.process.Wait()
	c.mu.Lock()
	c.state = state
	c.mu.Unlock()
	close(c.exited)
}

// supervise waits for the child to end, and then cleans up.
func (c *child) supervise() {
	c.outlive()
	if c.run != nil {
		c.copied()
		close(c.over) // its keeper does the rest
		children.remove(c)
		return
	}
	children.remove(c)
	c.introduce() // before this goroutine emits events
	c.bury()
	c.copied()
	close(c.flushed)
}

// outlive waits until the process has ended and everything that it sent has been read.
func (c *child) outlive() {
	select {
	case <-c.exited:
		if !within(drain, c.drained) { // another process still has the other end, which does not matter
			_ = c.conn.close()
			<-c.drained
		}
	case <-c.drained:
		if !within(drain, c.exited) {
			c.kill(errors.New("process: it closed the connection to its parent"))
			<-c.exited
		}
	}
	_ = c.conn.close()
	c.reaped()
	c.mu.Lock()
	if !c.told && !c.state.Success() { // the processes that it started must not outlive it
		c.job.kill(c.pid)
	}
	c.mu.Unlock()
	c.job.close()
}

// bury announces that the process has ended.
func (c *child) bury() {
	c.desk.close(c.death(), c.err())
	c.ended(c)
	close(c.gone)
	c.handle.end()
}

// copied waits until the output has been copied.
func (c *child) copied() {
	copied := make(chan struct{})
	hook.GoOutside(func() { c.copying.Wait(); close(copied) })
	within(drain, copied)
	c.closeOutputs()
	<-copied
}

// within waits until done is closed, or d has passed, and reports whether it was closed.
func within(d time.Duration, done <-chan struct{}) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-done:
		return true
	case <-t.C:
		return false
	}
}

// bye asks the child to exit after its current task, and kills it if it does not.
func (c *child) bye() {
	c.mu.Lock()
	told := c.told
	c.told = true
	c.mu.Unlock()
	if told {
		return
	}
	c.ending.Store(true)
	c.stir()
	hook.GoOutside(func() {
		_ = c.conn.send(kindBye, 0, 0, nil, nil)
		if !within(grace, c.exited) {
			c.kill(nil)
		}
	})
}

// kill kills the process and those that it started. A cause, if it is not nil, is reported as the reason.
func (c *child) kill(cause error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state != nil {
		return
	}
	if c.bad == nil {
		c.bad = cause
	}
	c.ending.Store(true)
	c.stir()
	c.job.kill(c.pid)
	_ = c.process.Kill()
}

// introduce names the calling goroutine, which reports the end of c, in the trace.
func (c *child) introduce() {
	var none *trace.Object
	none.Emit(trace.Event{Kind: trace.KindDefineG, Text: "parent of " + c.title()})
}

// title returns the name of the process in traces.
func (c *child) title() string { return fmt.Sprintf("%s (pid %d)", c.name, c.pid) }

// status returns the operating system's description of how the process ended.
func (c *child) status() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state == nil {
		return "ended"
	}
	return c.state.String()
}

// err returns the error with which the process ended, nil if there is none. The process must have ended.
func (c *child) err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.bad != nil {
		return c.bad
	}
	if c.state != nil && c.state.Success() {
		return nil
	}
	err := &ExitError{Name: c.name, Pid: c.pid, Code: exitCode(c.state), Status: "its exit status is not known"}
	if c.state != nil {
		err.Status = c.state.String()
	}
	if !closed(c.hello) {
		return fmt.Errorf("%w; it had not called process.Main, which must be the first line of main, or of TestMain", err)
	}
	return err
}

// death is like err, for a process that should not have ended.
func (c *child) death() error {
	if err := c.err(); err != nil {
		return err
	}
	return &ExitError{Name: c.name, Pid: c.pid, Status: "exit status 0"}
}

func closed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// children are the running children, oldest first.
var children childList

type childList struct {
	mu  sync.Mutex
	all []*child
}

func (l *childList) add(c *child) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, c)
}

// keep keeps a shared object alive that is about to be sent, as long as any child lives that may receive it.
func (l *childList) keep(t *target) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range l.all {
		if c.keeps == nil {
			c.keeps = make(map[*target]struct{})
		}
		c.keeps[t] = struct{}{}
	}
}

// of returns the children of an explorer's run, or, if run is nil, those that belong to none.
func (l *childList) of(run any) []*child {
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []*child
	for _, c := range l.all {
		if c.run == run {
			all = append(all, c)
		}
	}
	return all
}

func (l *childList) remove(c *child) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = slices.DeleteFunc(l.all, func(o *child) bool { return o == c })
	c.keeps = nil
}
