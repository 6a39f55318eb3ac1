package sync2_test

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
)

// A verb is a blocking operation in all of its forms, together with a function that ends the wait.
type verb struct {
	name    string
	prepare func()                      // makes it necessary to wait
	plain   func()                      // these three wait
	ctx     func(context.Context) error // nil: there is no such form
	timeout func(time.Duration) bool
	wake    func() // ends the wait
	after   func() // tidies up, also after a wait that gave up
}

// TestEveryVerbInBubbles waits in every verb of every type, inside synctest bubbles. If a goroutine that waits were not
// durably blocked, synctest.Wait would not return. The primitives are made in the bubble, or outside and then used in one
// bubble after another.
func TestEveryVerbInBubbles(t *testing.T) {
	for i, v := range verbs() {
		t.Run(v.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { verbs()[i].check(t) })
			if checkedMutexes {
				return
			}
			for range 2 { // nothing but giving up, so that no wake can tidy up
				synctest.Test(t, v.giveUp)
			}
			for range 2 {
				synctest.Test(t, v.check)
			}
		})
	}
}

// check waits in each form, until it is woken and until it gives up.
func (v verb) check(t *testing.T) {
	v.succeed(t)
	v.giveUp(t)
	v.succeed(t) // giving up has changed nothing
}

func (v verb) succeed(t *testing.T) {
	if v.plain != nil {
		v.run(t, func() error { v.plain(); return nil }, v.wake, nil)
	}
	if v.ctx != nil {
		ctx, cancel := context.WithCancelCause(context.Background())
		defer cancel(nil)
		v.run(t, func() error { return v.ctx(ctx) }, v.wake, nil)
	}
	if v.timeout != nil {
		v.run(t, v.minute(t), v.wake, nil)
	}
}

func (v verb) giveUp(t *testing.T) {
	if v.ctx != nil {
		ctx, cancel := context.WithCancelCause(context.Background())
		v.run(t, func() error { return v.ctx(ctx) }, func() { cancel(errTest) }, errTest)
	}
	if v.timeout != nil {
		v.run(t, v.minute(t), func() { pass(time.Minute) }, errTest)
	}
}

// minute returns a function that waits for a minute at most, and for exactly a minute if it gives up.
func (v verb) minute(t *testing.T) func() error {
	return func() error {
		start := time.Now()
		if v.timeout(time.Minute) {
			return nil
		}
		if took := time.Since(start); took != time.Minute {
			t.Errorf("gave up after %v", took)
		}
		return errTest
	}
}

// run lets a goroutine wait, which must block, and ends that by end. Then the wait must return want.
func (v verb) run(t *testing.T, wait func() error, end func(), want error) {
	t.Helper()
	v.prepare()
	returned := make(chan error, 1)
	go func() { returned <- wait() }()
	synctest.Wait()
	select {
	case err := <-returned:
		t.Fatalf("it does not wait, and returns %v", err)
	default:
	}
	end()
	synctest.Wait()
	select {
	case err := <-returned:
		if !errors.Is(err, want) {
			t.Errorf("it returns %v, want %v", err, want)
		}
	default:
		t.Fatal("it still waits")
	}
	if v.after != nil {
		v.after()
	}
}

func nothing() {}

func verbs() []verb {
	all := []verb{eventVerb(), waitGroupVerb(), onceVerb(), semaphoreVerb(), semaphoreNVerb(), mutexVerb(), reentrantVerb(), joinVerb(), resultVerb(), shutdownVerb(), mapVerb()}
	all = append(all, condVerbs()...)
	all = append(all, rwMutexVerbs()...)
	all = append(all, barrierVerbs()...)
	for kind, queue := range map[string]func(int) *sync2.Queue[int]{
		"Queue": sync2.NewQueue[int],
		"Stack": sync2.NewStack[int],
		"PriorityQueue": func(n int) *sync2.Queue[int] {
			return sync2.NewPriorityQueue(n, cmp.Compare[int])
		},
	} {
		all = append(all, queueVerbs(kind, queue)...)
	}
	all = append(all, futuresVerbs()...)
	all = append(all, togetherBubbleVerbs()...)
	slices.SortFunc(all, func(a, b verb) int { return cmp.Compare(a.name, b.name) })
	return all
}

