package explore

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/explore/internal/engine"
	"github.com/turnstile-go/turnstile/sync2/explore/internal/search"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
)

// An oracleProgram runs under every strategy of the oracle. It writes its outcome to out.
type oracleProgram struct {
	name    string
	anytime bool
	daemons bool // a daemon's last operation makes a run of its own, though not a trace
	run     func(e *E, out func(format string, args ...any))
}

// seen is what a strategy saw of a program.
type seen struct {
	runs     int
	traces   map[string]bool
	outcomes map[string]bool
}

// alone calls f with an execution that belongs to no exploration.
func alone(s search.Strategy, f func(x *engine.Execution)) {
	exploring.Lock()
	defer exploring.Unlock()
	x := &engine.Execution{Strategy: s, MaxSteps: 1 << 20}
	x.Open()
	defer x.Close()
	defer x.Threads.Stop()
	f(x)
}

// exhaust runs p until s has nothing left to try, continuing past failures.
func exhaust(t *testing.T, p oracleProgram, s search.Strategy) (got seen) {
	t.Helper()
	alone(s, func(x *engine.Execution) { got = exhaustOn(t, x, p, s) })
	return got
}

func exhaustOn(t *testing.T, x *engine.Execution, p oracleProgram, s search.Strategy) seen {
	t.Helper()
	x.MaxSteps, x.Anytime = 1000, p.anytime
	got := seen{traces: make(map[string]bool), outcomes: make(map[string]bool)}
	for s.Begin() {
		var mu sync.Mutex
		var out []string
		x.Run(func() {
			p.run(newE(x, new(common)), func(format string, args ...any) {
				mu.Lock()
				defer mu.Unlock()
				out = append(out, fmt.Sprintf(format, args...))
			})
		})
		x.Threads.Retire()
		got.runs++
		if !x.Pruned {
			got.traces[canonical(x)] = true
			if x.Fault != nil {
				out = []string{fmt.Sprint(x.Fault.ID())}
			}
			slices.Sort(out)
			got.outcomes[strings.Join(out, " ")] = true
		}
		s.End(&x.View)
		if got.runs > 2_000_000 {
			t.Fatal("too many runs")
		}
	}
	if d := s.(search.Systematic).Difference(); d != "" {
		t.Fatal(d)
	}
	return got
}

