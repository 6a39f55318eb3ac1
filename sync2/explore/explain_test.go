package explore

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A standstill is a program that blocks, and the expected explanation, without positions.
type standstill struct {
	name    string
	program func(e *E)
	blocked string
	cycle   string
}

var standstills = []standstill{
	{"Mutex, abandoned", func(e *E) {
		var mu sync2.Mutex
		e.Go("bob", func() { mu.Lock() })
		e.Join()
		e.Go("ann", func() { mu.Lock() })
		e.Join()
	}, "main waits in Join / ann waits in Lock mutex-1; held by bob, which has ended", ""},
	{"ReentrantLock, abandoned by main", func(e *E) {
		var l sync2.ReentrantLock
		l.Lock()
		e.Go("ann", func() { l.Lock() })
		e.Go("ben", func() { l.Lock() })
	}, "ann waits in Lock reentrant-lock-1; held by main, which has ended / ben waits in Lock reentrant-lock-1; held by main, which has ended", ""},
	{"Mutex, and its holder waits for something else", func(e *E) {
		var mu sync2.Mutex
		var ev sync2.Event
		e.Go("ann", func() { mu.Lock(); ev.Wait() })
		e.Go("ben", func() { e.Yield(); mu.Lock() })
		e.Sleep(1)
	}, "ann waits in Wait event-1; no goroutine has set it / ben waits in Lock mutex-1; held by ann", ""},
	{"Cond, notified before", func(e *E) {
		var mu sync2.Mutex
		c := sync2.NewCond(&mu)
		e.Go("ann", func() { c.Signal() })
		e.Join()
		mu.Lock()
		c.Wait()
	}, "main waits in Wait cond-1; no goroutine can notify: ann has ended", ""},
	{"Semaphore", func(e *E) {
		s := sync2.NewSemaphore(2)
		var ev sync2.Event
		e.Go("ann", func() { s.Acquire() })
		e.Join()
		e.Go("ben", func() { s.Acquire(); ev.Wait() })
		e.Sleep(1)
		s.Acquire()
	}, "main waits in Acquire semaphore-1; held by ann and ben, of which ann has ended / ben waits in Wait event-1; no goroutine has set it", ""},
	{"Semaphore, a cycle beside one that has ended", func(e *E) {
		s := sync2.NewSemaphore(2)
		var mu sync2.Mutex
		e.Go("ann", func() { s.Acquire() })
		e.Join()
		s.Acquire()
		e.Go("ben", func() { mu.Lock(); s.Acquire() })
		e.Sleep(1)
		mu.Lock()
	}, "main waits in Lock mutex-1 / ben waits in Acquire semaphore-1", "main holds semaphore-1 and waits for mutex-1; ben holds mutex-1 and waits for semaphore-1"},
	{"Semaphore whose permits are signals", func(*E) {
		s := sync2.NewSemaphore(0)
		s.Release()
		s.Acquire()
		s.Acquire()
	}, "main waits in Acquire semaphore-1; no goroutine has released it", ""},
	{"Future", func(*E) {
		var ev sync2.Event
		f := sync2.Submit(sync2.NewExecutor(1), func(context.Context) (int, error) { ev.Wait(); return 1, nil })
		_, _ = f.Result()
	}, "main waits in Result future-1; run by worker-1 / worker-1 waits in Wait event-1; no goroutine has set it", ""},
	{"Future in the queue of its own executor", func(*E) {
		pool := sync2.NewExecutor(1)
		_, _ = sync2.Submit(pool, func(context.Context) (int, error) {
			return sync2.Submit(pool, func(context.Context) (int, error) { return 1, nil }).Result()
		}).Result()
	}, "main waits in Result future-1; run by worker-1 / worker-1 waits in Result future-2",
		"worker-1 works for executor-1, which has no other worker for future-2, and waits for the result of future-2"},

	{"Join with a lock", func(e *E) {
		var mu sync2.Mutex
		var ev sync2.Event
		mu.Lock()
		e.Go("ann", func() { ev.Wait() })
		e.Go("ben", func() { mu.Lock() })
		e.Join()
	}, "main waits in Join / ann waits in Wait event-1 / ben waits in Lock mutex-1", "main holds mutex-1 and waits for the end of ben; ben waits for mutex-1"},
	{"Join of a cycle", func(e *E) {
		abba(e)
	}, "main waits in Join / ann waits in Lock mutex-2 / ben waits in Lock mutex-1",
		"ann holds mutex-1 and waits for mutex-2; ben holds mutex-2 and waits for mutex-1"},
	{"Join of sync2 with a lock", func(*E) {
		var mu sync2.Mutex
		mu.Lock()
		sync2.Go("ann", func() { mu.Lock() }).Join()
	}, "main waits in Join ann / ann waits in Lock mutex-1", "main holds mutex-1 and waits for the end of ann; ann waits for mutex-1"},

	{"Once in itself", func(e *E) {
		o := named("once", new(sync2.Once))
		o.Do(func() { o.Do(func() {}) })
	}, "main waits in Do once", "main runs the function of once and waits for once, which main runs"},
	{"Once", func(e *E) {
		o := named("once", new(sync2.Once))
		var ev sync2.Event
		e.Go("ann", func() { o.Do(ev.Wait) })
		e.Sleep(1)
		o.Do(func() {})
	}, "main waits in Do once; run by ann / ann waits in Wait event-1; no goroutine has set it", ""},
}

func TestWhyStuck(t *testing.T) {
	place := regexp.MustCompile(` at \w+_test\.go:\d+`)
	for _, tt := range slices.Concat(standstills, standstillsOfRWMutex, standstillsOfChan) {
		t.Run(tt.name, func(t *testing.T) {
			r := Explore(t.Name(), tt.program, DPOR())
			if r.Failure == nil {
				t.Fatalf("%v: no failure", r)
			}
			var lines []string
			for _, s := range r.Failure.Blocked {
				if place.FindString(s) == "" {
					t.Errorf("it does not say where: %s", s)
				}
				lines = append(lines, place.ReplaceAllString(s, ""))
			}
			if got := strings.Join(lines, " / "); got != tt.blocked {
				t.Errorf("%s\nwant %s", got, tt.blocked)
			}
			if got := strings.Join(r.Failure.Cycle, " / "); got != tt.cycle {
				t.Errorf("cycle: %s\nwant: %s", got, tt.cycle)
			}
		})
	}
}

// Without a recording, what only it could tell is unknown; the rest is known.
func TestWhyStuckWithoutRecording(t *testing.T) {
	if err := trace.Start(trace.NewRecorder(1)); err != nil {
		t.Fatal(err)
	}
	defer trace.Stop()
	r := Explore(t.Name(), func(e *E) {
		var mu sync2.Mutex
		c := NewChan[int](e, "c", 0)
		e.Go("ann", func() { mu.Lock() })
		e.Join()
		e.Go("ben", func() { mu.Lock() })
		c.Recv()
	}, DPOR())
	if r.Failure == nil {
		t.Fatal("no failure")
	}
	report := r.Failure.Report()
	if !strings.Contains(report, "; no goroutine has tried to send to it") || strings.Contains(report, "held by") {
		t.Errorf("the report is\n%s", report)
	}
}