func eventVerb() verb {
	var e sync2.Event
	return verb{name: "Event.Wait", prepare: e.Clear, plain: e.Wait, ctx: e.WaitContext, timeout: e.WaitTimeout, wake: e.Set}
}

func waitGroupVerb() verb {
	var g sync2.WaitGroup
	return verb{
		name:    "WaitGroup.Wait",
		prepare: func() { g.Add(1 - g.Count()) },
		plain:   g.Wait,
		ctx:     g.WaitContext,
		timeout: g.WaitTimeout,
		wake:    g.Done,
	}
}

func rwMutexVerbs() []verb {
	var w, r sync2.RWMutex
	return []verb{
		{
			name: "RWMutex.Lock",
			prepare: func() {
				if w.Readers() == 0 {
					w.RLock()
				}
			},
			plain:   func() { w.Lock(); w.Unlock() },
			ctx:     unlocking(w.LockContext, w.Unlock),
			timeout: func(d time.Duration) bool { return unlockingIf(w.LockTimeout(d), w.Unlock) },
			wake:    w.RUnlock,
		},
		{
			name:    "RWMutex.RLock",
			prepare: func() { r.TryLock() },
			plain:   func() { r.RLock(); r.RUnlock() },
			ctx:     unlocking(r.RLockContext, r.RUnlock),
			timeout: func(d time.Duration) bool { return unlockingIf(r.RLockTimeout(d), r.RUnlock) },
			wake:    r.Unlock,
		},
	}
}

// unlocking returns a function that locks and, if it could, unlocks at once.
func unlocking(lock func(context.Context) error, unlock func()) func(context.Context) error {
	return func(ctx context.Context) error {
		err := lock(ctx)
		unlockingIf(err == nil, unlock)
		return err
	}
}

func unlockingIf(locked bool, unlock func()) bool {
	if locked {
		unlock()
	}
	return locked
}

// onceVerb waits for a call whose function fails, and then runs its own.
func onceVerb() verb {
	var o sync2.Once
	var busy, fail sync2.Event
	try := func(ctx context.Context) error {
		return o.DoContext(ctx, func(context.Context) error { return nil })
	}
	return verb{
		name: "Once.DoContext",
		prepare: func() {
			if o.Done() {
				o = sync2.Once{} // no goroutine uses it anymore
			}
			busy.Clear()
			fail.Clear()
			go func() {
				_ = o.DoContext(context.Background(), func(context.Context) error {
					busy.Set()
					fail.Wait()
					return errTest
				})
			}()
			busy.Wait()
		},
		plain: func() { o.Do(nothing) },
		ctx:   try,
		wake:  fail.Set,
		after: fail.Set,
	}
}

func semaphoreVerb() verb {
	s := sync2.NewSemaphore(0)
	return verb{name: "Semaphore.Acquire", prepare: nothing, plain: s.Acquire, ctx: s.AcquireContext, timeout: s.AcquireTimeout, wake: s.Release}
}

func semaphoreNVerb() verb {
	s := sync2.NewSemaphore(0)
	return verb{name: "Semaphore.AcquireN", prepare: nothing, ctx: func(ctx context.Context) error { return s.AcquireN(ctx, 3) }, wake: func() { s.ReleaseN(3) }}
}

func mutexVerb() verb {
	var m sync2.Mutex
	return verb{name: "Mutex.Lock", prepare: func() { m.TryLock() }, plain: m.Lock, ctx: m.LockContext, timeout: m.LockTimeout, wake: m.Unlock}
}

