package synctesting_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sasha-s/go-deadlock"
	"go.uber.org/goleak"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/explore"
	"github.com/turnstile-go/turnstile/sync2/synctesting"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// transfer moves money between two accounts in two goroutines, in the way the flags say.
func transfer(together, ordered bool) func(context.Context) error {
	return func(ctx context.Context) error {
		var a, b sync2.Mutex
		trace.Name(&a, "from")
		trace.Name(&b, "to")
		sum := 0
		move := func(first, second *sync2.Mutex) {
			if first.LockContext(ctx) != nil {
				return
			}
			defer first.Unlock()
			if second.LockContext(ctx) != nil {
				return
			}
			defer second.Unlock()
			sum++
		}
		ann := sync2.Go("ann", func() { move(&a, &b) })
		if !together {
			ann.Join()
		}
		ben := sync2.Go("ben", func() {
			if ordered {
				move(&a, &b)
			} else {
				move(&b, &a)
			}
		})
		ann.Join()
		ben.Join()
		if sum != 2 {
			return errors.New("not all of it was moved")
		}
		return nil
	}
}

func TestRunOfARightProgram(t *testing.T) {
	synctesting.Run(t, transfer(true, true))
}

// wants examines a program, and expects one finding, by the given check and with all of the texts. It returns it.
func wants(t *testing.T, c synctesting.Check, program func(context.Context) error, texts []string, opts ...synctesting.Option) *synctesting.Finding {
	t.Helper()
	found := synctesting.Examine(t.Context(), t.Name(), program, opts...)
	if c == synctesting.NoCheck {
		if len(found) > 0 {
			t.Fatalf("found %v, want nothing", found)
		}
		return nil
	}
	if len(found) != 1 || found[0].Check != c {
		t.Fatalf("found %v, want one of %v", found, c)
	}
	for _, text := range texts {
		if !strings.Contains(found[0].Error(), text) {
			t.Errorf("%q is not in:\n%v", text, found[0])
		}
	}
	return found[0]
}

// A lock inversion is reported even if it never deadlocks, since the two goroutines never meet.
func TestLockOrder(t *testing.T) {
	if synctesting.GuardsInternals {
		t.Log("go-deadlock looks at the insides of the primitives")
		return
	}
	wants(t, synctesting.Locks, transfer(false, false), []string{
		"ann took from (synctesting_test.go:", "and then to (synctesting_test.go:", "; ben took to (", "Inconsistent locking",
	}, synctesting.Rounds(1))
	wants(t, synctesting.NoCheck, transfer(false, true), nil, synctesting.Rounds(3))
}

func TestLockTwice(t *testing.T) {
	if synctesting.GuardsInternals {
		t.Log("go-deadlock looks at the insides of the primitives")
		return
	}
	twice := func(l interface {
		Lock()
		LockTimeout(time.Duration) bool
		Unlock()
	}) {
		l.Lock()
		if l.LockTimeout(time.Microsecond) {
			l.Unlock()
		}
		l.Unlock()
	}
	wants(t, synctesting.Locks, func(context.Context) error { twice(new(sync2.Mutex)); return nil }, []string{"Recursive locking"}, synctesting.Without(synctesting.Schedules))
	wants(t, synctesting.NoCheck, func(context.Context) error { twice(new(sync2.ReentrantLock)); return nil }, nil)
}

// A Cond releases its lock while it waits, at any depth, and takes it back.
func TestCondIsNoWrongOrder(t *testing.T) {
	wants(t, synctesting.NoCheck, func(context.Context) error {
		var l sync2.ReentrantLock
		var other sync2.Mutex
		c := sync2.NewCond(&l)
		ready := false
		g := sync2.Go("waiter", func() {
			other.Lock()
			defer other.Unlock()
			l.Lock()
			l.Lock()
			c.WaitFor(func() bool { return ready })
			l.Unlock()
			l.Unlock()
		})
		l.Lock()
		ready = true
		c.Broadcast()
		l.Unlock()
		g.Join()
		return nil
	}, nil)
}

// A Mutex may be unlocked by another goroutine; the goroutine that locked it then no longer holds it.
func TestUnlockByAnother(t *testing.T) {
	wants(t, synctesting.NoCheck, func(context.Context) error {
		var a, b sync2.Mutex
		var given sync2.Event
		g := sync2.Go("taker", func() {
			given.Wait()
			a.Unlock()
		})
		a.Lock()
		given.Set()
		g.Join()
		b.Lock() // without a
		b.Unlock()
		sync2.Go("other", func() { // so this is the only schedule
			b.Lock()
			a.Lock()
			a.Unlock()
			b.Unlock()
		}).Join()
		return nil
	}, nil)
}

