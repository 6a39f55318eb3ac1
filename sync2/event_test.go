package sync2_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
)

func TestEventZeroValueIsNotSet(t *testing.T) {
	var e sync2.Event
	if e.IsSet() {
		t.Error("a new Event is set")
	}
	if e.WaitTimeout(0) || e.WaitTimeout(-1) {
		t.Error("WaitTimeout(0) on a new Event is true")
	}
	e.Set()
	e.Set()
	if !e.IsSet() || !e.WaitTimeout(0) {
		t.Error("the Event is not set after Set")
	}
	e.Wait()
	e.Clear()
	if e.IsSet() || e.WaitTimeout(0) {
		t.Error("the Event is set after Clear")
	}
}

func TestEventEndedContextFailsFirst(t *testing.T) {
	var e sync2.Event
	wantErr(t, e.WaitContext(ended(errTest)), errTest)
	e.Set()
	wantErr(t, e.WaitContext(ended(errTest)), errTest)
	if err := e.WaitContext(t.Context()); err != nil {
		t.Error(err)
	}
}

// A goroutine that waits when Set runs returns success even if Clear follows at once.
func TestEventSetThenClearReleasesAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var e sync2.Event
		var released atomic.Int32
		for i := range 30 {
			go func() {
				switch i % 3 {
				case 0:
					e.Wait()
				case 1:
					if err := e.WaitContext(t.Context()); err != nil {
						t.Error(err)
					}
				case 2:
					if !e.WaitTimeout(time.Hour) {
						t.Error("WaitTimeout gave up")
					}
				}
				released.Add(1)
			}()
			synctest.Wait()
		}
		if e.Waiting() != 30 {
			t.Fatalf("Waiting = %d, want 30", e.Waiting())
		}
		e.Set()
		e.Clear()
		if e.Waiting() != 0 {
			t.Errorf("Waiting = %d after Set", e.Waiting())
		}
		synctest.Wait()
		if released.Load() != 30 {
			t.Errorf("%d released, want 30", released.Load())
		}
	})
}

// Goroutines that wait after a Clear wait for the second Set.
func TestEventGenerations(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var e sync2.Event
		e.Set()
		e.Clear()
		late := false
		go func() { e.Wait(); late = true }()
		synctest.Wait()
		if late {
			t.Fatal("a late comer was released by an earlier Set")
		}
		e.Set()
		synctest.Wait()
		if !late {
			t.Fatal("the second Set did not release")
		}
	})
}

func TestEventGivingUpChangesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var e sync2.Event
		ctx, cancel := context.WithCancelCause(t.Context())
		var err error
		go func() { err = e.WaitContext(ctx) }()
		synctest.Wait()
		cancel(errTest)
		synctest.Wait()
		wantErr(t, err, errTest)
		start := time.Now()
		if e.WaitTimeout(3 * time.Second) {
			t.Error("WaitTimeout returned true without a Set")
		}
		if d := time.Since(start); d != 3*time.Second {
			t.Errorf("WaitTimeout took %v", d)
		}
		if n := e.Waiting(); n != 0 {
			t.Errorf("Waiting = %d after both gave up", n)
		}
	})
}

// If Set and the timeout coincide, either may win, but the waiter must see exactly one of the two
// outcomes and leave nothing behind.
func TestEventSetMeetsTimeout(t *testing.T) {
	for range 100 {
		synctest.Test(t, func(t *testing.T) {
			var e sync2.Event
			go func() {
				pass(time.Second)
				e.Set()
			}()
			e.WaitTimeout(time.Second)
			synctest.Wait()
			if !e.IsSet() || e.Waiting() != 0 {
				t.Errorf("IsSet = %v, Waiting = %d", e.IsSet(), e.Waiting())
			}
		})
	}
}

func TestEventDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var e sync2.Event
		done := e.Done()
		if e.Waiting() != 0 {
			t.Error("Done counts as waiting")
		}
		select {
		case <-done:
			t.Fatal("Done is closed before Set")
		default:
		}
		e.WaitTimeout(time.Second) // a wait that gives up must not take the channel along
		go e.Set()
		<-done
		<-e.Done()
		e.Clear()
		select {
		case <-e.Done():
			t.Error("Done is closed after Clear")
		default:
		}
		<-done
	})
}

// An Event may be used in one bubble after another, and outside.
func TestEventAcrossBubbles(t *testing.T) {
	if checkedMutexes {
		return
	}
	var e sync2.Event
	for range 3 {
		synctest.Test(t, func(t *testing.T) {
			if e.WaitTimeout(time.Second) {
				t.Error("set?")
			}
			go e.Wait()
			synctest.Wait()
			e.Set()
			e.Clear()
		})
	}
	if e.WaitTimeout(time.Nanosecond) {
		t.Error("set?")
	}
}

func TestEventUncontendedAllocatesNothing(t *testing.T) {
	var e sync2.Event
	e.Set()
	ctx := t.Context()
	wantNoAllocs(t, func() {
		e.Wait()
		_ = e.WaitContext(ctx)
		e.WaitTimeout(time.Second)
		e.Clear()
		e.WaitTimeout(0)
		e.Set()
	})
}

// Goroutines wait in every form, some giving up repeatedly; each Set must release them all.
func TestEventHammer(t *testing.T) {
	var e sync2.Event
	var wg sync.WaitGroup
	shared := 0 // written before Set, read after Wait: the race detector checks the order
	const waiters, rounds = 6, 300
	for round := range rounds {
		var entered sync.WaitGroup
		for i := range waiters {
			entered.Add(1)
			wg.Go(func() {
				entered.Done()
				switch i % 3 {
				case 0:
					e.Wait()
				case 1:
					for !e.WaitTimeout(time.Microsecond) {
					}
				case 2:
					for {
						ctx, cancel := context.WithTimeout(context.Background(), time.Microsecond)
						err := e.WaitContext(ctx)
						cancel()
						if err == nil {
							break
						}
					}
				}
				if shared != round {
					t.Errorf("read %d in round %d", shared, round)
				}
			})
		}
		entered.Wait()
		shared = round
		e.Set()
		wg.Wait()
		e.Clear()
	}
}
