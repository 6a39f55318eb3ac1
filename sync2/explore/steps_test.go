//go:build turnstile_steps

package explore

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"strings"
	"testing"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// In this build every operation on an atomic variable inside a primitive is a step, and so is every lock and unlock
// of its mutex: see package steps. These tests explore all schedules of such steps, for two goroutines, and for three
// that do little.

// stepsLong enables programs that take a minute and more to explore. It is for nightly runs.
var stepsLong = flag.Bool("steps.long", false, "also explore the programs that take long")

var stepsBudget = flag.Int("steps.budget", 3_000_000, "maximum number of schedules of single steps for a program")

// A bench is what the goroutines of one run share. The critical section accesses a variable whose races are found by
// the ordering of accesses, not by luck.
type bench struct {
	e     *E
	ctx   context.Context
	inner *Var[int]
	mu    sync2.Mutex
	re    sync2.ReentrantLock
	sem   *sync2.Semaphore
	ev    sync2.Event
	bar   *sync2.Barrier
	took  []int // by goroutine

	cond    *sync2.Cond
	queue   *sync2.Queue[int]
	promise *sync2.Promise[int]
	pool    *sync2.Executor
	full    *sync2.Executor // with one worker, and a queue for one task
	g       *sync2.Goroutine
	group   sync2.WaitGroup
	once    sync2.Once
	rw      sync2.RWMutex

	watch *sync2.Watch[int]
	keys  sync2.KeyedMutex[string]
	crew  *sync2.Group
	fly   sync2.Flight[string, int]

	called, listeners int // of functions given to OnDone, or tasks
}

// script is the code of one goroutine; me is its number.
type script func(b *bench, me int)

// enter is a critical section.
func (b *bench) enter(ok bool) bool {
	if ok {
		b.inner.Store(b.inner.Load() + 1)
	}
	return ok
}

// stepped explores the program whose goroutines run the scripts, and expects it to be exhausted.
func stepped(t *testing.T, check func(b *bench), scripts ...script) {
	t.Helper()
	explored(t, nil, check, scripts...)
}

// traced is like stepped, with a trace, which must be valid. The primitives then skip their fast paths.
func traced(t *testing.T, check func(b *bench), scripts ...script) {
	t.Helper()
	explored(t, func(e *E) (end func()) {
		v := new(validated)
		if err := trace.Start(v); err != nil {
			e.Fail("%v", err)
		}
		return func() {
			trace.Stop()
			e.Check(v.err == nil, "%v", v.err)
		}
	}, check, scripts...)
}

// A validated is a trace that is validated while it runs.
type validated struct {
	v   trace.Validator
	err error // the first violation
}

// Event implements [trace.Sink].
//
//go:norace
func (v *validated) Event(ev trace.Event) {
	if v.err == nil {
		v.err = v.v.Event(ev)
	}
}

// explored is stepped or traced; begin, if not nil, begins each run, and its result ends the run.
func explored(t *testing.T, begin func(e *E) (end func()), check func(b *bench), scripts ...script) {
	t.Helper()
	r := Explore(t.Name(), func(e *E) {
		if begin != nil {
			defer begin(e)()
		}
		b := &bench{e: e, ctx: e.Interrupt(), inner: NewVar(e, "inner", 0), took: make([]int, len(scripts))}
		b.sem, b.bar = sync2.NewBoundedSemaphore(1), sync2.NewBarrier(2)
		if strings.HasPrefix(t.Name(), "TestStepsOfSemaphoreRefused") {
			b.sem.Drain()
		}
		if strings.HasPrefix(t.Name(), "TestStepsOfSharedContext") {
			b.sem = sync2.NewSemaphore(0)
		}
		b.cond, b.queue, b.promise, b.pool = sync2.NewCond(&b.mu), sync2.NewQueue[int](1), sync2.NewPromise[int](), sync2.NewExecutor(1)
		b.full = sync2.NewExecutor(1, sync2.WithQueue(0))
		b.watch, b.crew = sync2.NewWatch(1), sync2.NewGroup(context.Background(), sync2.WithLimit(1))
		if strings.HasPrefix(t.Name(), "TestStepsOfPriorityQueue") {
			b.queue = sync2.NewPriorityQueue(2, cmp.Compare[int])
		}
		if strings.HasPrefix(t.Name(), "TestStepsOfWaitGroup") {
			b.group.Add(len(scripts))
		}
		if strings.HasPrefix(t.Name(), "TestStepsOfGoroutine") {
			b.g = sync2.Go("g", func() { b.inner.Store(1) })
		}
		for i, s := range scripts {
			e.Go(string(rune('a'+i)), func() { s(b, i) })
		}
		e.Join()
		check(b)
	}, DPOR(), AnyTime(), Runs(*stepsBudget))
	if r.Failure != nil {
		t.Fatal(r.Failure.Report())
	}
	if !r.Exhausted {
		t.Errorf("%v", r)
	}
	t.Logf("%v, %d runs", r, r.Runs)
}

