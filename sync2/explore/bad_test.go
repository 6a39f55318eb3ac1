package explore

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/explore/internal/engine"
	"github.com/turnstile-go/turnstile/sync2/internal/goid"
)

func TestBadPrograms(t *testing.T) {
	for _, tt := range []struct {
		name string
		kind Kind
		want string // part of the message
		run  func(e *E)
	}{
		{"LockOSThread", KindBadProgram, "LockOSThread", func(e *E) {
			e.Go("ann", func() { runtime.LockOSThread(); e.Yield() })
			e.Join()
		}},
		{"LockOSThread at the end", KindBadProgram, "LockOSThread", func(e *E) {
			e.Go("ann", func() { e.Yield(); runtime.LockOSThread() })
			e.Join()
		}},
		{"LockOSThread in some schedule", KindBadProgram, "LockOSThread", func(e *E) {
			first := NewAtomic(e, "first", "")
			e.Go("ann", func() { first.CompareAndSwap("", "ann") })
			e.Go("ben", func() {
				if first.CompareAndSwap("", "ben") {
					runtime.LockOSThread()
				}
			})
			e.Join()
		}},
		{"uncontrolled goroutine at a mock", KindBadProgram, "does not know did Send at bad_test.go:", func(e *E) {
			c := NewChan[int](e, "c", 1)
			var wg sync.WaitGroup
			wg.Go(func() { c.Send(1) })
			wg.Wait()
			c.Recv()
		}},
		{"uncontrolled goroutine at E", KindBadProgram, "does not know did Go at bad_test.go:", func(e *E) {
			var wg sync.WaitGroup
			wg.Go(func() { e.Go("ann", func() {}) })
			wg.Wait()
		}},
		{"uncontrolled goroutine", KindBadProgram, "does not know did Set at bad_test.go:", func(e *E) {
			var ev sync2.Event
			ev.IsSet()
			var wg sync.WaitGroup
			wg.Go(func() { ev.Set() })
			wg.Wait()
		}},
		{"panic", KindPanicked, "boom", func(e *E) {
			e.Go("ann", func() { panic("boom") })
			e.Join()
		}},
		{"panic of sync2.Go", KindPanicked, "boom", func(*E) {
			sync2.Go("ann", func() { panic("boom") }).Join()
		}},
		{"misuse", KindPanicked, "sync2: Mutex.Unlock: not locked", func(*E) {
			var mu sync2.Mutex
			mu.Unlock()
		}},
		{"panic while unwinding", KindCheckFailed, "failed on purpose", func(e *E) {
			var mu sync2.Mutex
			e.Go("ann", func() {
				defer func() { panic("in a deferred call") }()
				defer mu.Unlock()
				mu.Lock()
				sync2.NewSemaphore(0).Acquire()
			})
			e.Go("ben", func() {
				defer func() { _ = recover() }()
				sync2.NewSemaphore(0).Acquire()
			})
			e.Fail("failed on %s", "purpose")
		}},
		{"Goexit", KindNone, "", func(e *E) {
			g := sync2.Go("ann", func() { defer e.Yield(); runtime.Goexit() })
			g.Join()
			e.Check(!g.Alive(), "alive")
		}},
		{"Goexit of main", KindNone, "", func(*E) { runtime.Goexit() }},
		{"deadline of package context", KindBadProgram, "E.WithTimeout", func(*E) {
			ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
			defer cancel()
			_ = sync2.NewSemaphore(0).AcquireContext(ctx)
		}},
		{"plain cancel", KindNone, "", func(e *E) {
			ctx, cancel := context.WithCancel(context.Background())
			e.Go("ann", func() { e.Yield(); cancel() })
			e.Check(sync2.NewSemaphore(0).AcquireContext(ctx) == context.Canceled, "not canceled") //nolint:errorlint // and nothing else
			e.Join()
		}},
		{"recursion", KindPanicked, "cannot explore", func(*E) { Explore("inner", func(*E) {}) }},
		{"leak", KindLeak, "ann waits forever after main has ended", func(e *E) {
			e.Go("ann", func() { sync2.NewSemaphore(0).Acquire() })
		}},
		{"spin with Yield", KindLivelock, "has not ended after", func(e *E) {
			for {
				e.Yield()
			}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := Explore(t.Name(), tt.run, Random(50), Steps(500))
			switch f := r.Failure; {
			case f == nil && tt.kind != KindNone:
				t.Errorf("found nothing, want %v", tt.kind)
			case f == nil:
			case tt.kind == KindBadProgram && r.Runs > 10:
				t.Errorf("found after %d runs, want it as soon as it happens", r.Runs)
			case f.Kind != tt.kind || !strings.Contains(f.Message, tt.want):
				t.Errorf("found %v\nwant %v: …%s…", f.Report(), tt.kind, tt.want)
			}
		})
	}
}

