package sync2_test

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
)

// outcome is the result of one Wait.
type outcome struct {
	index int
	err   error
}

// arrive starts a goroutine that waits at b, and returns when it does so durably. It is for bubbles.
func arrive(b *sync2.Barrier, wait func() (int, error)) *outcome {
	o := &outcome{index: -99}
	go func() { o.index, o.err = wait() }()
	synctest.Wait()
	return o
}

func (o *outcome) passed(t *testing.T, index int) {
	t.Helper()
	if o.index != index || o.err != nil {
		t.Errorf("Wait = %d, %v; want %d, nil", o.index, o.err, index)
	}
}

func (o *outcome) broken(t *testing.T, cause error) {
	t.Helper()
	var b *sync2.BrokenError
	if o.index != -1 || !errors.Is(o.err, sync2.ErrBroken) || !errors.Is(o.err, cause) || !errors.As(o.err, &b) {
		t.Errorf("Wait = %d, %v; want -1 and a BrokenError because of %v", o.index, o.err, cause)
	}
}

func TestBarrierMisuse(t *testing.T) {
	wantMisuse(t, "NewBarrier", func() { sync2.NewBarrier(0) })
	wantMisuse(t, "NewBarrier", func() { sync2.NewBarrier(-1) })
	wantMisuse(t, "WithTimeout", func() { sync2.NewBarrier(1, sync2.WithTimeout(0)) })
	var b *sync2.Barrier
	b = sync2.NewBarrier(1, sync2.WithAction(func() error {
		wantMisuse(t, "Barrier.Wait", func() { _, _ = b.Wait() })
		wantMisuse(t, "Barrier.WaitTimeout", func() { _, _ = b.WaitTimeout(1) })
		wantMisuse(t, "Barrier.WaitContext", func() { _, _ = b.WaitContext(ended(errTest)) })
		return nil
	}))
	for range 2 { // still usable
		if i, err := b.Wait(); i != 0 || err != nil {
			t.Errorf("Wait = %d, %v", i, err)
		}
	}
}

func TestBarrierIndexesAreTheOrderOfArrival(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := sync2.NewBarrier(3)
		for range 3 {
			first := arrive(b, b.Wait)
			second := arrive(b, func() (int, error) { return b.WaitTimeout(time.Hour) })
			if b.Waiting() != 2 || b.Parties() != 3 || b.Broken() {
				t.Errorf("Waiting %d, Parties %d, Broken %v", b.Waiting(), b.Parties(), b.Broken())
			}
			last := arrive(b, func() (int, error) { return b.WaitTimeout(0) }) // the last never waits
			first.passed(t, 0)
			second.passed(t, 1)
			last.passed(t, 2)
			if b.Waiting() != 0 {
				t.Errorf("Waiting = %d after the trip", b.Waiting())
			}
		}
	})
}

func TestBarrierGivingUpBreaksIt(t *testing.T) {
	for name, giveUp := range map[string]func(b *sync2.Barrier) (int, error){
		"timeout":     func(b *sync2.Barrier) (int, error) { return b.WaitTimeout(time.Second) },
		"timeout 0":   func(b *sync2.Barrier) (int, error) { return b.WaitTimeout(0) },
		"ctx":         func(b *sync2.Barrier) (int, error) { return b.WaitContext(canceledIn(time.Second)) },
		"ended ctx":   func(b *sync2.Barrier) (int, error) { return b.WaitContext(ended(errTest)) },
		"WithTimeout": func(b *sync2.Barrier) (int, error) { return b.Wait() },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				want := errTest
				if strings.Contains(strings.ToLower(name), "timeout") {
					want = context.DeadlineExceeded
				}
				b := sync2.NewBarrier(3, sync2.WithTimeout(time.Second))
				other := arrive(b, func() (int, error) { return b.WaitTimeout(time.Hour) })
				quitter := arrive(b, func() (int, error) { return giveUp(b) })
				pass(2 * time.Second)
				synctest.Wait()
				quitter.broken(t, want)
				other.broken(t, want)
				late := arrive(b, func() (int, error) { return b.WaitContext(ended(errors.New("later"))) })
				late.broken(t, want) // a broken barrier answers before it looks at ctx
				if !b.Broken() || b.Waiting() != 0 {
					t.Errorf("Broken %v, Waiting %d", b.Broken(), b.Waiting())
				}
				b.Reset()
				one := arrive(b, b.Wait)
				two := arrive(b, b.Wait)
				arrive(b, b.Wait).passed(t, 2)
				one.passed(t, 0)
				two.passed(t, 1)
			})
		})
	}
}