// long returns triples that take long if they are enabled, otherwise none.
func long(triples ...[3]string) [][3]string {
	if !*stepsLong {
		return nil
	}
	return triples
}

// all explores all pairs of the scripts, most of them with a trace too, and the given triples.
func all(t *testing.T, scripts map[string]script, check func(b *bench), triples ...[3]string) {
	names := make(map[string]bool)
	for n := range scripts {
		names[n] = true
	}
	sorted := keys(names)
	for i, m := range sorted {
		for _, n := range sorted[i:] {
			t.Run(m+" | "+n, func(t *testing.T) { stepped(t, check, scripts[m], scripts[n]) })
			if !strings.Contains(m+n, "twice") && m+n != "Do ctxDo ctx" && t.Name() != "TestStepsOfTask" { // these take long
				t.Run(m+" | "+n+", traced", func(t *testing.T) { traced(t, check, scripts[m], scripts[n]) })
			}
		}
	}
	for _, tr := range triples {
		t.Run(tr[0]+" | "+tr[1]+" | "+tr[2], func(t *testing.T) {
			stepped(t, check, scripts[tr[0]], scripts[tr[1]], scripts[tr[2]])
		})
	}
}

func TestStepsOfMutex(t *testing.T) {
	all(t, map[string]script{
		"Lock": func(b *bench, _ int) { b.mu.Lock(); b.enter(true); b.mu.Unlock() },
		"Lock twice": func(b *bench, _ int) {
			for range 2 {
				b.mu.Lock()
				b.enter(true)
				b.mu.Unlock()
			}
		},
		"TryLock": func(b *bench, _ int) {
			if b.enter(b.mu.TryLock()) {
				b.mu.Unlock()
			}
		},
		"LockTimeout": func(b *bench, _ int) {
			if b.enter(b.mu.LockTimeout(soon)) {
				b.mu.Unlock()
			}
		},
		"LockContext": func(b *bench, _ int) {
			if b.enter(b.mu.LockContext(b.ctx) == nil) {
				b.mu.Unlock()
			}
		},
	}, func(b *bench) {
		b.e.Check(b.mu.TryLock(), "locked, though nobody holds it")
		b.e.Check(b.mu.Waiting() == 0, "%d wait", b.mu.Waiting())
		b.mu.Unlock()
		b.e.Check(b.mu.TryLock(), "not fit for use afterwards")
	}, [3]string{"Lock", "Lock", "TryLock"}, [3]string{"Lock", "Lock", "Lock"}, [3]string{"Lock", "Lock", "LockTimeout"})
}

func TestStepsOfReentrantLock(t *testing.T) {
	all(t, map[string]script{
		"nested": func(b *bench, _ int) {
			b.re.Lock()
			b.re.Lock()
			b.enter(true)
			b.e.Check(b.re.Depth() == 2, "depth %d", b.re.Depth())
			b.re.Unlock()
			b.re.Unlock()
		},
		"TryLock": func(b *bench, _ int) {
			if b.enter(b.re.TryLock()) {
				b.re.Unlock()
			}
		},
		"LockTimeout": func(b *bench, _ int) {
			if b.enter(b.re.LockTimeout(soon)) {
				b.re.Unlock()
			}
		},
		"LockContext": func(b *bench, _ int) {
			if b.enter(b.re.LockContext(b.ctx) == nil) {
				b.re.Unlock()
			}
		},
		"look": func(b *bench, _ int) {
			b.e.Check(!b.re.Held() && b.re.Depth() == 0, "held by one who never took it")
		},
	}, func(b *bench) {
		b.e.Check(b.re.Owner() == 0 && b.re.TryLock(), "locked, though nobody holds it")
		b.e.Check(b.re.Waiting() == 0, "%d wait", b.re.Waiting())
	}, [3]string{"nested", "TryLock", "look"}, [3]string{"nested", "LockTimeout", "look"})
}

