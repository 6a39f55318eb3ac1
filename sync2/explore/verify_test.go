package explore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/turnstile-go/turnstile/internal/nightly"
	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/explore/internal/engine"
)

// A subject is a primitive under verification: what its goroutines may do, and what must hold when they are done.
type subject struct {
	name    string
	scripts map[string]func(w *world)
	make    func(w *world)
	check   func(w *world)
	wide    bool // it has too many operations for the goroutines to do more than one script each
	pairs   bool // it has too many for some threes of goroutines: all pairs are explored to the end, and the threes as far as that goes
}

// A world is what the goroutines of one run share. It is plain memory: what guards it is what is being verified.
type world struct {
	e     *E
	ctx   context.Context // ends at any moment, or never
	inner int             // in the critical section
	count int             // what the scripts count, under a lock
	total atomic.Int64    // what they count without one
	late  atomic.Int64
	held  atomic.Int64

	mu    sync2.Mutex
	re    sync2.ReentrantLock
	sem   *sync2.Semaphore
	ev    sync2.Event
	bar   *sync2.Barrier
	cond  *sync2.Cond
	queue *sync2.Queue[int]

	promise *sync2.Promise[int]
	pool    *sync2.Executor
	g       *sync2.Goroutine
	local   sync2.Local[int]

	watch *sync2.Watch[int]
	keys  sync2.KeyedMutex[string]
	crew  *sync2.Group
	fly   sync2.Flight[string, int]
	group sync2.WaitGroup
	once  sync2.Once
	rw    sync2.RWMutex
}

// critical is a section in which there must be nobody else.
func (w *world) critical() {
	w.inner++
	w.e.Yield()
	w.e.Check(w.inner == 1, "%d in the critical section", w.inner)
	w.inner--
}

const soon = time.Second

// lockScripts are the verbs of a lock.
func lockScripts(lock func(w *world) interface {
	Lock()
	Unlock()
	TryLock() bool
	LockTimeout(time.Duration) bool
	LockContext(context.Context) error
	Locked() bool
	Waiting() int
}) map[string]func(*world) {
	return map[string]func(*world){
		"Lock": func(w *world) { lock(w).Lock(); w.critical(); lock(w).Unlock() },
		"TryLock": func(w *world) {
			if lock(w).TryLock() {
				w.critical()
				lock(w).Unlock()
			}
		},
		"LockTimeout": func(w *world) {
			if lock(w).LockTimeout(soon) {
				w.critical()
				lock(w).Unlock()
			}
		},
		"LockContext": func(w *world) {
			if lock(w).LockContext(w.ctx) == nil {
				w.critical()
				lock(w).Unlock()
			}
		},
		"LockTimeout(0)": func(w *world) {
			if lock(w).LockTimeout(0) {
				lock(w).Unlock()
			}
		},
		"look": func(w *world) { lock(w).Waiting(); lock(w).Locked() },
	}
}

