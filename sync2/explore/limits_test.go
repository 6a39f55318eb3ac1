package explore

import (
	"context"
	"errors"
	"math"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/explore/internal/engine"
)

const forever = time.Duration(math.MaxInt64)

// Extreme durations are waits like any others, whenever they begin.
func TestExtremeDurations(t *testing.T) {
	for name, program := range map[string]func(e *E){
		"Sleep": func(e *E) { e.Sleep(forever); e.Sleep(forever); e.Sleep(math.MinInt64) },
		"after an hour": func(e *E) {
			e.Sleep(time.Hour)
			var mu sync2.Mutex
			mu.Lock()
			e.Go("ann", func() { e.Sleep(time.Minute); mu.Unlock() })
			e.Check(mu.LockTimeout(forever), "gave up at once")
			e.Join()
		},
		"never": func(e *E) {
			e.Sleep(time.Hour)
			e.Check(!sync2.NewSemaphore(0).AcquireTimeout(forever), "acquired")
			e.Check(e.Now() == forever, "at %v", e.Now())
			e.Check(!sync2.NewSemaphore(0).AcquireTimeout(time.Second), "acquired")
		},
		"WithTimeout": func(e *E) {
			e.Sleep(time.Hour)
			ctx, cancel := e.WithTimeout(context.Background(), forever)
			e.Go("ann", func() { e.Sleep(time.Minute); e.Check(ctx.Err() == nil, "%v", ctx.Err()); cancel() })
			e.Check(sync2.NewSemaphore(0).AcquireContext(ctx) == context.Canceled, "ended by itself") //nolint:errorlint // and nothing else
			e.Join()
		},
		"Barrier": func(e *E) {
			e.Sleep(time.Hour)
			b := sync2.NewBarrier(2, sync2.WithTimeout(forever))
			e.Go("ann", func() { e.Sleep(time.Minute); _, err := b.Wait(); e.Check(err == nil, "%v", err) })
			_, err := b.Wait()
			e.Check(err == nil, "%v", err)
			e.Join()
		},
		"Event": func(e *E) { e.Sleep(1); var ev sync2.Event; e.Check(!ev.WaitTimeout(forever), "set") },
		"Queue": func(e *E) {
			e.Sleep(1)
			_, err := sync2.NewQueue[int](1).GetTimeout(forever)
			e.Check(err != nil, "got one")
		},
		"Future": func(e *E) {
			e.Sleep(1)
			_, err := sync2.NewPromise[int]().Future().ResultTimeout(forever)
			e.Check(err != nil, "got it")
		},
	} {
		for strategy, opt := range map[string]Option{"random": Random(50), "DPOR": DPOR()} {
			if r := Explore(t.Name(), program, opt); r.Failure != nil {
				t.Errorf("%s, %s: %v", name, strategy, r.Failure.Report())
			}
		}
	}
	for _, d := range []time.Duration{0, -1, math.MinInt64} {
		r := Explore(t.Name(), func(e *E) {
			ctx, cancel := e.WithTimeout(context.Background(), d)
			defer cancel()
			e.Check(errors.Is(ctx.Err(), context.DeadlineExceeded), "%v", ctx.Err())
			<-ctx.Done()
			err := sync2.NewSemaphore(1).AcquireContext(ctx)
			e.Check(errors.Is(err, context.DeadlineExceeded), "%v", err)
			e.Sleep(d)
			e.Check(Select(e, NewChan[int](e, "c", 0).RecvCase(nil, nil), DoneCase(e, ctx)) == 1, "the other")
		}, DPOR())
		if r.Failure != nil {
			t.Errorf("%v: %v", d, r.Failure.Report())
		}
	}
}

