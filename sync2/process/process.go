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

// A Process is a process of this program: one that [Start] started, a worker of an [Executor], or the calling one.
type Process struct {
	name   string
	pid    int
	single bool        // it runs one task
	c      *child      // nil: the calling process
	ended  sync2.Event // set when the process has ended
	err    error       // why it failed; written before ended is set
}

// unknownCode is the exit code of a process that has not ended.
const unknownCode = -1

// unnamed counts the processes that got no name, from 1 in each run of a program that is explored.
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

// Start starts a process that runs fn with in and then exits: with the status 0, or 1 if fn returns an error, which it
// writes to its standard error, or 2 if fn panics. An empty name stands for "process-" and a number.
//
// The process ends at the latest when the calling one does. Its standard output and error are those of the calling
// process, its standard input is empty. Start returns an error if the process cannot be started or in cannot travel; it
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

// Current returns the calling process. In a worker it has the worker's name; a process that this package did not start is
// named "main".
func Current() *Process { return current }

var current = &Process{name: "main", pid: os.Getpid()}

// Processes returns the processes that the calling one has started and that run still, the workers of executors among
// them, oldest first. A program that is explored sees those of its own run.
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

// Alive reports whether the process runs.
func (p *Process) Alive() bool { return p.c == nil || !p.c.hasEnded() }

// String returns text such as "process consumer (pid 4711): running".
func (p *Process) String() string {
	state := "running"
	if !p.Alive() {
		state = p.c.status()
	}
	return fmt.Sprintf("process %s (pid %d): %s", p.name, p.pid, state)
}

// Join waits until the process has ended. It panics if that is the calling process.
//
// What the process did “synchronizes before” the return of Join, so far as there is anything that both processes see.
func (p *Process) Join() {
	p.check("Process.Join")
	p.ended.Wait()
}

// JoinContext is like [Process.Join], but gives up when ctx ends, and then returns its cause.
func (p *Process) JoinContext(ctx context.Context) error {
	p.check("Process.JoinContext")
	return p.ended.WaitContext(ctx)
}

// JoinTimeout is like [Process.Join], but gives up after d, and then returns false. If d is zero or less it does not wait.
func (p *Process) JoinTimeout(d time.Duration) bool {
	p.check("Process.JoinTimeout")
	return p.ended.WaitTimeout(d)
}

func (p *Process) check(op string) {
	if p.c == nil {
		misuse(op, "the process would wait for itself")
	}
}

// ExitCode returns the exit status of the process, or the negative number of the signal that ended it. It is -1 while the
// process runs.
func (p *Process) ExitCode() int {
	if p.Alive() {
		return unknownCode
	}
	p.c.mu.Lock()
	defer p.c.mu.Unlock()
	return exitCode(p.c.state)
}

// Err waits until the process has ended, and returns nil if its function returned nil; else the error that it returned, as
// a [RemoteError], a [sync2.PanicError], or an [ExitError] that tells what else ended the process. Of a worker of an
// Executor it tells only how it ended. It panics if that is the calling process.
func (p *Process) Err() error {
	p.check("Process.Err")
	p.ended.Wait()
	return p.err
}

// Kill ends the process, and the processes that it started, at once. It does not wait. To kill a process that has ended
// does nothing.
func (p *Process) Kill() {
	if p.c == nil {
		misuse("Process.Kill", "the process would kill itself")
	}
	p.c.kill(nil)
}

// Terminate asks the process to end, by the signal SIGTERM; on Windows it is [Process.Kill]. It does not wait. The
// process may hear the signal, by os/signal.Notify; else it ends.
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