func TestStepsOfSemaphore(t *testing.T) {
	all(t, map[string]script{
		"Acquire": func(b *bench, _ int) { b.sem.Acquire(); b.enter(true); b.sem.Release() },
		"Acquire twice": func(b *bench, _ int) {
			for range 2 {
				b.sem.Acquire()
				b.enter(true)
				b.sem.Release()
			}
		},
		"TryAcquire": func(b *bench, _ int) {
			if b.enter(b.sem.TryAcquire()) {
				b.sem.Release()
			}
		},
		"AcquireTimeout": func(b *bench, _ int) {
			if b.enter(b.sem.AcquireTimeout(soon)) {
				b.sem.Release()
			}
		},
		"AcquireContext": func(b *bench, _ int) {
			if b.enter(b.sem.AcquireContext(b.ctx) == nil) {
				b.sem.Release()
			}
		},
		"Drain": func(b *bench, _ int) {
			if n := b.sem.Drain(); b.enter(n > 0) {
				b.sem.ReleaseN(n)
			}
		},
	}, func(b *bench) {
		b.e.Check(b.sem.Available() == 1, "%d permits of 1", b.sem.Available())
		b.e.Check(b.sem.Waiting() == 0, "%d wait", b.sem.Waiting())
		b.e.Check(b.sem.TryAcquire(), "not fit for use afterwards")
	}, [3]string{"Acquire", "Acquire", "TryAcquire"}, [3]string{"Acquire", "Acquire", "Acquire"}, [3]string{"Acquire", "Acquire", "AcquireTimeout"},
		[3]string{"Acquire", "AcquireContext", "AcquireContext"}) // two of which share a Waiter
}

// With a bound of 0 waiters are refused, unless they have been granted.
func TestStepsOfSemaphoreResize(t *testing.T) {
	all(t, map[string]script{
		"Acquire": func(b *bench, _ int) {
			defer func() {
				if r := recover(); r != nil {
					_, misuse := r.(*sync2.UsageError)
					b.e.Check(misuse, "%v", r)
				}
			}()
			b.sem.Acquire()
			b.enter(true)
			b.sem.Release()
		},
		"AcquireTimeout": func(b *bench, _ int) {
			if b.enter(b.sem.AcquireTimeout(soon)) {
				b.sem.Release()
			}
		},
		"AcquireContext": func(b *bench, _ int) {
			if b.enter(b.sem.AcquireContext(b.ctx) == nil) {
				b.sem.Release()
			}
		},
		"Resize to 0":    func(b *bench, _ int) { b.sem.Resize(0) },
		"Resize 0 and 1": func(b *bench, _ int) { b.sem.Resize(0); b.sem.Resize(1) },
	}, func(b *bench) {
		b.e.Check(b.sem.Waiting() == 0, "%d wait", b.sem.Waiting())
		b.sem.Resize(1)
		b.e.Check(b.sem.Available() == 1, "%d permits of 1", b.sem.Available())
		b.e.Check(b.sem.TryAcquire(), "not fit for use afterwards")
	}, [3]string{"Acquire", "Acquire", "Resize to 0"}, [3]string{"AcquireContext", "AcquireContext", "Resize to 0"})
}

// Some of the waiters that share a Waiter are granted, and the others refused.
func TestStepsOfSemaphoreRefused(t *testing.T) {
	for name, acquire := range map[string]func(b *bench) error{
		"endless": func(b *bench) error { return b.sem.AcquireContext(context.Background()) },
		"context": func(b *bench) error { return b.sem.AcquireContext(b.ctx) },
	} {
		waits := func(b *bench, me int) {
			if acquire(b) == nil {
				b.took[me] = 1
			}
		}
		resize := func(b *bench, _ int) {
			b.sem.ReleaseN(1)
			b.sem.Resize(0)
		}
		check := func(b *bench) {
			b.e.Check(b.sem.Waiting() == 0, "%d wait", b.sem.Waiting())
			b.sem.Resize(1)
			b.e.Check(b.sem.Available()+b.took[0]+b.took[1] == 1, "%d permits, taken %v", b.sem.Available(), b.took)
		}
		t.Run(name, func(t *testing.T) { stepped(t, check, waits, waits, resize) })
		t.Run(name+", traced", func(t *testing.T) { traced(t, check, waits, waits, resize) })
	}
}

// Goroutines that wait with the same context, share a Waiter, and are granted one by one or give up together.
func TestStepsOfSharedContext(t *testing.T) {
	acquire := func(b *bench, me int) {
		if b.sem.AcquireContext(b.ctx) == nil {
			b.took[me] = 1
		}
	}
	release := func(b *bench, _ int) { b.sem.ReleaseN(2) }
	check := func(b *bench) {
		b.e.Check(b.sem.Available()+b.took[0]+b.took[1] == 2, "%d permits, taken %v", b.sem.Available(), b.took)
		b.e.Check(b.sem.Waiting() == 0, "%d wait", b.sem.Waiting())
	}
	t.Run("untraced", func(t *testing.T) { stepped(t, check, acquire, acquire, release) })
	t.Run("traced", func(t *testing.T) { traced(t, check, acquire, acquire, release) })
}

