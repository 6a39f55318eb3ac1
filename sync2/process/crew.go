package process

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/internal/goid"
)

// A crew is the workers of an [Executor].
type crew struct {
	options *options
	seats   []*seat        // all
	killed  atomic.Int32   // number of workers in a row that were killed before they were ready
	filling sync.WaitGroup // the goroutines that start a worker

	mu      sync.Mutex      // guards what follows
	broken  error           // nil, or a BrokenError
	free    []*seat         // that have no goroutine
	sitting map[int64]*seat // by the goroutine's id
	old     []*child        // replaced children that may not have ended yet
	over    bool            // no more workers are started
}

// A seat is a place for one worker, and the goroutine that talks to it.
type seat struct {
	w     *crew
	name  string
	child *child // guarded by the crew's mutex
}

// start starts the given number of workers.
func (w *crew) start(workers int) {
	w.sitting = make(map[int64]*seat)
	if err := w.options.initErr; err != nil {
		w.broken = &sync2.BrokenError{Cause: err}
	}
	for i := range workers {
		w.seats = append(w.seats, &seat{w: w, name: fmt.Sprintf("%s-%d", w.options.name, i+1)})
	}
	w.free = slices.Clone(w.seats)
	for _, s := range w.seats {
		w.fill(s, nil)
	}
}

// sit assigns a seat to the calling goroutine.
func (w *crew) sit() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.free[0]
	w.free = w.free[1:]
	w.sitting[goid.Get()] = s
	return nil
}

// mySeat returns the seat of the calling goroutine, nil if it has none.
func (w *crew) mySeat() *seat {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.sitting[goid.Get()]
}

// rise takes the seat from the calling goroutine, which ends because a method of the caller's value or error called
// runtime.Goexit. It replaces the worker, because the state of their exchange is unknown.
func (w *crew) rise(s *seat, c *child) {
	w.mu.Lock()
	delete(w.sitting, goid.Get())
	w.free = append(w.free, s)
	w.mu.Unlock()
	c.bye()
	w.fill(s, c)
}

// mayFill reports whether another worker may be started. If so, the end of the crew waits for filling.Done.
func (w *crew) mayFill() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.over {
		return false
	}
	w.filling.Add(1)
	return true
}

// fill starts a worker for the seat s, in place of old if that is not nil.
func (w *crew) fill(s *seat, old *child) {
	starting()
	if w.failure() != nil || !w.mayFill() {
		return
	}
	defer w.filling.Done()
	c, err := start(&launch{
		name: s.name, stdout: w.options.stdout, stderr: w.options.stderr,
		setup: setup{Name: s.name, Format: w.options.format, Init: w.options.initName},
		greet: w.options.init, ended: func(c *child) { w.childEnded(s, c) },
	})
	if err != nil {
		w.breakUp(err)
		return
	}
	w.mu.Lock()
	w.old = slices.DeleteFunc(w.old, func(c *child) bool { return closed(c.flushed) })
	surplus := s.child != old
	switch {
	case surplus:
		w.old = append(w.old, c)
	case old != nil:
		w.old = append(w.old, old)
		fallthrough
	default:
		s.child = c
	}
	broken := w.broken != nil
	w.mu.Unlock()
	if surplus {
		c.bye()
	} else if broken {
		c.kill(nil)
	}
}

// childEnded is called when a worker has ended.
func (w *crew) childEnded(s *seat, c *child) {
	c.mu.Lock()
	told := c.told
	c.mu.Unlock()
	if closed(c.ready) {
		w.killed.Store(0)
	}
	switch death := c.death(); {
	case told:
	case w.options.death == Respawn && (closed(c.ready) || w.stillborn(death)):
		w.fill(s, c)
	default:
		w.breakUp(death)
	}
}

// maxStillborn is the number of workers in a row that may be killed before they are ready.
const maxStillborn = 100

// stillborn reports whether to try again to start a worker after one died before it was ready. It is worth trying if the
// worker was killed, but a worker that exited would do so again.
func (w *crew) stillborn(death error) bool {
	exit, ok := errors.AsType[*ExitError](death)
	return ok && exit.Signal() != 0 && w.killed.Add(1) < maxStillborn
}

// breakUp breaks w: it rejects new tasks, and its tasks fail.
func (w *crew) breakUp(cause error) {
	w.mu.Lock()
	if w.broken == nil {
		w.broken = &sync2.BrokenError{Cause: cause}
	}
	all := w.children()
	w.mu.Unlock()
	for _, c := range all {
		c.kill(nil)
	}
}

// children returns the workers. The mutex must be held.
func (w *crew) children() []*child {
	var all []*child
	for _, s := range w.seats {
		if s.child != nil {
			all = append(all, s.child)
		}
	}
	return all
}

// failure returns why w is broken, nil if it is not.
func (w *crew) failure() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.broken
}

// dismiss prevents new workers, and returns those that must end.
func (w *crew) dismiss() []*child {
	w.mu.Lock()
	w.over = true
	w.mu.Unlock()
	w.filling.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	return append(w.children(), w.old...)
}

// pids returns the process ids of the workers, in the order of their names.
func (w *crew) pids() []int {
	w.mu.Lock()
	defer w.mu.Unlock()
	var pids []int
	for _, c := range w.children() {
		if !c.isGone() {
			pids = append(pids, c.pid)
		}
	}
	return pids
}

// ready waits until the seat has a worker that is ready.
func (s *seat) ready() (*child, error) {
	for {
		s.w.mu.Lock()
		c, err := s.child, s.w.broken
		s.w.mu.Unlock()
		if err != nil {
			return nil, err
		}
		select {
		case <-c.gone:
			continue // it has been replaced, or the crew is broken
		default:
		}
		await(c, "wait for the start of", func() bool { return closed(c.ready) || closed(c.gone) })
		select {
		case <-c.gone:
		case <-c.ready:
			return c, nil
		}
	}
}

// died returns the error of the task that c was running.
func (w *crew) died(c *child) error {
	if err := w.failure(); err != nil {
		return err
	}
	return c.death()
}