var subjects = append([]subject{
	{
		name: "Mutex",
		scripts: lockScripts(func(w *world) interface {
			Lock()
			Unlock()
			TryLock() bool
			LockTimeout(time.Duration) bool
			LockContext(context.Context) error
			Locked() bool
			Waiting() int
		} {
			return &w.mu
		}),
		check: func(w *world) {
			w.e.Check(w.mu.TryLock(), "locked, though nobody holds it")
			w.e.Check(w.mu.Waiting() == 0, "%d wait", w.mu.Waiting())
		},
	},
	{
		name: "ReentrantLock",
		wide: true,
		scripts: func() map[string]func(*world) {
			s := lockScripts(func(w *world) interface {
				Lock()
				Unlock()
				TryLock() bool
				LockTimeout(time.Duration) bool
				LockContext(context.Context) error
				Locked() bool
				Waiting() int
			} {
				return &w.re
			})
			delete(s, "look")
			s["nested"] = func(w *world) {
				w.re.Lock()
				w.e.Check(w.re.TryLock() && w.re.Depth() == 2, "depth %d", w.re.Depth())
				w.re.Unlock()
				w.critical()
				w.re.Unlock()
				w.e.Check(!w.re.Held(), "still held")
			}
			return s
		}(),
		check: func(w *world) { w.e.Check(w.re.TryLock(), "owned by %d, though nobody holds it", w.re.Owner()) },
	},
	{
		name: "Semaphore",
		make: func(w *world) { w.sem = sync2.NewBoundedSemaphore(2) },
		scripts: map[string]func(*world){
			"Acquire": func(w *world) { w.sem.Acquire(); w.took(1); w.give(1) },
			"TryAcquire": func(w *world) {
				if w.sem.TryAcquire() {
					w.took(1)
					w.give(1)
				}
			},
			"AcquireTimeout": func(w *world) {
				if w.sem.AcquireTimeout(soon) {
					w.took(1)
					w.give(1)
				}
			},
			"AcquireN": func(w *world) {
				if w.sem.AcquireN(w.ctx, 2) == nil {
					w.took(2)
					w.give(2)
				}
			},
			"AcquireContext": func(w *world) {
				if w.sem.AcquireContext(w.ctx) == nil {
					w.took(1)
					w.give(1)
				}
			},
			"Drain": func(w *world) {
				if n := w.sem.Drain(); n > 0 {
					w.took(n)
					w.give(n)
				}
			},
		},
		check: func(w *world) {
			w.e.Check(w.sem.Available() == 2, "%d available", w.sem.Available())
			w.e.Check(w.sem.Waiting() == 0, "%d wait", w.sem.Waiting())
		},
	},
	{
		name: "Event",
		scripts: map[string]func(*world){
			"Set":       func(w *world) { w.total.Add(1); w.ev.Set() },
			"Set twice": func(w *world) { w.total.Add(1); w.ev.Set(); w.ev.Set() },
			"WaitTimeout": func(w *world) {
				w.e.Check(!w.ev.WaitTimeout(soon) || w.total.Load() > 0, "released without Set")
			},
			"WaitContext": func(w *world) {
				w.e.Check(w.ev.WaitContext(w.ctx) != nil || w.total.Load() > 0, "released without Set")
			},
			"Clear": func(w *world) { w.ev.Clear() },
			"Wait after Set": func(w *world) {
				w.total.Add(1)
				w.ev.Set()
				w.ev.WaitTimeout(soon) // somebody may have cleared it
			},
			"IsSet": func(w *world) { w.e.Check(!w.ev.IsSet() || w.total.Load() > 0, "set without Set") },
		},
		check: func(w *world) { w.e.Check(w.ev.Waiting() == 0, "%d wait", w.ev.Waiting()) },
	},
	{
		name: "Barrier",
		make: func(w *world) { w.bar = sync2.NewBarrier(2) },
		scripts: map[string]func(*world){
			"WaitTimeout":    func(w *world) { w.met(w.bar.WaitTimeout(soon)) },
			"WaitTimeout(0)": func(w *world) { w.met(w.bar.WaitTimeout(0)) },
			"WaitContext":    func(w *world) { w.met(w.bar.WaitContext(w.ctx)) },
			"twice":          func(w *world) { w.met(w.bar.WaitTimeout(soon)); w.met(w.bar.WaitTimeout(soon)) },
			"Abort":          func(w *world) { w.bar.Abort(nil) },
			"Reset":          func(w *world) { w.bar.Reset() },
			"Abort, Reset":   func(w *world) { w.bar.Abort(nil); w.bar.Reset() },
			"look":           func(w *world) { w.bar.Broken(); w.bar.Waiting() },
		},
		check: func(w *world) {
			w.e.Check(w.total.Load()%2 == 0, "%d came through a barrier for 2", w.total.Load())
			w.e.Check(w.late.Load() == w.total.Load()/2, "%d of %d had index 1", w.late.Load(), w.total.Load())
			w.e.Check(w.bar.Waiting() == 0, "%d wait", w.bar.Waiting())
		},
	},
	{
		name: "Cond",
		wide: true,
		make: func(w *world) { w.cond = sync2.NewCond(&w.mu) },
		scripts: map[string]func(*world){
			"give and Signal":    func(w *world) { w.mu.Lock(); w.count++; w.cond.Signal(); w.mu.Unlock() },
			"give and Broadcast": func(w *world) { w.mu.Lock(); w.count++; w.mu.Unlock(); w.cond.Broadcast() },
			"WaitForTimeout": func(w *world) {
				w.mu.Lock()
				if w.cond.WaitForTimeout(soon, func() bool { return w.count > 0 }) {
					w.count--
				}
				w.critical()
				w.mu.Unlock()
			},
			"WaitForContext": func(w *world) {
				w.mu.Lock()
				if w.cond.WaitForContext(w.ctx, func() bool { return w.count > 0 }) == nil {
					w.count--
				}
				w.critical()
				w.mu.Unlock()
			},
			"give 1, take 1": func(w *world) {
				w.mu.Lock()
				w.count++
				w.cond.Notify(1)
				w.cond.WaitFor(func() bool { return w.count > 0 })
				w.count--
				w.mu.Unlock()
			},
		},
		check: func(w *world) {
			w.e.Check(w.count >= 0, "count is %d", w.count)
			w.e.Check(w.cond.Waiting() == 0, "%d wait", w.cond.Waiting())
			w.e.Check(w.mu.TryLock(), "locked, though nobody holds it")
		},
	},
	{
		name: "Queue",
		make: func(w *world) { w.queue = sync2.NewQueue[int](1) },
		scripts: map[string]func(*world){
			"PutTimeout": func(w *world) { w.put(w.queue.PutTimeout(soon, 1)) },
			"PutContext": func(w *world) { w.put(w.queue.PutContext(w.ctx, 1)) },
			"TryPut": func(w *world) {
				if w.queue.TryPut(1) {
					w.total.Add(1)
				}
			},
			"GetTimeout": func(w *world) { _, err := w.queue.GetTimeout(soon); w.got(err) },
			"GetContext": func(w *world) { _, err := w.queue.GetContext(w.ctx); w.got(err) },
			"Close":      func(w *world) { w.queue.Close() },
		},
		check: func(w *world) {
			w.e.Check(int64(w.queue.Len()) == w.total.Load(), "%d in the queue, want %d", w.queue.Len(), w.total.Load())
			w.e.Check(int64(w.queue.Unfinished()) == w.total.Load(), "%d unfinished, want %d", w.queue.Unfinished(), w.total.Load())
		},
	},
}, slices.Concat(moreSubjects, newSubjects, syncSubjects, queuedSubjects)...)