// canonical returns what all runs that differ only in the order of independent steps have in common: for each step,
// the steps of other tasks that come before it. It is the slow and obvious version of what analysis does.
func canonical(x *engine.Execution) string {
	n := len(x.Steps)
	before := make([][]bool, n)
	ordinal := make([]int, n)
	count := make(map[int32]int)
	var lines []string
	matters := func(i int) bool { // a daemon's step matters if anything depends on it
		if x.Tasks[x.Steps[i].Task].Kind != engine.TaskDaemon {
			return true
		}
		for j := i + 1; j < n; j++ {
			if before[j][i] && x.Tasks[x.Steps[j].Task].Kind != engine.TaskDaemon {
				return true
			}
		}
		return false
	}
	for j := range n {
		before[j] = make([]bool, n)
		s := &x.Steps[j]
		ordinal[j] = count[s.Task]
		count[s.Task]++
		for i := range j {
			if x.Steps[i].Task == s.Task || int32(i) < s.After || slices.Contains(x.PredsOf(j), int32(i)) ||
				search.Dependent(x.AccessesOf(i), x.AccessesOf(j)) {
				before[j][i] = true
				for k := range i {
					before[j][k] = before[j][k] || before[i][k]
				}
			}
		}
	}
	for j := range n {
		s := &x.Steps[j]
		if !matters(j) {
			continue
		}
		line := fmt.Sprintf("%d.%d %s/%d after", s.Task, ordinal[j], x.Verbs.Name(s.Verb), s.Alt)
		var after []string
		for i := range j {
			if before[j][i] && matters(i) {
				after = append(after, fmt.Sprintf("%d.%d", x.Steps[i].Task, ordinal[i]))
			}
		}
		slices.Sort(after)
		lines = append(lines, line+" "+strings.Join(after, " "))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// tasks starts the given functions and waits for them to return.
func tasks(e *E, fns ...func()) {
	for i, fn := range fns {
		e.Go(fmt.Sprintf("task-%d", i+1), fn)
	}
	e.Join()
}

// An atomicInt is a variable whose accesses are ordered, so that they do not race.
type atomicInt struct {
	mark engine.ContextObject
	v    atomic.Int64
}

func (a *atomicInt) load() int {
	engine.Current().Point(&a.mark, "Load", hook.AccessRead)
	return int(a.v.Load())
}

func (a *atomicInt) store(v int) {
	engine.Current().Point(&a.mark, "Store", hook.AccessWrite)
	a.v.Store(int64(v))
}

var oraclePrograms = []oracleProgram{
	{name: "independent", run: func(e *E, _ func(string, ...any)) {
		var a, b, c atomicInt
		tasks(e, func() { a.store(1); a.store(2) }, func() { b.store(1); b.store(2) }, func() { c.store(1); c.store(2) })
	}},
	{name: "one writer, two readers", run: func(e *E, out func(string, ...any)) {
		var a, b atomicInt
		tasks(e, func() { a.store(1); b.store(1) },
			func() { out("r1=%d,%d", a.load(), b.load()) }, func() { out("r2=%d,%d", b.load(), a.load()) })
	}},
	{name: "store buffer", run: func(e *E, out func(string, ...any)) {
		var a, b atomicInt
		tasks(e, func() { a.store(1); out("b=%d", b.load()) }, func() { b.store(1); out("a=%d", a.load()) })
	}},
	{name: "lost update", run: func(e *E, out func(string, ...any)) {
		var a atomicInt
		inc := func() { a.store(a.load() + 1) }
		tasks(e, inc, inc, inc)
		out("a=%d", a.v.Load())
	}},
	{name: "condition", run: func(e *E, out func(string, ...any)) {
		var flag, data, other atomicInt
		tasks(e, func() { data.store(1); flag.store(1) },
			func() {
				if flag.load() == 1 {
					out("data=%d", data.load())
				} else {
					other.store(1)
				}
			},
			func() { out("other=%d", other.load()) })
	}},
	{name: "last zero", run: func(e *E, out func(string, ...any)) { // where sleep sets alone waste runs
		var a [4]atomicInt
		tasks(e, func() {
			i := 3
			for ; i > 0 && a[i].load() != 0; i-- {
			}
			out("i=%d", i)
		}, func() { a[1].store(a[0].load() + 1) }, func() { a[2].store(a[1].load() + 1) }, func() { a[3].store(a[2].load() + 1) })
	}},
	{name: "two locks, same order", run: func(e *E, out func(string, ...any)) {
		var a, b sync2.Mutex
		tasks(e, func() { a.Lock(); b.Lock(); b.Unlock(); a.Unlock() }, func() { a.Lock(); b.Lock(); b.Unlock(); a.Unlock() })
	}},
	{name: "two locks, opposite order", run: func(e *E, _ func(string, ...any)) {
		var a, b sync2.Mutex
		tasks(e, func() { a.Lock(); b.Lock(); b.Unlock(); a.Unlock() }, func() { b.Lock(); a.Lock(); a.Unlock(); b.Unlock() })
	}},
	{name: "AB BC CA", run: func(e *E, _ func(string, ...any)) {
		var a, b, c sync2.Mutex
		tasks(e, func() { a.Lock(); b.Lock(); b.Unlock(); a.Unlock() }, func() { b.Lock(); c.Lock(); c.Unlock(); b.Unlock() },
			func() { c.Lock(); a.Lock(); a.Unlock(); c.Unlock() })
	}},
	{name: "try lock", run: func(e *E, out func(string, ...any)) {
		var a sync2.Mutex
		tasks(e, func() { a.Lock(); a.Unlock() }, func() {
			ok := a.TryLock()
			out("tried=%v", ok)
			if ok {
				a.Unlock()
			}
		}, func() { a.Lock(); a.Unlock() })
	}},
	{name: "event", run: func(e *E, out func(string, ...any)) {
		var ev sync2.Event
		tasks(e, func() { ev.Set(); ev.Clear() }, func() { ev.Wait() }, func() { out("set=%v", ev.IsSet()) })
	}},
	{name: "timeout at any moment", anytime: true, run: func(e *E, out func(string, ...any)) {
		var ev sync2.Event
		tasks(e, func() { out("ok=%v", ev.WaitTimeout(time.Second)) }, func() { ev.Set() }, func() { out("set=%v", ev.IsSet()) })
	}},
	{name: "semaphore, timeouts", anytime: true, run: func(e *E, out func(string, ...any)) {
		s := sync2.NewSemaphore(1)
		use := func(n int) func() {
			return func() {
				ok := s.AcquireTimeout(time.Second)
				out("%d=%v", n, ok)
				if ok {
					s.Release()
				}
			}
		}
		tasks(e, use(1), use(2), use(3))
	}},
	{name: "timeouts when idle", run: func(e *E, out func(string, ...any)) {
		var ev, other sync2.Event
		tasks(e, func() { out("1=%v", ev.WaitTimeout(time.Second)); other.Set() },
			func() { out("2=%v", ev.WaitTimeout(2*time.Second)) }, func() { other.Wait(); ev.Set() })
	}},
	{name: "cancel", run: func(e *E, out func(string, ...any)) {
		var ev sync2.Event
		ctx, cancel := e.WithCancel(context.Background())
		tasks(e, func() { out("1=%v", ev.WaitContext(ctx)) }, func() { cancel() }, func() { ev.Set() })
	}},
	{name: "cancel of a parent", run: func(e *E, out func(string, ...any)) {
		s := sync2.NewSemaphore(0)
		parent, cancel := e.WithCancel(context.Background())
		ctx, _ := e.WithCancel(parent)
		tasks(e, func() { out("1=%v", s.AcquireContext(ctx)) }, func() { cancel() }, func() { s.Release() })
	}},
	{name: "interrupt", daemons: true, run: func(e *E, out func(string, ...any)) {
		var mu sync2.Mutex
		ctx := e.Interrupt()
		use := func(n int) func() {
			return func() {
				err := mu.LockContext(ctx)
				out("%d=%v", n, err)
				if err == nil {
					mu.Unlock()
				}
			}
		}
		tasks(e, use(1), use(2))
	}},
	{name: "deadline", daemons: true, anytime: true, run: func(e *E, out func(string, ...any)) {
		s := sync2.NewSemaphore(1)
		use := func(n int) func() {
			return func() {
				ctx, cancel := e.WithTimeout(context.Background(), time.Second)
				defer cancel()
				err := s.AcquireContext(ctx)
				out("%d=%v", n, err)
				if err == nil {
					s.Release()
				}
			}
		}
		tasks(e, use(1), use(2))
	}},
	{name: "choices", run: func(e *E, out func(string, ...any)) {
		var a atomicInt
		tasks(e, func() { a.store(1 + e.Choose(3)) }, func() { out("a=%d", a.load()) })
	}},
	{name: "channel", run: func(e *E, out func(string, ...any)) {
		c := NewChan[int](e, "c", 0)
		tasks(e, func() { c.Send(1) }, func() { c.Send(2) }, func() {
			a, _ := c.Recv()
			b, _ := c.Recv()
			out("%d then %d", a, b)
		})
	}},
	{name: "buffered channel, closed", run: func(e *E, out func(string, ...any)) {
		c := NewChan[int](e, "c", 1)
		tasks(e, func() { c.Send(1); c.Send(2); c.Close() }, func() {
			for {
				v, ok := c.Recv()
				out("a=%d,%v", v, ok)
				if !ok {
					return
				}
			}
		}, func() { v, ok := c.Recv(); out("b=%d,%v", v, ok) })
	}},
	{name: "select", run: func(e *E, out func(string, ...any)) {
		a, b := NewChan[int](e, "a", 0), NewChan[int](e, "b", 1)
		tasks(e, func() { a.Send(1) }, func() { b.Send(2); b.Send(3) }, func() {
			got := ""
			for range 3 {
				var v int
				i := Select(e, a.RecvCase(&v, nil), b.RecvCase(&v, nil))
				got += fmt.Sprintf("%d:%d ", i, v)
			}
			out("%s", got)
		})
	}},
	{name: "select against select", run: func(e *E, out func(string, ...any)) {
		a, b := NewChan[int](e, "a", 0), NewChan[int](e, "b", 0)
		tasks(e, func() { out("sent %d", Select(e, a.SendCase(1), b.SendCase(2))) },
			func() { var v int; Select(e, a.RecvCase(&v, nil), b.RecvCase(&v, nil)); out("got %d", v) },
			func() { out("tried %d", TrySelect(e, a.RecvCase(nil, nil), b.RecvCase(nil, nil))) })
	}},
	{name: "select with a context", run: func(e *E, out func(string, ...any)) {
		c := NewChan[int](e, "c", 0)
		ctx, cancel := e.WithCancel(context.Background())
		tasks(e, func() { cancel() },
			func() { out("sent %d", Select(e, c.SendCase(1), DoneCase(e, ctx))) },
			func() { var v int; out("got %d %d", Select(e, DoneCase(e, ctx), c.RecvCase(&v, nil)), v) })
	}},
	{name: "select with a context that may end", daemons: true, run: func(e *E, out func(string, ...any)) {
		c := NewChan[int](e, "c", 1)
		ctx := e.Interrupt()
		tasks(e, func() { c.Send(1) }, func() { out("got %d", Select(e, c.RecvCase(nil, nil), DoneCase(e, ctx))) },
			func() { out("tried %d", TrySelect(e, c.RecvCase(nil, nil), DoneCase(e, ctx))) })
	}},
	{name: "RWMutex", run: func(e *E, out func(string, ...any)) {
		rw := named("rw", new(sync2.RWMutex))
		tasks(e, func() { rw.Lock(); rw.Unlock() }, func() { rw.RLock(); rw.RUnlock() }, func() {
			ok := rw.TryRLock()
			out("tried %v", ok)
			if ok {
				rw.RUnlock()
			}
		})
	}},
	{name: "WaitGroup and Once", run: func(e *E, out func(string, ...any)) {
		wg, once, n := named("wg", new(sync2.WaitGroup)), named("once", new(sync2.Once)), NewAtomicInt(e, "n", 0)
		wg.Add(2)
		work := func() { once.Do(func() { n.Add(1) }); wg.Done() }
		tasks(e, work, work, func() { wg.Wait(); out("n=%d", n.Load()) })
	}},
	{name: "compare and swap", run: func(e *E, out func(string, ...any)) {
		a := NewAtomic(e, "a", 0)
		tasks(e, func() { out("1=%v", a.CompareAndSwap(0, 1)) }, func() { out("2=%v", a.CompareAndSwap(0, 2)) },
			func() { out("3=%v,%d", a.CompareAndSwap(1, 3), a.Load()) })
	}},
	{name: "mutex by condition", run: func(e *E, out func(string, ...any)) {
		var a atomicInt
		var mu lockable
		tasks(e, func() { a.load(); mu.lock(); a.store(a.load() + 1); mu.unlock() }, func() { mu.lock(); a.store(a.load() + 1); mu.unlock() },
			func() { mu.lock(); out("n=%d", a.load()); mu.unlock() })
	}},
	{name: "two mutexes by condition", run: func(e *E, _ func(string, ...any)) {
		var a, b lockable
		tasks(e, func() { a.lock(); b.lock(); b.unlock(); a.unlock() }, func() { b.lock(); a.lock(); a.unlock(); b.unlock() })
	}},
	{name: "cut short", run: func(e *E, _ func(string, ...any)) { // the second task's load is pending when the first fails
		var a atomicInt
		tasks(e, func() { a.store(1); e.Fail("late") }, func() { e.Check(a.load() == 1, "early") })
	}},
	{name: "barrier", run: func(e *E, out func(string, ...any)) {
		b := sync2.NewBarrier(2)
		use := func(n int) func() {
			return func() {
				i, err := b.Wait()
				out("%d=%d,%v", n, i, err)
			}
		}
		tasks(e, use(1), use(2), func() { b.Abort(nil) })
	}},
}

// A lockable is a mutex whose lock is one conditional operation, as in the build with single steps.
type lockable struct {
	mark atomic.Uint32
	held bool
}

func (l *lockable) Mark() *atomic.Uint32 { return &l.mark }

//go:norace
func (l *lockable) free() bool { return !l.held }

//go:norace
func (l *lockable) lock() {
	engine.Current().When(l, "lock", l.free)
	l.held = true
}

//go:norace
func (l *lockable) unlock() {
	engine.Current().Point(l, "Unlock", hook.AccessRelease)
	l.held = false
}

func TestOracle(t *testing.T) {
	for _, p := range oraclePrograms {
		t.Run(p.name, func(t *testing.T) {
			all := exhaust(t, p, search.NewTree(-1, false, false))
			slept := exhaust(t, p, search.NewTree(-1, true, false))
			reduced := exhaust(t, p, search.NewTree(-1, true, true))
			t.Logf("%d schedules, %d traces; runs with sleep sets %d, with DPOR %d; %d outcomes",
				all.runs, len(all.traces), slept.runs, reduced.runs, len(all.outcomes))
			for name, s := range map[string]seen{"sleep sets": slept, "DPOR": reduced} {
				if !sameKeys(s.traces, all.traces) {
					t.Errorf("%s saw %d traces of %d", name, len(s.traces), len(all.traces))
				}
				if !sameKeys(s.outcomes, all.outcomes) {
					t.Errorf("%s saw the outcomes %q of %q", name, keys(s.outcomes), keys(all.outcomes))
				}
			}
			if most := 1 + len(all.traces)*105/100; reduced.runs > most && !p.daemons {
				t.Errorf("DPOR took %d runs for %d traces", reduced.runs, len(reduced.traces))
			}
		})
	}
}

func keys(m map[string]bool) []string {
	var all []string
	for k := range m {
		all = append(all, k)
	}
	slices.Sort(all)
	return all
}

func sameKeys(a, b map[string]bool) bool { return slices.Equal(keys(a), keys(b)) }
