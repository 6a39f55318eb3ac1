package explore

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// The recording of a failure is consistent up to the moment of the failure.
func TestRecordings(t *testing.T) {
	for name, program := range map[string]func(*E){
		"locks": abba,
		"race":  raced,
		"select given up": func(e *E) {
			c := NewChan[int](e, "c", 0)
			ctx, cancel := e.WithCancel(context.Background())
			tasks(e, func() { Select(e, c.RecvCase(nil, nil), DoneCase(e, ctx)) }, cancel)
			e.Fail("on purpose")
		},
		"selects": func(e *E) {
			c, d, done := NewChan[int](e, "c", 0), NewChan[int](e, "d", 2), NewChan[bool](e, "done", 0)
			n, once := NewAtomicInt(e, "n", 0), named("once", new(sync2.Once))
			tasks(e, func() {
				for range 3 {
					Select(e, d.RecvCase(nil, nil), c.RecvCase(nil, nil), done.SendCase(true))
					n.Add(1)
				}
			}, func() {
				once.Do(func() { c.Send(1) })
				d.Send(1)
				TrySelect(e, done.RecvCase(nil, nil))
			}, func() {
				once.Do(func() { c.Send(1) })
				Select(e, done.RecvCase(nil, nil), d.SendCase(2))
				d.Close()
				d.Recv()
			})
			e.Fail("on purpose")
		},
		"channels": func(e *E) {
			c, wg, rw := NewChan[int](e, "c", 1), named("wg", new(sync2.WaitGroup)), named("rw", new(sync2.RWMutex))
			for range 3 {
				wg.Go(func() { rw.RLock(); defer rw.RUnlock(); c.Send(1) })
			}
			wg.Go(func() { rw.Lock(); c.Recv(); rw.Unlock() })
			wg.Wait()
		},
		"one after the other": func(e *E) {
			var mu sync2.Mutex
			for range 3 {
				e.Go("ann", func() { mu.Lock(); defer mu.Unlock() })
				e.Join()
			}
			e.Fail("on purpose")
		},
		"timeouts": func(e *E) {
			var ev sync2.Event
			ctx, cancel := e.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			tasks(e, func() { ev.WaitTimeout(time.Second) }, func() { _ = ev.WaitContext(ctx) }, func() { e.Sleep(time.Hour) })
			e.Fail("on purpose")
		},
		"pool": func(e *E) {
			pool := sync2.NewExecutor(1)
			outer := sync2.Submit(pool, func(context.Context) (int, error) {
				return sync2.Submit(pool, func(context.Context) (int, error) { return 1, nil }).Result()
			})
			_, _ = outer.Result()
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := Explore(t.Name(), program, Random(200))
			if r.Failure == nil || len(r.Failure.Events) == 0 {
				t.Fatalf("%v: no failure, or no recording", r)
			}
			valid, state := trace.NewValidator(), new(timeline.State)
			for _, ev := range r.Failure.Events {
				if err := valid.Event(ev); err != nil {
					t.Fatalf("%s: %v\n%s", timeline.Describe(state, ev), err, r.Failure.Report())
				}
				if err := state.Apply(ev); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// A report describes a task's operations and waits in the program's terms.
func TestReportWords(t *testing.T) {
	r := Explore(t.Name(), func(e *E) {
		var mu sync2.Mutex
		done := NewAtomic(e, "done", false)
		mu.Lock()
		e.Sleep(time.Second)
		done.Store(true)
		mu.Lock()
	}, Random(1))
	if r.Failure == nil {
		t.Fatal("no failure")
	}
	report := r.Failure.Report()
	for _, want := range []string{
		"main waits in Lock mutex-1 at record_test.go:", "Lock mutex-1 — then sleeps ", "Store done ", "Lock mutex-1 — waits ",
	} {
		if !strings.Contains(report, want) {
			t.Errorf("no %q in\n%s", want, report)
		}
	}
}

// Goroutines of one kind that do the same share a line.
func TestReportOfMany(t *testing.T) {
	f := &Failure{Kind: KindLeak, Message: "they wait"}
	f.Steps = append(f.Steps, Step{Task: "main", Op: "send", Object: "c", Where: "x.go:1"})
	f.Blocked = append(f.Blocked, "main waits in Wait wg at x.go:5")
	for i := range 1000 {
		name := fmt.Sprintf("worker#%d", i+1)
		f.Blocked = append(f.Blocked, name+" waits in receive c at x.go:3")
		f.Steps = append(f.Steps, Step{Task: name, Op: "receive", Object: "c", Where: "x.go:3", Note: "waits"})
	}
	for range 5 {
		f.Steps = append(f.Steps, Step{Task: "poll", Op: "Load", Object: "n", Where: "x.go:4"})
	}
	f.Steps = append(f.Steps, Step{Task: "a", Op: "Lock", Object: "mu", Where: "x.go:7"}, Step{Task: "a", Op: "Lock", Object: "mu", Where: "x.go:7"})
	want := `leak: they wait
  main waits in Wait wg at x.go:5
  worker#1 and 999 more wait in receive c at x.go:3
     step  goroutine              operation          where
        1  main                   send c             x.go:1
   2–1001  worker#1 and 999 more  receive c — waits  x.go:3
1002–1006  poll                   Load n, 5 times    x.go:4
     1007  a                      Lock mu            x.go:7
     1008                         Lock mu            x.go:7
`
	if got := f.Report(); got != want {
		t.Errorf("it says\n%s\nwant\n%s", got, want)
	}
}

// On a thread where tasks have panicked before, only the last stack is shown.
func TestReportStack(t *testing.T) {
	r := Explore(t.Name(), func(e *E) {
		e.Go("ann", func() { panic("on purpose") })
		e.Join()
	}, Random(1))
	if r.Failure == nil {
		t.Fatal("no failure")
	}
	_, stack, _ := strings.Cut(r.Failure.Report(), "\n")
	if strings.Count(stack, "TestReportStack") != 1 || strings.Contains(stack, "(*Thread)") || strings.Contains(stack, "created by") {
		t.Errorf("the stack is\n%s", stack)
	}
}