// Invalid numbers are refused, and none uses more memory than allowed.
func TestExtremeNumbers(t *testing.T) {
	for name, program := range map[string]func(e *E){
		"Choose(1e9)": func(e *E) { e.Choose(1e9) },
		"Choose(0)":   func(e *E) { e.Choose(0) },
		"Choose(-1)":  func(e *E) { e.Choose(-1) },
		"NewChan(-1)": func(e *E) { NewChan[int](e, "c", -1) },
		"WaitGroup":   func(e *E) { wg := named("wg", new(sync2.WaitGroup)); wg.Add(math.MaxInt); wg.Add(1) },
		"Select":      func(e *E) { Select(e) },
		"nil":         func(e *E) { e.Go("ann", nil) },
	} {
		r := Explore(t.Name(), program, DPOR())
		if f := r.Failure; f == nil || f.Kind != KindPanicked || f.place == "" {
			t.Errorf("%s: %v, %v, want a panic", name, r, f)
		} else {
			t.Log(f)
		}
	}
	nothing := func(e *E) { e.Yield() }
	for name, opt := range map[string]Option{
		"Random": Random(-1), "PCT": PCT(1, -1), "Runs": Runs(-1), "Steps": Steps(0), "negative Steps": Steps(-1), "Preemptions": Preemptions(-1),
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: it did not panic", name)
				}
			}()
			Explore(t.Name(), nothing, opt)
		}()
	}
	before := heap()
	for _, opts := range [][]Option{{PCT(1e9, 3)}, {Random(3), Steps(math.MaxInt)}, {Random(math.MaxInt), Runs(3)}, {DPOR(), Runs(3)}, {Runs(0)}} {
		if r := Explore(t.Name(), nothing, opts...); r.Failure != nil {
			t.Error(r.Failure)
		}
	}
	r := Explore(t.Name(), func(e *E) {
		for range 1000 {
			e.Choose(MaxChoices)
		}
	}, DFS(), Runs(5))
	if after := heap(); after > before+100<<20 || r.Failure != nil || r.Exhausted || r.Cut == 0 {
		t.Errorf("%v, and %d MB of memory", r, (after-before)>>20)
	}
}

// Endless recursion is reported soon. It ends the process, so another process runs it.
func TestRecursion(t *testing.T) {
	if os.Getenv("EXPLORE_TEST_RECURSION") != "" {
		Explore(t.Name(), func(e *E) {
			e.Go("ann", func() { e.Yield(); recurse(new(int)) })
			e.Join()
		})
		return
	}
	if engine.UnderRace {
		t.Skip("it takes longer and shows nothing more")
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestRecursion$")
	cmd.Env = append(os.Environ(), "EXPLORE_TEST_RECURSION=1")
	start := time.Now()
	out, err := cmd.CombinedOutput()
	took := time.Since(start)
	if err == nil || !strings.Contains(string(out), "stack overflow") || !strings.Contains(string(out), "explore.recurse(") {
		t.Errorf("it ended with %v\n%s", err, out)
	}
	t.Logf("it took %v", took)
}

//go:noinline
func recurse(n *int) int { *n++; return recurse(n) + *n } //nolint:staticcheck // that it never ends is the point

// If the user's progress function panics or exits, that happens to the caller of Explore.
func TestProgressThatDoesNotReturn(t *testing.T) {
	for name, f := range map[string]func(Progress){"panic": func(Progress) { panic("enough") }, "Goexit": func(Progress) { runtime.Goexit() }} {
		done := make(chan any)
		go func() {
			returned := false
			defer func() {
				if returned {
					done <- "it returned"
				}
				done <- recover()
			}()
			Explore(t.Name(), abab, Random(10_000), OnProgress(f))
			returned = true
		}()
		want := any(nil)
		if name == "panic" {
			want = "enough"
		}
		if got := <-done; got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
	Test(t, abab, Random(100)) // and the explorer stays usable
}

// An exploration can be stopped in the middle of a run.
func TestUntilInARun(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	steps := 0
	program := func(e *E) {
		for {
			if steps++; steps == 5000 {
				cancel()
			}
			e.Yield()
		}
	}
	r := Explore(t.Name(), program, Random(10), Steps(1<<30), Until(ctx))
	if r.Failure != nil || !r.Stopped || r.Exhausted || steps > 10_000 {
		t.Errorf("%v, %v after %d operations", r, r.Failure, steps)
	}
}
