package sync2_test

import (
	"context"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
)

func TestOnceDo(t *testing.T) {
	for range 200 {
		var o sync2.Once
		var all sync2.WaitGroup
		n := 0 // the race detector checks that all are ordered after the function
		for range 10 {
			all.Go(func() {
				o.Do(func() { n++ })
				if n != 1 || !o.Done() {
					t.Errorf("Do returned before the function: n = %d", n)
				}
			})
		}
		all.Wait()
		if n != 1 {
			t.Errorf("called %d times", n)
		}
	}
}

// ends calls fn, and returns the value with which it panicked, if it did, and whether it returned.
func ends(fn func()) (thrown any, returned bool) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() { thrown = recover() }()
		fn()
		returned = true
	}()
	<-done
	return thrown, returned
}

// Do counts as done however its function ends.
func TestOnceDoIsDoneAnyway(t *testing.T) {
	var panics, exits sync2.Once
	if r, _ := ends(func() { panics.Do(func() { panic(errTest) }) }); r != errTest { //nolint:errorlint // as it was thrown
		t.Errorf("recovered %v", r)
	}
	if r, returned := ends(func() { exits.Do(runtime.Goexit) }); r != nil || returned {
		t.Errorf("recovered %v, returned %v", r, returned)
	}
	for _, o := range []*sync2.Once{&panics, &exits} {
		if !o.Done() {
			t.Error("not done")
		}
		o.Do(func() { t.Error("called again") })
		if err := o.DoContext(t.Context(), func(context.Context) error { return errTest }); err != nil {
			t.Error(err)
		}
	}
}

func TestOnceDoContextFailsAndIsTriedAgain(t *testing.T) {
	var o sync2.Once
	try := func(fn func(context.Context) error) error { return o.DoContext(t.Context(), fn) }
	if err := try(func(context.Context) error { return errTest }); err != errTest { //nolint:errorlint // as it was returned
		t.Errorf("%v", err)
	}
	if r, _ := ends(func() { _ = try(func(context.Context) error { panic(errTest) }) }); r != errTest { //nolint:errorlint // as it was thrown
		t.Errorf("recovered %v", r)
	}
	if r, returned := ends(func() { _ = try(func(context.Context) error { runtime.Goexit(); return nil }) }); r != nil || returned {
		t.Errorf("recovered %v, returned %v", r, returned)
	}
	if o.Done() {
		t.Error("done, though all have failed")
	}
	type key struct{}
	ctx := context.WithValue(t.Context(), key{}, 1)
	var got context.Context
	if err := o.DoContext(ctx, func(ctx context.Context) error { got = ctx; return nil }); err != nil || got != ctx {
		t.Errorf("%v, called with %v", err, got)
	}
	if !o.Done() {
		t.Error("not done")
	}
	if err := try(func(context.Context) error { t.Error("called again"); return errTest }); err != nil {
		t.Error(err)
	}
	o.Do(func() { t.Error("called again") })
}

// Misuse is checked first, then a context that has ended, even if the Once is done.
func TestOnceOrderOfChecks(t *testing.T) {
	fine := func(context.Context) error { return nil }
	var o sync2.Once
	for range 2 {
		wantMisuse(t, "Once.Do", func() { o.Do(nil) })
		wantMisuse(t, "Once.DoContext", func() { _ = o.DoContext(ended(errTest), nil) })
		wantMisuse(t, "Once.DoContext", func() { _ = o.DoContext(nil, nil) })  //nolint:staticcheck // it panics
		wantMisuse(t, "Once.DoContext", func() { _ = o.DoContext(nil, fine) }) //nolint:staticcheck // it panics
		err := o.DoContext(ended(errTest), func(context.Context) error { t.Error("called"); return nil })
		wantErr(t, err, errTest)
		wantErr(t, err, context.Canceled)
		o.Do(func() {})
	}
}

// Waiters are served first come, first served: if a function fails, the next waiter's function runs, until one
// succeeds, and then all return.
func TestOnceLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var o sync2.Once
		var order []int
		errs := make([]error, 6)
		for i := range errs {
			go func() {
				if i == 3 {
					o.Do(func() { pass(time.Second); order = append(order, i) })
					return
				}
				errs[i] = o.DoContext(t.Context(), func(context.Context) error {
					pass(time.Second)
					order = append(order, i)
					if i == 2 {
						runtime.Goexit()
					}
					return errTest
				})
			}()
			synctest.Wait()
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		var gaveUp error
		go func() {
			gaveUp = o.DoContext(ctx, func(context.Context) error { t.Error("called"); return nil })
		}()
		synctest.Wait()
		cancel(errTest)
		synctest.Wait()
		wantErr(t, gaveUp, errTest)
		if o.Done() {
			t.Error("done too soon")
		}
		pass(time.Hour)
		synctest.Wait()
		if !slices.Equal(order, []int{0, 1, 2, 3}) || !o.Done() {
			t.Errorf("order %v, Done %v", order, o.Done())
		}
		for i, err := range errs {
			if failed := i < 2; (err != nil) != failed {
				t.Errorf("%d: %v", i, err)
			}
		}
	})
}

// If a waiter's turn and the end of its context coincide, exactly one of them wins.
func TestOnceTurnMeetsEndOfContext(t *testing.T) {
	for range 100 {
		synctest.Test(t, func(t *testing.T) {
			var o sync2.Once
			ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, errTest)
			defer cancel()
			go func() {
				_ = o.DoContext(context.Background(), func(context.Context) error {
					pass(time.Second)
					return errFailed
				})
			}()
			synctest.Wait()
			called := false
			err := o.DoContext(ctx, func(context.Context) error { called = true; return nil })
			if called != (err == nil) || called != o.Done() {
				t.Errorf("called %v, %v, Done %v", called, err, o.Done())
			}
			o.Do(func() {})
			if !o.Done() {
				t.Error("not fit for use afterwards")
			}
		})
	}
}

func TestOnceUncontendedAllocatesNothing(t *testing.T) {
	var o sync2.Once
	ctx := t.Context()
	wantNoAllocs(t, func() {
		_ = o.DoContext(ctx, func(context.Context) error { return errTest })
		o.Done()
	})
	wantNoAllocs(t, func() {
		o.Do(func() {})
		_ = o.DoContext(ctx, func(context.Context) error { return nil })
	})
}

// Many goroutines try, some fail, some give up; one succeeds, and every goroutine sees its effects.
func TestOnceHammer(t *testing.T) {
	for round := range 300 {
		var o sync2.Once
		var all sync2.WaitGroup
		var running, succeeded atomic.Int32
		done := 0
		for i := range 6 {
			all.Go(func() {
				ctx, cancel := context.WithTimeout(context.Background(), time.Duration(i*20)*time.Microsecond)
				defer cancel()
				if i == 5 {
					ctx = context.Background()
				}
				err := o.DoContext(ctx, func(context.Context) error {
					if running.Add(1) != 1 {
						t.Error("two functions at once")
					}
					defer running.Add(-1)
					runtime.Gosched()
					if done++; i != 5 && (round+i)%3 != 0 {
						return errTest
					}
					succeeded.Add(1)
					return nil
				})
				if err == nil && (done == 0 || succeeded.Load() != 1) {
					t.Errorf("returned nil after %d calls, %d successful", done, succeeded.Load())
				}
			})
		}
		all.Wait()
		if !o.Done() || succeeded.Load() != 1 {
			t.Fatalf("Done %v, %d have succeeded", o.Done(), succeeded.Load())
		}
	}
}