// canceledIn returns a context that ends after d because of errTest.
func canceledIn(d time.Duration) context.Context {
	ctx, cancel := context.WithCancelCause(context.Background())
	time.AfterFunc(d, func() { cancel(errTest) })
	return ctx
}

func TestBarrierAbort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := sync2.NewBarrier(4)
		var waiting []*outcome
		for range 3 {
			waiting = append(waiting, arrive(b, b.Wait))
		}
		b.Abort(errTest)
		b.Abort(errors.New("a second cause"))
		b.Abort(nil)
		synctest.Wait()
		for _, o := range waiting {
			o.broken(t, errTest)
		}
		arrive(b, b.Wait).broken(t, errTest)
		b.Reset()
		b.Abort(nil)
		arrive(b, b.Wait).broken(t, sync2.ErrAborted)
	})
}

func TestBarrierReset(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := sync2.NewBarrier(2)
		waiting := arrive(b, b.Wait)
		b.Reset()
		synctest.Wait()
		waiting.broken(t, sync2.ErrReset)
		if b.Broken() || b.Waiting() != 0 {
			t.Errorf("Broken %v, Waiting %d", b.Broken(), b.Waiting())
		}
		waiting = arrive(b, b.Wait)
		arrive(b, b.Wait).passed(t, 1)
		waiting.passed(t, 0)
	})
}

// A cycle that has tripped is not undone: neither by abort nor reset nor timeout, though no party has left yet.
func TestBarrierTrippedCycleStands(t *testing.T) {
	for name, undo := range map[string]func(b *sync2.Barrier){
		"abort": func(b *sync2.Barrier) { b.Abort(errTest) },
		"reset": func(b *sync2.Barrier) { b.Reset() },
		"both":  func(b *sync2.Barrier) { b.Abort(nil); b.Reset() },
		"next":  func(b *sync2.Barrier) { _, _ = b.WaitTimeout(0) },
	} {
		t.Run(name, func(t *testing.T) {
			for range 50 {
				b := sync2.NewBarrier(3)
				var wg sync.WaitGroup
				for range 2 {
					wg.Go(func() {
						if _, err := b.WaitTimeout(time.Hour); err != nil {
							t.Errorf("a party of a tripped cycle: %v", err)
						}
					})
				}
				until(func() bool { return b.Waiting() == 2 })
				if i, err := b.Wait(); i != 2 || err != nil {
					t.Errorf("Wait = %d, %v", i, err)
				}
				undo(b)
				wg.Wait()
			}
		})
	}
}

func TestBarrierActionRunsOnceBeforeAnyIsReleased(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		runs := 0
		var b *sync2.Barrier
		gate := make(chan struct{})
		b = sync2.NewBarrier(2, sync2.WithAction(func() error {
			runs++
			if b.Waiting() != 2 || b.Broken() || b.Parties() != 2 {
				t.Errorf("in the action: Waiting %d, Broken %v", b.Waiting(), b.Broken())
			}
			<-gate
			return nil
		}))
		first := arrive(b, func() (int, error) { return b.WaitTimeout(time.Second) })
		last := arrive(b, b.Wait)
		pass(time.Minute) // the cycle has tripped: no timeout strikes it anymore
		synctest.Wait()
		if first.index != -99 || last.index != -99 || runs != 1 {
			t.Fatalf("released before the action was done: %v %v, %d runs", first, last, runs)
		}
		close(gate)
		synctest.Wait()
		first.passed(t, 0)
		last.passed(t, 1)
	})
}