// A task at whose operation a run ends does not perform that operation.
func TestNothingIsDoneAfterTheEnd(t *testing.T) {
	done := 0
	r := Explore(t.Name(), func(e *E) {
		for done = 0; ; done++ {
			e.Yield()
		}
	}, Random(1), Steps(5))
	if r.Failure == nil || r.Failure.Kind != KindLivelock || done != 5 {
		t.Errorf("%v: %d operations, want 5", r.Failure, done)
	}
}

func TestNondeterminism(t *testing.T) {
	for name, opt := range map[string]Option{"DFS": DFS(), "DPOR": DPOR(), "random": Random(10), "PCT": PCT(2, 10)} {
		runs := 0
		r := Explore(t.Name(), func(e *E) {
			runs++
			var a, b sync2.Mutex
			if runs%2 == 0 {
				a.Lock()
			}
			tasks(e, func() { b.Lock(); b.Unlock() }, func() { b.Lock(); b.Unlock() })
		}, opt)
		if r.Failure == nil || r.Failure.Kind != KindBadProgram || !strings.Contains(r.Failure.Message, "same schedule") {
			t.Errorf("%s: found %v", name, r.Failure)
		}
	}
}

// Objects made by an earlier run are useless in a later one, even in another exploration.
func TestMadeByAnEarlierRun(t *testing.T) {
	var v *Var[int]
	var n *AtomicInt
	var handle *E
	keep := func(e *E) {
		if v == nil {
			v, n, handle = NewVar(e, "v", 0), NewAtomicInt(e, "n", 0), e
		}
	}
	for name, use := range map[string]func(e *E){
		"Var.Load": func(*E) { v.Load() }, "Add": func(*E) { n.Add(1) }, "Yield": func(*E) { handle.Yield() },
	} {
		for again := range 2 {
			r := Explore(t.Name(), func(e *E) { keep(e); use(e) }, Random(10))
			want := name + " was called on something that an earlier run made"
			if f := r.Failure; f == nil || f.Kind != KindBadProgram || !strings.Contains(f.Message, want) {
				t.Errorf("exploration %d found %v\nwant %s", again, f, want)
			}
		}
	}
}

// The failure depends on what an earlier run left behind; the operations do not.
func TestNondeterministicFailure(t *testing.T) {
	runs := 0
	r := Explore(t.Name(), func(e *E) { runs++; e.Yield(); e.Check(runs != 4, "fourth time") }, Random(10))
	if r.Failure == nil || r.Failure.Kind != KindBadProgram || !strings.Contains(r.Failure.Message, "a second one with the same schedule failed with check failed: fourth time") {
		t.Errorf("found %v", r.Failure)
	}
}

// A program that behaves differently when recorded gets that as its failure, not that the test failed.
func TestFailsUntilRecorded(t *testing.T) {
	runs := 0
	r := Explore(t.Name(), func(e *E) {
		runs++
		e.Check(runs > 2, "not the third time")
	}, Random(10))
	if r.Failure == nil || r.Failure.Kind != KindBadProgram || !strings.Contains(r.Failure.Message, "a second time with none") {
		t.Errorf("found %v", r.Failure)
	}
}

func TestFailsOnlyOnce(t *testing.T) {
	runs := 0
	r := Explore(t.Name(), func(e *E) { runs++; e.Check(runs != 3, "third time") }, Random(10))
	if r.Failure == nil || r.Failure.Kind != KindBadProgram || !strings.Contains(r.Failure.Message, "a second time with none") {
		t.Errorf("found %v", r.Failure)
	}
}

func TestHangs(t *testing.T) {
	defer func(d time.Duration) { engine.Patience = d }(engine.Patience)
	engine.Patience = 25 * time.Millisecond
	never := make(chan struct{})
	var stop atomic.Bool
	var held sync.Mutex
	held.Lock()
	defer held.Unlock()
	for _, tt := range []struct {
		name, want string
		run        func(e *E)
	}{
		{"channel", "is blocked (chan receive) at bad_test.go:", func(*E) { <-never }},
		{"select", "is blocked (select (no cases)) at bad_test.go:", func(*E) { select {} }},
		{"sleep", "is blocked (sleep) at bad_test.go:", func(*E) { time.Sleep(time.Second) }}, // the report blames the sleep
		{"Mutex", "is blocked (sync.Mutex.Lock) at bad_test.go:", func(*E) { held.Lock() }},
		{"spin", "runs without end at bad_test.go:", func(*E) {
			for !stop.Load() {
				runtime.Gosched()
			}
		}},
	} {
		r := Explore(tt.name, tt.run, Random(10))
		if r.Failure == nil || r.Failure.Kind != KindBadProgram || !strings.Contains(r.Failure.Message, tt.want) {
			t.Errorf("%s: found %v, want …%s…", tt.name, r.Failure, tt.want)
		}
	}
	if r := Explore("busy", func(*E) {
		for begin := time.Now(); time.Since(begin) < 3*engine.Patience; {
		}
	}, Random(1)); r.Failure != nil {
		t.Errorf("busy: found %v, though it comes to an end", r.Failure)
	}
	close(never)
	stop.Store(true)
	Test(t, locked, Random(100)) // and the explorer stays usable
}