func TestMutexesOfGoDeadlock(t *testing.T) {
	if synctesting.GuardsInternals {
		t.Log("go-deadlock looks at the insides of the primitives")
		return
	}
	wants(t, synctesting.Locks, func(context.Context) error {
		var a, b deadlock.Mutex
		for _, order := range [][2]*deadlock.Mutex{{&a, &b}, {&b, &a}} {
			order[0].Lock()
			order[1].Lock()
			order[1].Unlock()
			order[0].Unlock()
		}
		return nil
	}, []string{"Inconsistent locking"}, synctesting.Without(synctesting.Schedules))
}

func TestLeak(t *testing.T) {
	program := func(ctx context.Context) error {
		sync2.Go("forgotten", func() { <-ctx.Done() })
		return nil
	}
	wants(t, synctesting.Leaks, program, []string{"forgotten", "synctesting_test.go"}, synctesting.Without(synctesting.Schedules))
	wants(t, synctesting.NoCheck, program, nil, synctesting.Without(synctesting.Schedules), synctesting.IgnoreGoroutines("github.com/turnstile-go/turnstile/sync2/synctesting_test.TestLeak.func1.1"))
	wants(t, synctesting.NoCheck, program, nil, synctesting.Without(synctesting.Schedules, synctesting.Leaks, synctesting.Traces, synctesting.Locks))
}

func TestSchedules(t *testing.T) {
	lost := func(context.Context) error {
		var mu sync2.Mutex
		n := 0
		add := func() {
			mu.Lock()
			read := n
			mu.Unlock()
			mu.Lock()
			n = read + 1
			mu.Unlock()
		}
		a, b := sync2.Go("ann", add), sync2.Go("ben", add)
		a.Join()
		b.Join()
		if n != 2 {
			return errors.New("one was lost")
		}
		return nil
	}
	f := wants(t, synctesting.Schedules, lost, []string{"one was lost"}, synctesting.Without(synctesting.Runs, synctesting.Traces))
	failure, ok := errors.AsType[*explore.Failure](f)
	if !ok {
		t.Fatalf("%T is no Failure", f.Err)
	}
	wants(t, synctesting.Schedules, lost, []string{"one was lost"}, synctesting.Without(synctesting.Runs, synctesting.Traces), synctesting.Explore(explore.Replay(failure.Token)))
	wants(t, synctesting.NoCheck, lost, nil, synctesting.Without(synctesting.Runs, synctesting.Traces), synctesting.Explore(explore.DFS(), explore.Runs(1)))
}

func TestErrors(t *testing.T) {
	bad := errors.New("it is not so")
	f := wants(t, synctesting.Runs, func(ctx context.Context) error {
		if synctesting.Round(ctx) == 3 {
			return bad
		}
		return nil
	}, []string{"runs: run 4: it is not so"}, synctesting.Without(synctesting.Schedules))
	if !errors.Is(f, bad) || f.Round != 3 {
		t.Errorf("round %d, error %v", f.Round, f.Err)
	}
	f = wants(t, synctesting.Runs, func(ctx context.Context) error {
		if trace.Running() {
			return bad
		}
		return nil
	}, nil, synctesting.Without(synctesting.Schedules))
	if !errors.Is(f, bad) {
		t.Errorf("the error is %v", f.Err)
	}
	wants(t, synctesting.Runs, func(context.Context) error { runtime.Goexit(); return nil }, []string{"runtime.Goexit"})
}

func TestTooLong(t *testing.T) {
	wants(t, synctesting.Runs, func(ctx context.Context) error {
		<-ctx.Done()
		return context.Cause(ctx)
	}, []string{"took longer than 10ms", "the run takes too long"}, synctesting.Timeout(10*time.Millisecond))
	wants(t, synctesting.Runs, func(ctx context.Context) error {
		<-ctx.Done()
		return nil
	}, []string{"it returned nil"}, synctesting.Timeout(10*time.Millisecond))

	var door sync2.Event
	ended := make(chan struct{})
	wants(t, synctesting.Runs, func(context.Context) error {
		defer close(ended)
		door.Wait() // not with ctx
		return nil
	}, append([]string{"did not return", "TestTooLong"}, whoWaits...), synctesting.Timeout(10*time.Millisecond), synctesting.Without(synctesting.Leaks))
	door.Set()
	<-ended
}

// whoWaits is the report of one goroutine that waits for an Event.
var whoWaits = map[bool][]string{false: {"who waits:", "event: not set, 1 wait"}}[synctesting.GuardsInternals]

// The report of a leaked goroutine says what it waits for.
func TestLeakWaits(t *testing.T) {
	var door sync2.Event
	program := func(context.Context) error {
		sync2.Go("forgotten", door.Wait)
		for door.Waiting() == 0 {
			runtime.Gosched()
		}
		return nil
	}
	wants(t, synctesting.Leaks, program, append([]string{"forgotten"}, whoWaits...), synctesting.Without(synctesting.Schedules))
	door.Set()
}