func reentrantVerb() verb {
	var l sync2.ReentrantLock
	return verb{
		name:    "ReentrantLock.Lock",
		prepare: l.Lock,
		plain:   func() { l.Lock(); l.Unlock() },
		ctx: func(ctx context.Context) error {
			err := l.LockContext(ctx)
			if err == nil {
				l.Unlock()
			}
			return err
		},
		timeout: func(d time.Duration) bool {
			ok := l.LockTimeout(d)
			if ok {
				l.Unlock()
			}
			return ok
		},
		wake: l.Unlock,
		after: func() {
			if l.Held() {
				l.Unlock()
			}
		},
	}
}

func joinVerb() verb {
	var g *sync2.Goroutine
	var end sync2.Event
	return verb{
		name:    "Goroutine.Join",
		prepare: func() { end.Clear(); g = sync2.Go("joined", end.Wait) },
		plain:   func() { g.Join() },
		ctx:     func(ctx context.Context) error { return g.JoinContext(ctx) },
		timeout: func(d time.Duration) bool { return g.JoinTimeout(d) },
		wake:    end.Set,
		after:   end.Set,
	}
}

// condVerbs are Wait and WaitFor, with each kind of lock.
func condVerbs() []verb {
	var m sync2.Mutex
	var r sync2.ReentrantLock
	var all []verb
	for kind, l := range map[string]locker{"Mutex": &m, "ReentrantLock": &r} {
		c := sync2.NewCond(l)
		ready := false
		locked := func(fn func()) {
			l.Lock()
			defer l.Unlock()
			fn()
		}
		pred := func() bool { return ready }
		notify := func() { locked(func() { ready = true; c.Broadcast() }) }
		prepare := func() { locked(func() { ready = false }) }
		all = append(all,
			verb{
				name: "Cond.Wait/" + kind, prepare: prepare, wake: notify,
				plain:   func() { locked(c.Wait) },
				ctx:     func(ctx context.Context) (err error) { locked(func() { err = c.WaitContext(ctx) }); return err },
				timeout: func(d time.Duration) (ok bool) { locked(func() { ok = c.WaitTimeout(d) }); return ok },
			},
			verb{
				name: "Cond.WaitFor/" + kind, prepare: prepare, wake: notify,
				plain: func() { locked(func() { c.WaitFor(pred) }) },
				ctx: func(ctx context.Context) (err error) {
					locked(func() { err = c.WaitForContext(ctx, pred) })
					return err
				},
				timeout: func(d time.Duration) (ok bool) { locked(func() { ok = c.WaitForTimeout(d, pred) }); return ok },
			})
	}
	return all
}

// barrierVerbs are the waits of a first arrival, and of parties that wait for the action.
func barrierVerbs() []verb {
	b := sync2.NewBarrier(2)
	var gate sync2.Event
	acting := sync2.NewBarrier(2, sync2.WithAction(func() error { gate.Wait(); return nil }))
	return []verb{
		{
			name: "Barrier.Wait", prepare: nothing, after: b.Reset,
			plain:   func() { _, _ = b.Wait() },
			ctx:     func(ctx context.Context) error { _, err := b.WaitContext(ctx); return err },
			timeout: func(d time.Duration) bool { _, err := b.WaitTimeout(d); return err == nil },
			wake:    func() { _, _ = b.Wait() },
		},
		{
			name:    "Barrier.Wait/action",
			prepare: func() { gate.Clear(); go func() { _, _ = acting.Wait() }() },
			plain:   func() { _, _ = acting.Wait() },
			wake:    gate.Set,
		},
	}
}