func TestStepsOfEvent(t *testing.T) {
	all(t, map[string]script{
		"Set": func(b *bench, me int) { b.took[me] = 1; b.ev.Set() },
		"Set, Clear, Set": func(b *bench, _ int) {
			b.ev.Set()
			b.ev.Clear()
			b.ev.Set()
		},
		"store, Set": func(b *bench, me int) {
			if me == 0 { // the other finds it only after Set
				b.inner.Store(1)
			}
			b.ev.Set()
		},
		"Wait, load": func(b *bench, me int) {
			if me == 0 {
				b.ev.Set() // otherwise two of them would wait forever
			}
			b.ev.Wait()
		},
		"WaitTimeout": func(b *bench, _ int) {
			if b.ev.WaitTimeout(soon) {
				b.took[0] = 1
			}
		},
		"WaitContext": func(b *bench, _ int) {
			if err := b.ev.WaitContext(b.ctx); err != nil {
				b.e.Check(errors.Is(err, context.Canceled), "%v", err)
			}
		},
		"WaitTimeout(0)": func(b *bench, _ int) { b.ev.WaitTimeout(0) },
	}, func(b *bench) {
		b.e.Check(b.ev.Waiting() == 0, "%d wait", b.ev.Waiting())
		b.ev.Set()
		b.ev.Wait()
	}, [3]string{"Set", "WaitTimeout", "WaitContext"}, [3]string{"Set, Clear, Set", "WaitTimeout", "WaitTimeout"})
}

// A goroutine that returns from Wait sees what was written before Set, whether it waited or found the flag set.
func TestStepsOfEventOrder(t *testing.T) {
	reads := func(b *bench, _ int) {
		b.ev.Wait()
		b.e.Check(b.inner.Load() == 1, "not seen")
	}
	stepped(t, func(*bench) {}, func(b *bench, _ int) { b.inner.Store(1); b.ev.Set() }, reads, reads)
}

func TestStepsOfWaitGroup(t *testing.T) {
	all(t, map[string]script{
		"Done":            func(b *bench, me int) { b.done(me) },
		"Add, Done, Done": func(b *bench, me int) { b.group.Add(1); b.group.Done(); b.done(me) },
		"Wait":            func(b *bench, me int) { b.done(me); b.group.Wait(); b.sawAll() },
		"WaitTimeout": func(b *bench, me int) {
			if b.done(me); b.group.WaitTimeout(soon) {
				b.sawAll()
			}
		},
		"WaitContext": func(b *bench, me int) {
			if b.done(me); b.group.WaitContext(b.ctx) == nil {
				b.sawAll()
			}
		},
		"give up, Done": func(b *bench, me int) {
			b.e.Check(!b.group.WaitTimeout(soon), "released at 1 or more")
			b.done(me)
		},
		"look": func(b *bench, me int) {
			b.e.Check(b.group.Count() > 0, "at 0 too soon")
			b.e.Check(!b.group.WaitTimeout(0), "released at 1 or more")
			b.done(me)
		},
		"misuse": func(b *bench, me int) {
			defer func() {
				b.e.Check(recover() != nil, "no panic")
				b.done(me)
			}()
			b.group.Add(-9)
		},
	}, func(b *bench) {
		b.group.Wait()
		b.sawAll()
		b.e.Check(b.group.Count() == 0 && b.group.Waiting() == 0, "at %d, %d wait", b.group.Count(), b.group.Waiting())
	}, append(long([3]string{"Done", "Wait", "WaitContext"}, [3]string{"Done", "give up, Done", "Wait"}), [3]string{"Done", "Wait", "Wait"})...)
}

// done decrements the counter; the first goroutine writes to a variable before that.
func (b *bench) done(me int) {
	if me == 0 {
		b.inner.Store(1)
	}
	b.group.Done()
}

// sawAll reads what was written before the counter reached 0.
func (b *bench) sawAll() { b.e.Check(b.inner.Load() == 1, "released too soon") }