// Abort and Reset during an action apply to the next cycle, and so do parties that arrive meanwhile.
func TestBarrierAbortAndResetDuringAction(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := make(chan struct{})
		b := sync2.NewBarrier(2, sync2.WithAction(func() error { <-gate; return nil }))
		first := arrive(b, b.Wait)
		last := arrive(b, b.Wait)
		next := arrive(b, b.Wait) // belongs to the next cycle
		b.Abort(errTest)
		synctest.Wait()
		next.broken(t, errTest)
		if !b.Broken() || b.Waiting() != 0 {
			t.Errorf("Broken %v, Waiting %d", b.Broken(), b.Waiting())
		}
		b.Reset()
		next = arrive(b, b.Wait)
		b.Reset()
		synctest.Wait()
		next.broken(t, sync2.ErrReset)
		next = arrive(b, b.Wait)
		close(gate)
		synctest.Wait()
		first.passed(t, 0)
		last.passed(t, 1)
		if b.Waiting() != 1 || b.Broken() {
			t.Errorf("the new cycle was touched: Waiting %d, Broken %v", b.Waiting(), b.Broken())
		}
		arrive(b, b.Wait).passed(t, 1)
		next.passed(t, 0)
	})
}

// An Abort during an action outlasts the action, however that ends.
func TestBarrierAbortDuringActionStands(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		errAction := errors.New("the action failed")
		for _, result := range []error{nil, errAction} {
			var b *sync2.Barrier
			b = sync2.NewBarrier(2, sync2.WithAction(func() error { b.Abort(errTest); return result }))
			first, last := arrive(b, b.Wait), arrive(b, b.Wait)
			if result == nil {
				first.passed(t, 0)
				last.passed(t, 1)
			} else {
				first.broken(t, errAction)
				last.broken(t, errAction)
			}
			arrive(b, b.Wait).broken(t, errTest)
		}
	})
}

func TestBarrierActionsNeverOverlap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		running, runs := 0, 0
		b := sync2.NewBarrier(2, sync2.WithAction(func() error {
			running++
			runs++
			if running != 1 {
				t.Error("two actions at once")
			}
			pass(time.Second)
			running--
			return nil
		}))
		var all []*outcome
		for range 10 {
			all = append(all, arrive(b, b.Wait))
		}
		pass(time.Minute)
		synctest.Wait()
		for i, o := range all {
			o.passed(t, i%2)
		}
		if runs != 5 {
			t.Errorf("%d actions, want 5", runs)
		}
	})
}

func TestBarrierActionFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fail := true
		b := sync2.NewBarrier(2, sync2.WithAction(func() error {
			if fail {
				return errTest
			}
			return nil
		}))
		first := arrive(b, b.Wait)
		arrive(b, b.Wait).broken(t, errTest)
		first.broken(t, errTest)
		arrive(b, b.Wait).broken(t, errTest)
		fail = false
		b.Reset()
		first = arrive(b, b.Wait)
		arrive(b, b.Wait).passed(t, 1)
		first.passed(t, 0)
	})
}

// A panic or Goexit in the action continues in its goroutine and leaves no party hanging.
func TestBarrierActionPanicsOrExits(t *testing.T) {
	for name, die := range map[string]func(){"panic": func() { panic("boom") }, "Goexit": runtime.Goexit} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := sync2.NewBarrier(2, sync2.WithAction(func() error { die(); return nil }))
				first := arrive(b, b.Wait)
				var recovered any
				ended := false
				go func() {
					defer func() { recovered, ended = recover(), true }()
					_, _ = b.Wait()
					t.Error("Wait returned")
				}()
				synctest.Wait()
				if want := any("boom"); name == "panic" && recovered != want || !ended {
					t.Errorf("recovered %v, ended %v", recovered, ended)
				}
				first.broken(t, sync2.ErrBroken)
				if !b.Broken() {
					t.Error("not broken")
				}
			})
		})
	}
}

