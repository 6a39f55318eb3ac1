package sync2

import (
	"slices"

	"github.com/turnstile-go/turnstile/sync2/internal/waitq"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// What the workers of an Executor do.
//
// One worker at a time is called: an idle one is woken, or else a new one is started, if the limit allows. Submitting a
// task calls a worker. A worker that looks for a task calls the next one if it finds more tasks than it can do. So there
// are as many workers as tasks, but Submit need not call one if a worker is about to look anyway.

// call calls a worker if one is needed and available. The mutex must be held; call returns without it.
func (e *Executor) call() {
	if e.calling || e.tasks.count <= e.greeting {
		e.q.Unlock()
		return
	}
	if w := e.q.Front(); w != nil {
		var wakes waitq.WakeList
		e.calling = true
		e.q.Grant(w, &wakes)
		e.q.Unlock()
		wakes.Wake()
		return
	}
	if e.alive-e.surplus >= e.limit {
		e.q.Unlock()
		return
	}
	e.calling = true
	e.alive++
	e.started++
	name := e.name(e.started)
	e.q.Unlock()
	g := newGoroutine(name)
	g.pool = e
	g.start(e.work, nil)
}

// work is the loop of a worker.
func (e *Executor) work() {
	w := &worker{g: Current()}
	returned := false
	defer func() {
		if !returned {
			if r := recover(); r != nil {
				panic(r) // of a task without a Future; it must not look like a normal end
			}
		}
		e.leave(w)
	}()
	if e.greet(w) {
		restore := keepLocals()
		for task := e.next(w); task != nil; task = e.next(w) {
			task.run(e)
			restore()
		}
	}
	returned = true
}

// greet adds w to the workers, runs the initializer, and reports whether it succeeded.
func (e *Executor) greet(w *worker) (ok bool) {
	e.lock("start")
	e.calling = false
	e.workers = append(e.workers, w)
	if e.initializer == nil {
		e.q.Unlock()
		return true
	}
	e.greeting++
	e.call()
	err, returned := error(nil), false
	defer func() {
		if !returned {
			err = died(recover())
		}
		if ok = err == nil; ok {
			e.lock("started")
			e.greeting--
			e.q.Unlock()
		} else {
			e.breakUp(&BrokenError{Cause: err})
		}
	}()
	err = e.initializer()
	returned = true
	return ok
}

// breakUp fails all tasks that have not begun with err, the error of an initializer.
func (e *Executor) breakUp(err *BrokenError) {
	text := ""
	defer func() { // deferred, because a method of err may end the goroutine
		e.lock("started")
		e.greeting--
		if e.broken == nil {
			e.broken = err
		}
		if !e.closed {
			e.q.EmitFor(trace.KindClose, 0, 0, 0, text)
		}
		broken, tasks := e.broken, e.takeAll()
		e.close(broken)
		var then callbacks
		for _, task := range tasks {
			then = append(then, task.refuse(broken, text)...)
		}
		then.call()
	}()
	text = trace.ErrorText(err)
}

// next waits for the next task, and begins it. It returns nil when there are no more.
func (e *Executor) next(w *worker) runner {
	e.lock("next")
	e.rest(w)
	if e.waiting.Len() > 0 {
		e.letIn()
	}
	for e.alive-e.surplus <= e.limit {
		for e.tasks.count > 0 {
			task := e.tasks.take().value
			if e.tie != nil && e.untie(task) {
				e.dead--
				e.call()
				lapse(task)
				e.lock("next")
				continue
			}
			if task.begin() {
				w.task = task
				e.busy++
				loose := e.takeLoose()
				e.call()
				callAll(loose)
				return task
			}
			e.dead--
		}
		e.tasks.shrink()
		if e.closed {
			e.q.Unlock()
			return nil
		}
		place := waitq.NewWaiter(nil)
		e.q.Park(place, &forever, "next", false)
		place.Free()
		e.lock("next")
		e.calling = false
	}
	e.surplus++
	w.surplus = true
	e.q.Unlock()
	return nil
}

// rest notes that w has no task. The mutex must be held.
func (e *Executor) rest(w *worker) {
	if w.task != nil {
		w.task = nil
		e.busy--
	}
}

// letIn accepts the tasks of waiting submitters as far as there is room. The mutex must be held; letIn releases it meanwhile and
// returns with it.
func (e *Executor) letIn() {
	var wakes waitq.WakeList
	e.admit(&wakes)
	e.q.Unlock()
	wakes.Wake()
	e.lock("next")
}

// leave removes w from the workers. If there are tasks left for other workers, it calls one.
func (e *Executor) leave(w *worker) {
	var wakes waitq.WakeList
	e.lock("leave")
	i := slices.Index(e.workers, w)
	e.workers = slices.Delete(e.workers, i, i+1)
	e.leaving = append(slices.DeleteFunc(e.leaving, func(g *Goroutine) bool { return g.ended.Load() }), w.g)
	e.alive--
	if w.surplus {
		e.surplus--
	}
	e.rest(w)
	e.admit(&wakes)
	if e.alive == 0 && e.closed && e.tasks.count == 0 {
		e.stopped.NotifyAll(&e.q, &wakes)
	}
	e.unwatch()
	loose := e.takeLoose()
	e.call()
	wakes.Wake()
	callAll(loose)
}

// close makes e reject new tasks, fails waiting submitters with err, and ends the idle workers. The mutex must be held; close
// returns without it.
func (e *Executor) close(err error) {
	var wakes waitq.WakeList
	e.closed = true
	for w := e.waiting.Front(); w != nil; w = e.waiting.Front() {
		w.Data.(*applicant).err = err
		e.q.GrantIn(&e.waiting, w, &wakes)
	}
	for w := e.q.Front(); w != nil; w = e.q.Front() {
		e.q.Grant(w, &wakes)
	}
	e.unwatch()
	loose := e.takeLoose()
	e.q.Unlock()
	wakes.Wake()
	callAll(loose)
}

// takeAll removes and returns all tasks that have neither begun nor been canceled. The mutex must be held.
func (e *Executor) takeAll() []runner {
	var all []runner
	for e.tasks.count > 0 {
		task := e.tasks.take().value
		e.untie(task)
		if task.now() == Pending {
			all = append(all, task)
		}
	}
	e.dead = 0
	return all
}

// canceled notes that one of the queued tasks was canceled. When many were, it removes them from the queue.
func (e *Executor) canceled() {
	var wakes waitq.WakeList
	e.q.Lock()
	e.dead++
	if e.dead >= 64 && e.dead >= e.tasks.count/2 {
		for range e.tasks.count {
			if it := e.tasks.take(); it.value.now() == Pending {
				e.tasks.add(it)
			} else {
				e.untie(it.value)
				e.dead--
			}
		}
	}
	loose := e.takeLoose()
	e.admit(&wakes)
	e.call()
	wakes.Wake()
	callAll(loose)
}