func (w *world) took(n int) {
	held := w.held.Add(int64(n))
	w.e.Check(held <= 2, "%d permits of 2 are taken", held)
}

func (w *world) give(n int) {
	w.held.Add(-int64(n))
	w.sem.ReleaseN(n)
}

func (w *world) met(index int, err error) {
	if err != nil {
		w.e.Check(index == -1 && errors.Is(err, sync2.ErrBroken), "index %d, error %v", index, err)
		return
	}
	w.total.Add(1)
	w.late.Add(int64(index))
}

func (w *world) put(err error) {
	if err == nil {
		w.total.Add(1)
	}
}

func (w *world) got(err error) {
	if err == nil {
		w.total.Add(-1)
		w.queue.TaskDone()
	}
}

// TestPrimitives explores, for each primitive, every combination of three goroutines that do one of the
// scripts each, and every one in which the first of them does two, with timeouts and ends of contexts at any moment, until nothing is left to try.
// Subjects with too many schedules for that have every pair explored to the end, and each script in some combination of
// three.
func TestPrimitives(t *testing.T) {
	for _, s := range subjects {
		t.Run(s.name, func(t *testing.T) { verify(t, s) })
	}
}

func verify(t *testing.T, s subject) {
	names := make(map[string]bool)
	for n := range s.scripts {
		names[n] = true
	}
	all := keys(names)
	programs, runs := 0, 0
	try := func(scripts ...[]string) {
		programs++
		r := s.explore(t, scripts, manyOrders)
		runs += r.Runs
		if !r.Exhausted && !engine.UnderRace {
			t.Errorf("%v: %s", scripts, r)
		}
	}
	if s.pairs {
		defer s.threes(t, all)
	}
	for i, a := range all {
		for j, b := range all[i:] {
			if s.pairs {
				try([]string{a}, []string{b})
				continue
			}
			for _, c := range all[i+j:] {
				try([]string{a}, []string{b}, []string{c})
			}
		}
		if testing.Short() || engine.UnderRace {
			break // only the combinations with the first
		}
		for j, b := range all {
			for _, c := range all[j:] {
				for _, d := range all {
					if !s.wide && !s.pairs {
						try([]string{a, d}, []string{b}, []string{c})
					}
				}
			}
		}
	}
	t.Logf("%d programs, %d runs", programs, runs)
}