// Parties whose timeouts expire at the same moment agree on one cause.
func TestBarrierSimultaneousTimeoutsAgree(t *testing.T) {
	for range 100 {
		synctest.Test(t, func(t *testing.T) {
			b := sync2.NewBarrier(4)
			one := arrive(b, func() (int, error) { return b.WaitTimeout(time.Second) })
			two := arrive(b, func() (int, error) { return b.WaitContext(canceledIn(time.Second)) })
			three := arrive(b, b.Wait)
			pass(time.Second)
			synctest.Wait()
			for _, o := range []*outcome{two, three} {
				if o.err == nil || one.err == nil || o.err.Error() != one.err.Error() {
					t.Errorf("%v and %v", one.err, o.err)
				}
			}
		})
	}
}

// Goroutines race through the cycles; the race detector checks that all writes before a Wait are visible after it, and
// the indexes of each cycle must be 0 … n-1.
func TestBarrierHammer(t *testing.T) {
	for _, action := range []bool{false, true} {
		for _, parties := range []int{1, 2, 3, 8} {
			cycles := 500
			runs := 0
			var opts []sync2.BarrierOption
			if action {
				opts = append(opts, sync2.WithAction(func() error { runs++; return nil }))
			}
			b := sync2.NewBarrier(parties, opts...)
			slots := make([]int, parties)
			var wg sync.WaitGroup
			for me := range parties {
				wg.Go(func() {
					for c := range cycles {
						slots[me] = c
						i, err := b.Wait()
						if err != nil || i < 0 || i >= parties {
							t.Errorf("Wait = %d, %v", i, err)
							return
						}
						if j := slices.IndexFunc(slots, func(v int) bool { return v != c }); j >= 0 {
							t.Errorf("cycle %d: party %d is in %d", c, j, slots[j])
						}
						if _, err := b.Wait(); err != nil {
							t.Error(err)
							return
						}
					}
				})
			}
			wg.Wait()
			if action && runs != 2*cycles {
				t.Errorf("%d actions in %d cycles", runs, 2*cycles)
			}
		}
	}
}

// Parties arrive and give up while others abort and reset. The parties of a cycle always agree: either all pass or all
// fail, and no goroutine hangs.
func TestBarrierHammerBreaking(t *testing.T) {
	const parties, rounds = 4, 400
	b := sync2.NewBarrier(parties)
	var wg sync.WaitGroup
	var passed atomic.Int64
	for me := range parties {
		wg.Go(func() {
			for r := range rounds {
				var err error
				switch (me + r) % 7 {
				case 0:
					_, err = b.WaitTimeout(time.Duration(r%5) * time.Microsecond)
				case 1:
					ctx, cancel := context.WithTimeout(context.Background(), time.Duration(r%9)*time.Microsecond)
					_, err = b.WaitContext(ctx)
					cancel()
				case 2:
					b.Abort(nil)
					b.Reset()
					_, err = b.WaitTimeout(time.Millisecond)
				default:
					_, err = b.WaitTimeout(time.Millisecond)
				}
				if err == nil {
					passed.Add(1)
				} else if !errors.Is(err, sync2.ErrBroken) {
					t.Error(err)
				}
				if b.Broken() {
					b.Reset()
				}
			}
		})
	}
	wg.Wait()
	if passed.Load()%parties != 0 {
		t.Errorf("%d passed, which is no multiple of %d: some cycle was undone", passed.Load(), parties)
	}
}

func TestBarrierWaitingAllocatesNothing(t *testing.T) {
	for _, opts := range [][]sync2.BarrierOption{nil, {sync2.WithAction(func() error { return nil })}} {
		b := sync2.NewBarrier(2, opts...)
		stop := make(chan struct{})
		go func() {
			defer close(stop)
			for {
				if _, err := b.Wait(); err != nil {
					return
				}
			}
		}()
		n := testing.AllocsPerRun(200, func() { _, _ = b.Wait() })
		b.Abort(nil)
		<-stop
		if !checkedMutexes && (n > 1 || n > 0 && opts == nil) {
			t.Errorf("%v allocations a crossing, options %v", n, opts)
		}
	}
}