// A run is not abandoned for blocking while nothing has been explored yet.
func TestMayTakeLongAtFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var x engine.Execution
		x.Untried.Store(true)
		never, id, done := make(chan struct{}), make(chan int64), make(chan *engine.Fault)
		go func() {
			id <- goid.Get()
			<-never
		}()
		engine.Running = &engine.Thread{G: <-id}
		go func() { done <- x.Await(never) }()
		time.Sleep(time.Hour) // of the bubble
		select {
		case f := <-done:
			t.Fatal(f.Message)
		default:
		}
		x.Untried.Store(false)
		if f := <-done; f == nil || !strings.Contains(f.Message, "is blocked (chan receive") {
			t.Error(f)
		}
		close(never)
	})
}

// An uncontrolled goroutine is also noticed where it uses a primitive before any task does, and only then.
func TestStrangerComesFirst(t *testing.T) {
	theirs, done := make(chan *sync2.Mutex), make(chan bool)
	defer close(theirs)
	go func() {
		for mu := range theirs {
			mu.Lock()
			mu.Unlock()
			done <- true
		}
	}()
	const want = "a goroutine that the explorer does not know has used the same as main in Lock"
	var before sync2.Mutex
	theirs <- &before
	<-done
	for _, tt := range []struct {
		name    string
		strange bool
		run     func(mu *sync2.Mutex)
	}{
		{"touched by both", true, func(mu *sync2.Mutex) { theirs <- mu; <-done; mu.Lock() }},
		{"touched by the other alone", false, func(mu *sync2.Mutex) { theirs <- &before; <-done; mu.Lock() }},
		{"touched by the other in an earlier exploration", false, func(*sync2.Mutex) { before.Lock(); before.Unlock() }},
	} {
		for range 2 { // marks left by an earlier exploration do not matter
			r := Explore(tt.name, func(*E) { tt.run(new(sync2.Mutex)) }, Random(5))
			if strange := r.Failure != nil && r.Failure.Kind == KindBadProgram && strings.HasPrefix(r.Failure.Message, want); strange != tt.strange || !strange && r.Failure != nil {
				t.Errorf("%s: %v, %v", tt.name, r, r.Failure)
			}
		}
	}
}

// A wait with the run's context ends with the run; any other is a leak.
func TestContextOfRun(t *testing.T) {
	for name, want := range map[string]Kind{"with": KindNone, "without": KindLeak} {
		r := Explore(name, func(e *E) {
			ctx := e.Context()
			e.Check(ctx.Err() == nil && e.Context() == ctx, "ended, or another: %v", ctx.Err())
			e.Go("ann", func() {
				var ev sync2.Event
				if want == KindLeak {
					ev.Wait()
				}
				err := ev.WaitContext(ctx)
				e.Check(errors.Is(err, context.Canceled), "%v", err)
			})
		}, DPOR())
		if r.Failure == nil && want != KindNone || r.Failure != nil && r.Failure.Kind != want {
			t.Errorf("%s: %v, want %v", name, r.Failure, want)
		}
	}
}

func TestUntil(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	runs := 0
	r := Explore(t.Name(), func(e *E) {
		locked(e)
		if runs++; runs == 8 { // three runs were repetitions
			cancel()
		}
	}, Random(1000), Until(ctx))
	if r.Failure != nil || r.Exhausted || r.Runs != 5 {
		t.Errorf("%+v, want 5 runs and not exhausted", r)
	}
}

// Nobody inherits a lock held by a goroutine that has ended.
func TestAbandonedReentrantLock(t *testing.T) {
	r := Explore(t.Name(), func(e *E) {
		var l sync2.ReentrantLock
		for _, name := range []string{"ann", "ben"} {
			e.Go(name, l.Lock)
			e.Join()
		}
	}, DPOR())
	if r.Failure == nil || r.Failure.Kind != KindDeadlock {
		t.Errorf("%v: %v, want a deadlock", r, r.Failure)
	}
}