func queueVerbs(kind string, queue func(int) *sync2.Queue[int]) []verb {
	full, empty, busy := queue(1), queue(1), queue(0)
	return []verb{
		{
			name: kind + ".Put", prepare: func() { full.TryPut(1) },
			plain:   func() { _ = full.Put(2) },
			ctx:     func(ctx context.Context) error { return full.PutContext(ctx, 2) },
			timeout: func(d time.Duration) bool { return full.PutTimeout(d, 2) == nil },
			wake:    func() { full.TryGet() },
		},
		{
			name: kind + ".Get", prepare: nothing,
			plain:   func() { _, _ = empty.Get() },
			ctx:     func(ctx context.Context) error { _, err := empty.GetContext(ctx); return err },
			timeout: func(d time.Duration) bool { _, err := empty.GetTimeout(d); return err == nil },
			wake:    func() { empty.TryPut(1) },
		},
		{
			name: kind + ".All", prepare: nothing,
			plain: func() {
				for range empty.All() {
					return
				}
			},
			wake: func() { empty.TryPut(1) },
		},
		{
			name: kind + ".Join", prepare: func() {
				if busy.Unfinished() == 0 {
					busy.TryPut(1)
				}
			},
			plain: busy.Join, ctx: busy.JoinContext, timeout: busy.JoinTimeout, wake: busy.TaskDone,
		},
	}
}

func resultVerb() verb {
	var p *sync2.Promise[int]
	return verb{
		name: "Future.Result", prepare: func() { p = sync2.NewPromise[int]() },
		plain:   func() { _, _ = p.Future().Result() },
		ctx:     func(ctx context.Context) error { _, err := p.Future().ResultContext(ctx); return err },
		timeout: func(d time.Duration) bool { _, err := p.Future().ResultTimeout(d); return err == nil },
		wake:    func() { p.Succeed(1) },
	}
}

// futuresVerbs are the verbs that wait for several futures.
func futuresVerbs() []verb {
	var all []verb
	for name, wait := range map[string]func(context.Context, ...*sync2.Future[int]) (done, pending []*sync2.Future[int], err error){
		"WaitAll": sync2.WaitAll[int], "WaitAny": sync2.WaitAny[int], "WaitFirstError": sync2.WaitFirstError[int],
		"AsCompleted": func(ctx context.Context, fs ...*sync2.Future[int]) (done, pending []*sync2.Future[int], err error) {
			for _, err := range sync2.AsCompleted(ctx, fs...) {
				return nil, nil, err
			}
			return nil, nil, nil
		},
	} {
		var p, q *sync2.Promise[int]
		all = append(all, verb{
			name:    name,
			prepare: func() { p, q = sync2.NewPromise[int](), sync2.NewPromise[int]() },
			ctx:     func(ctx context.Context) error { _, _, err := wait(ctx, p.Future(), q.Future()); return err },
			wake:    func() { p.Fail(errTest); q.Future().Cancel() },
		})
	}
	return all
}

func shutdownVerb() verb {
	var e *sync2.Executor
	var gate sync2.Event
	return verb{
		name: "Executor.Shutdown", prepare: func() { e = occupied(&gate) }, wake: gate.Set, after: func() { gate.Set(); e.Shutdown() },
		plain:   func() { e.Shutdown() },
		ctx:     func(ctx context.Context) error { return e.ShutdownContext(ctx) },
		timeout: func(d time.Duration) bool { return e.ShutdownTimeout(d) },
	}
}

func mapVerb() verb {
	var e *sync2.Executor
	var gate sync2.Event
	return verb{
		name: "Map", prepare: func() { e = occupied(&gate) }, wake: gate.Set, after: func() { e.Shutdown() },
		plain: func() {
			in := iter.Seq[int](func(yield func(int) bool) { _ = yield(1) && yield(2) })
			for range sync2.Map(e, in, func(_ context.Context, v int) (int, error) { return v, nil }) {
			}
		},
	}
}

// occupied returns an executor whose only worker waits for gate.
func occupied(gate *sync2.Event) *sync2.Executor {
	gate.Clear()
	e := sync2.NewExecutor(1)
	sync2.Submit(e, func(context.Context) (int, error) { gate.Wait(); return 0, nil })
	return e
}
