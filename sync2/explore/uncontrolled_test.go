package explore

import (
	"context"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/explore/internal/engine"
)

// An uncontrolled goroutine is noticed in the run that starts it, whatever it does.
func TestUncontrolledGoroutines(t *testing.T) {
	for _, tt := range []struct {
		name, want string
		run        func(e *E)
	}{
		{"go and sync.Mutex", "main started 2 goroutines outside the explorer", func(*E) {
			var mu sync.Mutex
			var wg sync.WaitGroup
			var n atomic.Int64
			for range 2 {
				wg.Add(1) //nolint:modernize // the go statement is what is tested
				go func() {
					defer wg.Done()
					mu.Lock()
					v := n.Load()
					mu.Unlock()
					n.Store(v + 1)
				}()
			}
			wg.Wait()
		}},
		{"WaitGroup.Go and a mutex of sync2", "main started 2 goroutines outside the explorer", func(*E) {
			var mu sync2.Mutex
			var wg sync.WaitGroup
			for range 2 {
				wg.Go(func() { mu.Lock(); mu.Unlock() })
			}
			wg.Wait()
		}},
		{"a buffered channel", "main started a goroutine outside the explorer", func(*E) {
			c := make(chan int, 1)
			go func() { c <- 1 }()
			<-c
		}},
		{"nothing", "ann started a goroutine outside the explorer", func(e *E) {
			e.Go("ann", func() {
				e.Yield()
				done := make(chan bool)
				go close(done)
				<-done
			})
			e.Join()
		}},
		{"one that lives", "ann started a goroutine outside the explorer at uncontrolled_test.go:", func(e *E) {
			e.Go("ann", func() {
				go func() { select {} }()
				e.Yield()
			})
			e.Join()
		}},
		{"one that lives, once", "main started a goroutine outside the explorer at uncontrolled_test.go:", func(e *E) {
			e.Yield()
			startOnce.Do(func() { go func() { select {} }() })
			e.Yield()
		}},
		{"AfterFunc", "ben started a goroutine outside the explorer", func(e *E) {
			e.Go("ben", func() {
				ctx, cancel := context.WithCancel(context.Background())
				done := make(chan bool)
				context.AfterFunc(ctx, func() { close(done) })
				cancel()
				<-done
			})
			e.Join()
		}},
		{"in some schedule", "ben started a goroutine outside the explorer", func(e *E) {
			first := NewAtomic(e, "first", "")
			e.Go("ann", func() { first.CompareAndSwap("", "ann") })
			e.Go("ben", func() {
				if first.CompareAndSwap("", "ben") {
					done := make(chan bool)
					go close(done)
					<-done
				}
			})
			e.Join()
		}},
		{"in a run that fails", "in that run: check failed: no good", func(e *E) {
			done := make(chan bool)
			go close(done)
			<-done
			e.Fail("no good")
		}},
	} {
		for name, opt := range map[string]Option{"random": Random(200), "DPOR": DPOR()} {
			r := Explore(t.Name(), tt.run, opt)
			if f := r.Failure; f == nil || f.Kind != KindBadProgram || !strings.Contains(f.Message, tt.want) || r.Exhausted {
				t.Errorf("%s, %s: %v, found %v\nwant …%s…", tt.name, name, r, f, tt.want)
			} else if name == "DPOR" {
				t.Logf("%s: %v", tt.name, f)
			}
			startOnce = sync.Once{}
		}
	}
}

var startOnce sync.Once

// A goroutine started in only one of 24 schedules, whichever that is, does not hide among the runs that are counted
// together with it: their schedules are run again. It does not matter whether others follow.
func TestUncontrolledInOneSchedule(t *testing.T) {
	var orders []string
	program := func(e *E, in string) {
		next, places := NewAtomicInt(e, "next", 0), [4]byte{}
		for i := range places {
			e.Go(string(rune('a'+i)), func() { places[i] = '0' + byte(next.Add(1)) })
		}
		e.Join()
		order := string(places[:])
		if in == "" {
			orders = append(orders, order)
		}
		if order == in {
			done := make(chan bool)
			go close(done)
			<-done
		}
	}
	if r := Explore(t.Name(), func(e *E) { program(e, "") }, DPOR()); r.Traces != 24 || !r.Exhausted && !slices.Contains(r.Caveats, hidden) {
		t.Fatalf("%v, %v", r, r.Failure)
	}
	slices.Sort(orders)
	orders = slices.Compact(orders)
	if len(orders) != 24 {
		t.Fatalf("the schedules are %q", orders)
	}
	for _, in := range orders {
		r := Explore(t.Name(), func(e *E) { program(e, in) }, DPOR())
		found := r.Failure != nil && r.Failure.Kind == KindBadProgram && strings.Contains(r.Failure.Message, "main started a goroutine outside the explorer")
		if r.Exhausted || !found && !slices.Contains(r.Caveats, hidden) {
			t.Errorf("%s: %v, %v", in, r, r.Failure)
		}
	}
}

