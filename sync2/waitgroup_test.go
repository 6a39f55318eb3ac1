package sync2_test

import (
	"context"
	"fmt"
	"math"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
)

func TestWaitGroupZeroValue(t *testing.T) {
	var g sync2.WaitGroup
	g.Wait()
	if err := g.WaitContext(t.Context()); err != nil {
		t.Error(err)
	}
	if !g.WaitTimeout(0) || !g.WaitTimeout(-1) || g.Count() != 0 || g.Waiting() != 0 {
		t.Errorf("a new WaitGroup: Count %d, Waiting %d", g.Count(), g.Waiting())
	}
	g.Add(0)
	g.Wait()
}

func TestWaitGroupCounts(t *testing.T) {
	var g sync2.WaitGroup
	g.Add(5)
	g.Done()
	g.Add(-2)
	if n := g.Count(); n != 2 {
		t.Errorf("Count = %d, want 2", n)
	}
	if g.WaitTimeout(0) || g.WaitTimeout(-1) || g.WaitTimeout(time.Nanosecond) {
		t.Error("WaitTimeout does not wait for 0")
	}
	g.Add(-2)
	if !g.WaitTimeout(0) {
		t.Error("WaitTimeout(0) is false at 0")
	}
	g.Wait()
}

func TestWaitGroupEndedContextFailsFirst(t *testing.T) {
	var g sync2.WaitGroup
	wantErr(t, g.WaitContext(ended(errTest)), errTest)
	g.Add(1)
	wantErr(t, g.WaitContext(ended(errTest)), errTest)
	wantMisuse(t, "WaitGroup.WaitContext", func() { _ = g.WaitContext(nil) }) //nolint:staticcheck // it panics
	if g.Waiting() != 0 || g.Count() != 1 {
		t.Errorf("Waiting %d, Count %d afterwards", g.Waiting(), g.Count())
	}
}

// Add panics if the counter would be below 0 or above the largest int, and changes nothing, whether or not goroutines wait.
func TestWaitGroupMisuse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, waiters := range []int{0, 1} {
			var g sync2.WaitGroup
			wantMisuse(t, "WaitGroup.Done", g.Done)
			wantMisuse(t, "WaitGroup.Add", func() { g.Add(-1) })
			wantMisuse(t, "WaitGroup.Add", func() { g.Add(math.MinInt) })
			g.Add(1)
			wantMisuse(t, "WaitGroup.Go", func() { g.Go(nil) })
			for range waiters {
				go g.Wait()
			}
			synctest.Wait()
			wantMisuse(t, "WaitGroup.Add", func() { g.Add(-2) })
			wantMisuse(t, "WaitGroup.Add", func() { g.Add(math.MaxInt) })
			g.Add(math.MaxInt - 1)
			wantMisuse(t, "WaitGroup.Add", func() { g.Add(1) })
			wantMisuse(t, "WaitGroup.Go", func() { g.Go(func() { t.Error("called") }) })
			synctest.Wait()
			if g.Count() != math.MaxInt || g.Waiting() != waiters {
				t.Errorf("Count %d, Waiting %d", g.Count(), g.Waiting())
			}
			g.Done()
			g.Add(2 - math.MaxInt)
			if g.Count() != 1 || g.Waiting() != waiters {
				t.Errorf("Count %d, Waiting %d", g.Count(), g.Waiting())
			}
			g.Done()
			synctest.Wait()
			if g.Count() != 0 || g.Waiting() != 0 {
				t.Errorf("at 0: Count %d, Waiting %d", g.Count(), g.Waiting())
			}
		}
	})
}

// Goroutines that wait when the counter reaches 0 are released even if it rises again at once; later ones wait
// for the next time.
func TestWaitGroupRisesAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g sync2.WaitGroup
		g.Add(2)
		var released atomic.Int32
		for i := range 30 {
			go func() {
				switch i % 3 {
				case 0:
					g.Wait()
				case 1:
					if err := g.WaitContext(t.Context()); err != nil {
						t.Error(err)
					}
				case 2:
					if !g.WaitTimeout(time.Hour) {
						t.Error("WaitTimeout gave up")
					}
				}
				released.Add(1)
			}()
		}
		synctest.Wait()
		g.Done()
		synctest.Wait()
		if g.Waiting() != 30 || released.Load() != 0 {
			t.Fatalf("at 1: Waiting = %d, %d released", g.Waiting(), released.Load())
		}
		g.Done()
		g.Add(1)
		if g.Waiting() != 0 {
			t.Errorf("Waiting = %d after 0", g.Waiting())
		}
		late := false
		go func() { g.Wait(); late = true }()
		synctest.Wait()
		if released.Load() != 30 || late {
			t.Errorf("%d released, want 30; one that came later: %v", released.Load(), late)
		}
		g.Done()
		synctest.Wait()
		if !late {
			t.Error("the second 0 did not release")
		}
	})
}

func TestWaitGroupGivingUpChangesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g sync2.WaitGroup
		g.Add(1)
		ctx, cancel := context.WithCancelCause(t.Context())
		var err error
		go func() { err = g.WaitContext(ctx) }()
		synctest.Wait()
		cancel(errTest)
		synctest.Wait()
		wantErr(t, err, errTest)
		wantErr(t, err, context.Canceled)
		start := time.Now()
		if g.WaitTimeout(3 * time.Second) {
			t.Error("WaitTimeout returned true at 1")
		}
		if d := time.Since(start); d != 3*time.Second {
			t.Errorf("WaitTimeout took %v", d)
		}
		if g.Waiting() != 0 || g.Count() != 1 {
			t.Errorf("Waiting = %d, Count = %d after both gave up", g.Waiting(), g.Count())
		}
		g.Done()
		g.Wait()
	})
}

func TestWaitGroupGo(t *testing.T) {
	var g sync2.WaitGroup
	var local sync2.Local[int]
	var ids []string
	n := 0
	g.Go(func() {
		local.Set(1)
		n++
		ids = append(ids, sync2.Current().Name(), fmt.Sprintf("goroutine-%d", sync2.Current().ID()))
		if !slices.Contains(sync2.Goroutines(), sync2.Current()) {
			t.Error("not among Goroutines")
		}
	})
	g.Wait()
	g.Go(func() {
		n++
		runtime.Goexit()
	})
	g.Wait()
	if n != 2 || ids[0] != ids[1] || g.Count() != 0 {
		t.Errorf("n = %d, called %v, Count = %d", n, ids, g.Count())
	}
	if left := sync2.Goroutines(); len(left) != 0 {
		t.Errorf("Goroutines = %v after Wait", left)
	}
}

// A panic crashes the program before any Wait returns.
func TestWaitGroupGoPanicCrashes(t *testing.T) {
	if os.Getenv("SYNC2_TEST_PANIC") != "" {
		var g sync2.WaitGroup
		g.Go(func() { explode(countedError{&g}) })
		g.Wait()
		fmt.Println("waited")
		return
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestWaitGroupGoPanicCrashes$")
	cmd.Env = append(os.Environ(), "SYNC2_TEST_PANIC=1")
	out, err := cmd.CombinedOutput()
	text := string(out)
	if err == nil || strings.Contains(text, "waited") || !strings.Contains(text, "boom") || !strings.Contains(text, "explode") {
		t.Errorf("err %v, output:\n%s", err, text)
	}
}

// A countedError is an error whose Error is called when the program is about to crash.
type countedError struct{ g *sync2.WaitGroup }

func (e countedError) Error() string {
	if e.g.Count() == 0 {
		fmt.Println("waited")
	}
	return "boom"
}

// Two groups release each other repeatedly, in turn.
func TestWaitGroupPair(t *testing.T) {
	var arrive, leave sync2.WaitGroup
	const n = 16
	for range 8 {
		arrive.Add(n)
		leave.Add(n)
		var out atomic.Int32
		var all sync2.WaitGroup
		for range n {
			all.Go(func() {
				arrive.Done()
				leave.Wait()
				out.Add(1)
			})
		}
		arrive.Wait()
		for range n {
			if out.Load() != 0 {
				t.Fatal("released too soon")
			}
			leave.Done()
		}
		all.Wait()
	}
}

// Everything before each Done happens before Wait returns, on every path through Wait.
func TestWaitGroupOrders(t *testing.T) {
	for i := range 2000 {
		var g sync2.WaitGroup
		var a, b int
		g.Add(2)
		go func() { a = 1; g.Done() }()
		go func() { b = 1; g.Add(-1) }()
		switch i % 3 {
		case 0:
			g.Wait()
		case 1:
			_ = g.WaitContext(context.Background())
		case 2:
			for !g.WaitTimeout(time.Microsecond) {
				runtime.Gosched()
			}
		}
		if a != 1 || b != 1 {
			t.Fatal("Wait returned too soon")
		}
	}
}

func TestWaitGroupUncontendedAllocatesNothing(t *testing.T) {
	var g sync2.WaitGroup
	ctx := t.Context()
	wantNoAllocs(t, func() {
		g.Add(2)
		g.Done()
		g.Done()
		g.Wait()
		_ = g.WaitContext(ctx)
		g.WaitTimeout(time.Second)
	})
}

// Goroutines wait in every form, some giving up repeatedly, while the counter reaches 0 and rises again.
func TestWaitGroupHammer(t *testing.T) {
	var g, waiters sync2.WaitGroup
	var over atomic.Bool
	shared := make([]int, 3) // each written before its Done, and read after Wait: the race detector checks the order
	for i := range 6 {
		waiters.Go(func() {
			for !over.Load() {
				switch i % 3 {
				case 0:
					g.Wait()
				case 1:
					g.WaitTimeout(time.Microsecond)
				case 2:
					ctx, cancel := context.WithTimeout(context.Background(), time.Microsecond)
					_ = g.WaitContext(ctx)
					cancel()
				}
			}
		})
	}
	for round := range 500 {
		g.Add(len(shared))
		for i := range shared {
			go func() {
				shared[i] = round
				g.Done()
			}()
		}
		g.Wait()
		if shared[0]+shared[1]+shared[2] != 3*round {
			t.Fatalf("round %d: %v", round, shared)
		}
	}
	over.Store(true)
	waiters.Wait()
	if g.Count() != 0 || g.Waiting() != 0 {
		t.Errorf("Count = %d, Waiting = %d", g.Count(), g.Waiting())
	}
}
