package process

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
)

// A Process is a process of this program: one started by [Start], a worker of an [Executor], or the calling process.
type Process struct {
	name   string
	pid    int
	single bool        // it runs one task
	c      *child      // nil: the calling process
	ended  sync2.Event // set when the process has ended
	err    error       // why it failed; set before ended is
}

// unknownCode is the exit code of a process that has not ended.
const unknownCode = -1

// unnamed counts the processes without a name, starting over in each run of an explorer.
var unnamed unnamedCount

type unnamedCount struct {
	mu  sync.Mutex
	run any
	n   int // in that run
	all int // in none
}

func (c *unnamedCount) next(run any) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if run == nil {
		c.all++
		return c.all
	}
	if run != c.run {
		c.run, c.n = run, 0
	}
	c.n++
	return c.n
}

// Start starts a process that calls fn with in and then exits: with status 0, with status 1 if fn returns an error,
// which it writes to standard error, or with status 2 if fn panics. If name is empty, it is "process-" followed by a
// number.
//
// The process ends no later than the calling process. It shares the standard output and error of the calling process;
// its standard input is empty. Start returns an error if the process cannot be started or in cannot be encoded. It
// panics if [Main] was not called or fn was not made by [Register].
func Start[In, Out any](name string, fn Func[In, Out], in In) (*Process, error) {
	fn.check("Start")
	usable("Start")
	starting()
	if err := fn.f.in.err; err != nil {
		return nil, err
	}
	if name == "" {
		name = fmt.Sprintf("process-%d", unnamed.next(explored()))
	}
	p := &Process{name: name, single: true}
	c, err := start(&launch{
		name: name, stdout: os.Stdout, stderr: os.Stderr, setup: setup{Name: name, Single: true}, ended: func(*child) {}, process: p,
	})
	if err != nil {
		return nil, err
	}
	c.task++
	c.asked()
	head := taskHead{traced: c.session(), name: fn.f.name}
	err = sendValue(c.conn, &c.enc, &fn.f.in, kindTask, 0, c.task, head.encode(), &in)
	if _, ok := errors.AsType[*EncodingError](err); ok {
		c.kill(err)
		p.Join()
		return nil, err
	}
	return p, nil
}

// Current returns the calling process. In a worker it has the worker's name; a process that was not started by this
// package is named "main".
func Current() *Process { return current }

var current = &Process{name: "main", pid: os.Getpid()}

// Processes returns the running processes that the calling process has started, including workers of executors, oldest
// first. A program under package explore sees only those of its own run.
func Processes() []*Process {
	var all []*Process
	for _, c := range children.of(explored()) {
		if !c.isGone() {
			all = append(all, c.handle)
		}
	}
	return all
}

// Name returns the name of the process.
func (p *Process) Name() string { return p.name }

// Pid returns the id of the process.
func (p *Process) Pid() int { return p.pid }

// Alive reports whether the process is running.
func (p *Process) Alive() bool { return p.c == nil || !p.c.hasEnded() }

// String returns text such as "process consumer (pid 4711): running".
func (p *Process) String() string {
	state := "running"
	if !p.Alive() {
		state = p.c.status()
	}
	return fmt.Sprintf("process %s (pid %d): %s", p.name, p.pid, state)
}

// Join waits until the process has ended. It panics if p is the calling process.
//
// The end of the process “synchronizes before” the return of Join, insofar as the processes share memory.
func (p *Process) Join() {
	p.check("Process.Join")
	p.ended.Wait()
}

// JoinContext is like [Process.Join], but gives up when ctx ends, and then returns its cause. JoinContext panics if ctx
// is nil.
func (p *Process) JoinContext(ctx context.Context) error {
	p.check("Process.JoinContext")
	return p.ended.WaitContext(ctx)
}

// JoinTimeout is like [Process.Join], but gives up after d, and then returns false. If d is zero or negative, it does
// not wait.
func (p *Process) JoinTimeout(d time.Duration) bool {
	p.check("Process.JoinTimeout")
	return p.ended.WaitTimeout(d)
}

func (p *Process) check(op string) {
	if p.c == nil {
		misuse(op, "the process would wait for itself")
	}
}

// ExitCode returns the exit status of the process, or the negated number of the signal that ended it. It returns -1
// while the process is running.
func (p *Process) ExitCode() int {
	if p.Alive() {
		return unknownCode
	}
	p.c.mu.Lock()
	defer p.c.mu.Unlock()
	return exitCode(p.c.state)
}

// Err waits until the process has ended, and returns nil if its function returned nil. Otherwise it returns the
// function's error as a [RemoteError], a [sync2.PanicError], or an [ExitError] if the process ended in another way. For
// a worker of an [Executor] it reports only how the process ended. Err panics if p is the calling process.
func (p *Process) Err() error {
	p.check("Process.Err")
	p.ended.Wait()
	return p.err
}

// Kill kills the process and the processes that it started. It does not wait. If the process has ended, Kill does
// nothing.
func (p *Process) Kill() {
	if p.c == nil {
		misuse("Process.Kill", "the process would kill itself")
	}
	p.c.kill(nil)
}

// Terminate sends the process the signal SIGTERM; on Windows it is the same as [Process.Kill]. It does not wait. The
// process ends unless it handles the signal by os/signal.Notify.
func (p *Process) Terminate() {
	if p.c == nil {
		misuse("Process.Terminate", "the process would end itself")
	}
	p.c.stir()
	_ = terminate(p.c.process)
}

// end is called when the process has ended.
func (p *Process) end() {
	p.err = p.c.err()
	if p.single {
		select {
		case m := <-p.c.reply:
			p.err = nil
			if m.flags&flagError != 0 {
				p.err = decodeError(m, p.name, p.pid, nil)
			}
		default:
		}
	}
	p.ended.Set()
}