// Other code in the process starts goroutines. They are not attributed to the program.
func TestOthersStartGoroutines(t *testing.T) {
	for name, dense := range map[string]bool{"now and then": false, "all the time": true} {
		t.Run(name, func(t *testing.T) {
			var stop atomic.Bool
			var started atomic.Int64
			var wg sync.WaitGroup
			wg.Go(func() {
				for !stop.Load() {
					var one sync.WaitGroup
					one.Go(func() {})
					one.Wait()
					started.Add(1)
					for i := 0; !dense && i < 100; i++ {
						runtime.Gosched()
					}
				}
			})
			defer wg.Wait()
			defer stop.Store(true)
			for range 20 {
				r := Explore(t.Name(), locked, Random(200), DPOR())
				if r.Failure != nil || !r.Exhausted && !((dense || engine.UnderRace) && len(r.Caveats) > 0) {
					t.Fatalf("%v: %v", r, r.Failure)
				}
				r = Explore(t.Name(), func(*E) { // and the program's own do not hide behind them
					done := make(chan bool)
					go close(done)
					<-done
				}, DPOR())
				if r.Exhausted || r.Failure == nil && !slices.Contains(r.Caveats, hidden) {
					t.Fatalf("%v: %v", r, r.Failure)
				}
			}
			if started.Load() == 0 {
				t.Error("nobody started any")
			}
		})
	}
}

// Operations that count as one step in every schedule are reported: it is not known that every schedule passes.
func TestNotExhausted(t *testing.T) {
	for _, tt := range []struct {
		name, want string
		run        func(e *E)
	}{
		{"tasks without operations", "1 trace, and there are no others; not exhausted, since ann and ben did nothing that can be ordered", func(e *E) {
			var n atomic.Int64
			for _, name := range []string{"ann", "ben"} {
				e.Go(name, func() { n.Store(n.Load() + 1) })
			}
			e.Join()
		}},
		{"the same of sync2.Go", "not exhausted, since ann and ben did nothing that can be ordered", func(*E) {
			var n atomic.Int64
			inc := func() { n.Store(n.Load() + 1) }
			a, b := sync2.Go("ann", inc), sync2.Go("ben", inc)
			a.Join()
			b.Join()
		}},
		{"nothing at all", "not exhausted, since main did nothing that can be ordered", func(*E) {}},
		{"many", "not exhausted, since 0, 1, 2, 3 and 4 and others did nothing that can be ordered", func(e *E) {
			for i := range 7 {
				e.Go(string(rune('0'+i)), func() {})
			}
			e.Join()
		}},
		{"a context of package context", "not exhausted, since a context ended without an operation of the explorer", func(e *E) {
			ctx, cancel := context.WithCancel(context.Background())
			e.Go("ann", func() { _ = sync2.NewSemaphore(0).AcquireContext(ctx) })
			cancel()
			e.Join()
		}},
		{"a timeout", "exhausted: 1 trace, with timeouts that end only when nothing else can happen", func(*E) {
			sync2.NewSemaphore(0).AcquireTimeout(1)
		}},
		{"contexts of the explorer", "exhausted: ", func(e *E) {
			parent, cancel := e.WithCancel(context.Background())
			ctx, stop := context.WithCancel(parent)
			defer stop()
			e.Go("ann", func() { _ = sync2.NewSemaphore(0).AcquireContext(ctx) })
			cancel()
			e.Join()
		}},
		{"a main task without operations", "exhausted: ", func(e *E) {
			var mu sync2.Mutex
			e.Go("ann", func() { mu.Lock(); mu.Unlock() })
		}},
	} {
		r := Explore(t.Name(), tt.run, DPOR())
		if r.Failure != nil || !strings.Contains(r.String(), tt.want) || r.Exhausted != strings.HasPrefix(tt.want, "exhausted") {
			t.Errorf("%s: %v, %v\nwant %s", tt.name, r, r.Failure, tt.want)
		}
	}
}