// An executor that is not shut down is reported as such, with the line that made it.
func TestLeakOfExecutor(t *testing.T) {
	var pool *sync2.Executor
	program := func(context.Context) error {
		pool = sync2.NewExecutor(2, sync2.WithName("io"))
		_, err := sync2.Submit(pool, func(context.Context) (int, error) { return 1, nil }).Result()
		return err
	}
	f := wants(t, synctesting.Leaks, program, []string{"still there: io-1"}, synctesting.Without(synctesting.Schedules))
	pool.Shutdown()
	if !regexp.MustCompile(`executor io made at synctesting_test.go:\d+ was not shut down: 0 of 2 run, 0 queue`).MatchString(f.Error()) {
		t.Errorf("the executor is not reported:\n%v", f)
	}
}

func TestProcessors(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	var seen []int
	var rounds []int
	program := func(ctx context.Context) error {
		seen = append(seen, runtime.GOMAXPROCS(0))
		rounds = append(rounds, synctesting.Round(ctx))
		return nil
	}
	wants(t, synctesting.NoCheck, program, nil, synctesting.Rounds(3), synctesting.Processors(2, 1), synctesting.Without(synctesting.Schedules, synctesting.Traces, synctesting.Locks))
	if want := []int{2, 1, 2}; !slices.Equal(seen, want) {
		t.Errorf("ran on %v processors, want %v", seen, want)
	}
	if want := []int{0, 1, 2}; !slices.Equal(rounds, want) {
		t.Errorf("the rounds are %v, want %v", rounds, want)
	}
	if now := runtime.GOMAXPROCS(0); now != before {
		t.Errorf("GOMAXPROCS is %d now, it was %d", now, before)
	}
}

func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	runs := 0
	found := synctesting.Examine(ctx, t.Name(), func(ctx context.Context) error {
		if runs++; runs == 2 {
			cancel()
			<-ctx.Done()
			return ctx.Err()
		}
		return nil
	})
	if runs != 2 || len(found) > 0 {
		t.Errorf("%d runs, found %v", runs, found)
	}
}

func TestTraceIsTaken(t *testing.T) {
	if err := trace.Start(trace.NewRecorder(10)); err != nil {
		t.Fatal(err)
	}
	defer trace.Stop()
	wants(t, synctesting.Traces, func(context.Context) error { return nil }, []string{"already running"}, synctesting.Without(synctesting.Runs, synctesting.Leaks))
}

func TestBadOptions(t *testing.T) {
	for name, option := range map[string]func(){
		"Rounds":          func() { synctesting.Rounds(0) },
		"Timeout":         func() { synctesting.Timeout(0) },
		"Processors":      func() { synctesting.Processors() },
		"Processors of 0": func() { synctesting.Processors(1, 0) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			option()
		})
	}
}

// failing is set in the environment of a process that a test starts to see it fail.
const failing = "SYNCTESTING_FAILING"

func TestFailing(t *testing.T) {
	switch os.Getenv(failing) {
	case "leak":
		synctesting.Run(t, func(ctx context.Context) error { sync2.Go("forgotten", func() { <-ctx.Done() }); return nil })
	case "order":
		synctesting.Run(t, transfer(true, false), synctesting.Without(synctesting.Runs, synctesting.Leaks, synctesting.Locks, synctesting.Traces))
	case "test":
		synctesting.Run(t, func(context.Context) error { t.Error("the program failed the test"); return nil })
	case "race":
		synctesting.Run(t, func(context.Context) error {
			n := 0
			a, b := sync2.Go("ann", func() { n++ }), sync2.Go("ben", func() { n++ })
			a.Join()
			b.Join()
			return nil
		}, synctesting.Processors(1)) // so that the one has ended before the other begins
	}
}

// Run fails the test, and says why.
func TestRunFails(t *testing.T) {
	for what, wants := range map[string][]string{
		"leak":  {"synctesting: leaks: run 1: ", "forgotten"},
		"order": {"deadlock: main, ann, ben wait forever", "[replay: s2x"},
		"test":  {"the program failed the test"},
		"race":  {"WARNING: DATA RACE", "the race detector has reported"},
		"":      nil,
	} {
		if what == "race" && !underRace {
			continue
		}
		t.Run(what, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestFailing$")
			cmd.Env = append(os.Environ(), failing+"="+what)
			out, err := cmd.CombinedOutput()
			if failed := err != nil; failed != (what != "") {
				t.Fatalf("failed: %t\n%s", failed, out)
			}
			for _, want := range wants {
				if !strings.Contains(string(out), want) {
					t.Errorf("%q is not in:\n%s", want, out)
				}
			}
		})
	}
}

// A stack that goleak cannot read is neither a leak nor a panic, and is not passed over.
func TestDeepStack(t *testing.T) {
	quit, ended, blocked := make(chan struct{}), make(chan struct{}), make(chan struct{})
	var descend func(n int)
	descend = func(n int) {
		if n > 0 {
			descend(n - 1)
			return
		}
		close(blocked)
		<-quit
	}
	go func() { defer close(ended); descend(200) }()
	<-blocked
	wants(t, synctesting.Leaks, func(context.Context) error { return nil }, []string{"more than a hundred frames", "not looked for"})
	close(quit)
	<-ended
}