const (
	manyOrders = 2_000_000
	someOrders = 40_000 // of three goroutines, where some programs have too many
	moreOrders = 60_000
)

// threes explores combinations of three goroutines as far as the number of schedules allows, until each script was in
// one that is explored to the end; in the night it explores all of them.
func (s subject) threes(t *testing.T, all []string) {
	budget := nightly.Or(someOrders, moreOrders)
	programs, runs, exhausted := 0, 0, 0
	in := make(map[string]int)
	for i, a := range all {
		for j, b := range all[i:] {
			for _, c := range all[i+j:] {
				if budget == someOrders && in[a] > 0 && in[b] > 0 && in[c] > 0 {
					continue
				}
				r := s.explore(t, [][]string{{a}, {b}, {c}}, budget)
				programs++
				runs += r.Runs
				if r.Exhausted {
					exhausted++
					in[a]++
					in[b]++
					in[c]++
				}
			}
		}
	}
	for _, name := range all {
		if in[name] == 0 && !engine.UnderRace {
			t.Errorf("%s: no program of three goroutines was explored to the end", name)
		}
	}
	t.Logf("%d of %d programs of three goroutines to the end, %d runs; scripts are in %v", exhausted, programs, runs, in)
}

// explore explores a program in which each goroutine does the scripts of the given names, in budget schedules at most.
func (s subject) explore(t *testing.T, scripts [][]string, budget int) *Result {
	t.Helper()
	if engine.UnderRace { // the race detector is to see them, not everything
		budget = 200
	}
	r := Explore(fmt.Sprint(scripts), func(e *E) {
		w := &world{e: e, ctx: e.Interrupt()}
		if s.make != nil {
			s.make(w)
		}
		for _, names := range scripts {
			e.Go(names[0], func() {
				for _, n := range names {
					s.scripts[n](w)
				}
			})
		}
		e.Join()
		s.check(w)
	}, DPOR(), AnyTime(), Runs(budget))
	if r.Failure != nil {
		t.Fatalf("%v: %s", scripts, r.Failure.Report())
	}
	return r
}

// TestGiveUpAtHead: when a large request gives up, the small one behind it must not have to wait for a Release.
func TestGiveUpAtHead(t *testing.T) {
	r := Explore(t.Name(), func(e *E) {
		s := sync2.NewSemaphore(1)
		ctx, cancel := e.WithCancel(context.Background())
		e.Go("large", func() { e.Check(s.AcquireN(ctx, 2) != nil, "2 permits of 1") })
		e.Go("small", s.Acquire)
		e.Go("canceller", cancel)
		e.Join()
		e.Check(s.Available() == 0, "%d available", s.Available())
	}, DPOR())
	if r.Failure != nil || !r.Exhausted {
		t.Errorf("%v: %v", r, r.Failure)
	}
}

// TestSameCounts: an exploration comes to the same numbers whenever it is repeated, whatever was explored in between. How many
// schedules DPOR tries depends on the budget, of which other trees have shares; how many traces there are does not.
func TestSameCounts(t *testing.T) {
	type counts struct {
		runs, traces int
		steps        int64
	}
	const budget = 3000
	programs := [][][]string{{{"Cancel"}, {"Cancel"}, {"Submit"}}, {{"Submit"}, {"Cancel"}, {"Cancel"}}, {{"TrySubmit"}, {"Shutdown"}}}
	s := subjects[slices.IndexFunc(subjects, func(s subject) bool { return s.name == "Executor with a queue" })]
	all := func() (got []counts) {
		for _, p := range programs {
			r := s.explore(t, p, budget)
			got = append(got, counts{r.Runs, r.Traces, r.Steps})
		}
		return got
	}
	first := all()
	slices.Reverse(programs)
	second := all()
	slices.Reverse(second)
	slices.Reverse(programs)
	if !slices.Equal(first, second) {
		t.Errorf("schedules, traces and steps %v at first and %v when repeated", first, second)
	}
	if engine.UnderRace {
		return // the budget of all is spent
	}
	if first[0].traces != first[1].traces {
		t.Errorf("%d traces of %v, %d of %v", first[0].traces, programs[0], first[1].traces, programs[1])
	}
	if r := s.explore(t, programs[0], 10*budget); r.Traces != first[0].traces {
		t.Errorf("%d traces with %d schedules, %d with %d", r.Traces, 10*budget, first[0].traces, budget)
	}
}