func TestStepsOfRWMutex(t *testing.T) {
	write := func(b *bench, locked bool) {
		if b.enter(locked) {
			b.rw.Unlock()
		}
	}
	read := func(b *bench, locked bool) {
		if locked {
			b.inner.Load()
			b.rw.RUnlock()
		}
	}
	all(t, map[string]script{
		"Lock":  func(b *bench, _ int) { b.rw.Lock(); write(b, true) },
		"RLock": func(b *bench, _ int) { b.rw.RLock(); read(b, true) },
		"RLock twice": func(b *bench, _ int) {
			for range 2 {
				b.rw.RLock()
				read(b, true)
			}
		},
		"Downgrade": func(b *bench, _ int) {
			b.rw.Lock()
			b.enter(true)
			b.rw.Downgrade()
			read(b, true)
		},
		"LockTimeout":  func(b *bench, _ int) { write(b, b.rw.LockTimeout(soon)) },
		"LockContext":  func(b *bench, _ int) { write(b, b.rw.LockContext(b.ctx) == nil) },
		"TryLock":      func(b *bench, _ int) { write(b, b.rw.TryLock()) },
		"RLockTimeout": func(b *bench, _ int) { read(b, b.rw.RLockTimeout(soon)) },
		"RLockContext": func(b *bench, _ int) { read(b, b.rw.RLockContext(b.ctx) == nil) },
		"TryRLock":     func(b *bench, _ int) { read(b, b.rw.TryRLock()) },
	}, func(b *bench) {
		b.e.Check(!b.rw.Locked() && b.rw.Readers() == 0 && b.rw.Waiting() == 0, "locked %v, %d read, %d wait", b.rw.Locked(), b.rw.Readers(), b.rw.Waiting())
		b.e.Check(b.rw.TryLock(), "locked, though nobody holds it")
	}, long([3]string{"Lock", "RLock", "TryRLock"}, [3]string{"Lock", "RLock", "RLock"}, [3]string{"Downgrade", "TryRLock", "TryLock"})...)
}

func TestStepsOfOnce(t *testing.T) {
	try := func(b *bench, ctx context.Context, fails error) {
		err := b.once.DoContext(ctx, func(context.Context) error {
			b.inner.Store(b.inner.Load() + 1)
			return fails
		})
		if err == nil {
			b.e.Check(b.inner.Load() > 0, "nil, though nobody has run")
		}
	}
	all(t, map[string]script{
		"Do": func(b *bench, _ int) {
			b.once.Do(func() { b.inner.Store(b.inner.Load() + 1) })
			b.e.Check(b.inner.Load() > 0, "done, though nobody has run")
		},
		"Do, panics": func(b *bench, _ int) {
			defer func() { _ = recover(); b.e.Check(b.once.Done(), "not done") }()
			b.once.Do(func() { b.inner.Store(b.inner.Load() + 1); panic("on purpose") })
		},
		"succeeds": func(b *bench, _ int) { try(b, context.Background(), nil) },
		"fails":    func(b *bench, _ int) { try(b, b.ctx, errPurpose) },
		"gives up": func(b *bench, _ int) { try(b, b.ctx, nil) },
		"Done": func(b *bench, _ int) {
			if b.once.Done() {
				b.e.Check(b.inner.Load() > 0, "done, though nobody has run")
			}
		},
	}, func(b *bench) {
		b.once.Do(func() {})
		b.e.Check(b.once.Done(), "not done")
	}, [3]string{"Do", "Do", "Done"}, [3]string{"fails", "gives up", "Do"}, [3]string{"fails", "fails", "succeeds"})
}

func TestStepsOfBarrier(t *testing.T) {
	all(t, map[string]script{
		"WaitTimeout": func(b *bench, me int) { b.met(me)(b.bar.WaitTimeout(soon)) },
		"twice": func(b *bench, me int) {
			b.met(me)(b.bar.WaitTimeout(soon))
			b.met(me)(b.bar.WaitTimeout(soon))
		},
		"WaitContext": func(b *bench, me int) { b.met(me)(b.bar.WaitContext(b.ctx)) },
		"Abort":       func(b *bench, _ int) { b.bar.Abort(nil) },
		"Reset":       func(b *bench, _ int) { b.bar.Reset() },
		"Abort, Reset": func(b *bench, _ int) {
			b.bar.Abort(nil)
			b.bar.Reset()
		},
	}, func(b *bench) {
		sum := 0
		for _, n := range b.took {
			sum += n
		}
		b.e.Check(sum%2 == 0, "%d came through a barrier for 2", sum)
		b.e.Check(b.bar.Waiting() == 0, "%d wait", b.bar.Waiting())
	}, [3]string{"WaitTimeout", "WaitTimeout", "Abort, Reset"}, [3]string{"WaitTimeout", "WaitTimeout", "WaitTimeout"})
}

func (b *bench) met(me int) func(int, error) {
	return func(index int, err error) {
		b.e.Check((index == -1) == (err != nil), "index %d, error %v", index, err)
		if err == nil {
			b.took[me]++
		}
	}
}
