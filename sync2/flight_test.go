package sync2_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A flight is a Flight whose functions wait for gate and then return the result of end.
type flight struct {
	sync2.Flight[string, int]
	gate  sync2.Event // the functions wait for it …
	calls atomic.Int32
	end   func() error // … and then end so
}

// answer is the outcome of one Do.
type answer struct {
	v      int
	shared bool
	end
}

// ask calls Do in a goroutine of its own, with a function that returns which call it is, and returns a function that waits for
// the answer.
func (f *flight) ask(ctx context.Context, key string) func() answer {
	var a answer
	wait := endOf(func() (err error) {
		a.v, a.shared, err = f.Do(ctx, key, func(ctx context.Context) (int, error) {
			n := int(f.calls.Add(1))
			f.gate.Wait()
			if f.end != nil {
				return n, f.end()
			}
			return n, context.Cause(ctx)
		})
		return err
	})
	synctest.Wait()
	return func() answer { a.end = wait(); return a }
}

func TestFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var f flight
		a, b, other := f.ask(t.Context(), "a"), f.ask(t.Context(), "a"), f.ask(t.Context(), "b")
		if f.calls.Load() != 2 || f.Len() != 2 {
			t.Errorf("%d calls, %d keys", f.calls.Load(), f.Len())
		}
		f.gate.Set()
		if a, b := a(), b(); a != (answer{v: 1, shared: true}) || b != a {
			t.Errorf("%+v and %+v", a, b)
		}
		if o := other(); o != (answer{v: 2}) {
			t.Errorf("the other key: %+v", o)
		}
		if f.Len() != 0 {
			t.Errorf("%d keys are left", f.Len())
		}
		if a := f.ask(t.Context(), "a")(); a != (answer{v: 3}) {
			t.Errorf("a new call: %+v", a)
		}
	})
}

// Every caller gets the error.
func TestFlightError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := flight{end: func() error { return errTest }}
		a, b := f.ask(t.Context(), "a"), f.ask(t.Context(), "a")
		f.gate.Set()
		want := answer{v: 1, shared: true, end: end{err: errTest}}
		if a, b := a(), b(); a != want || b != want {
			t.Errorf("%+v and %+v", a, b)
		}
	})
}

// Every caller panics with the same *PanicError, which has the value and the stack of the function.
func TestFlightPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := flight{end: func() error { panic(errPanicked) }}
		a, b := f.ask(t.Context(), "a"), f.ask(t.Context(), "a")
		f.gate.Set()
		x, y := a(), b()
		p, ok := x.panicked.(*sync2.PanicError)
		if !ok || x.panicked != y.panicked || p.Value != any(errPanicked) || len(p.Stack) == 0 {
			t.Errorf("%+v and %+v", x, y)
		}
		f.end = nil
		if a := f.ask(t.Context(), "a")(); a != (answer{v: 2}) {
			t.Errorf("afterwards: %+v", a)
		}
	})
}

// A function that calls Goexit leaves no caller waiting: the callers get an error and go on.
func TestFlightGoexit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := flight{end: func() error { runtime.Goexit(); return nil }}
		a, b := f.ask(t.Context(), "a"), f.ask(t.Context(), "a")
		f.gate.Set()
		if a, b := a(), b(); a.err == nil || a.err != b.err || a.exited { //nolint:errorlint // the very same
			t.Errorf("%+v and %+v", a, b)
		}
	})
}

// A function that returns a *PanicError as its error has not panicked.
func TestFlightReturnsPanicError(t *testing.T) {
	var f sync2.Flight[int, int]
	want := &sync2.PanicError{Value: 1}
	if _, _, err := f.Do(t.Context(), 1, func(context.Context) (int, error) { return 0, want }); err != error(want) { //nolint:errorlint // it must not be wrapped
		t.Errorf("error %v", err)
	}
}

// A caller that gives up gets its cause at once. The others go on, and it does not count for shared.
func TestFlightGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var f flight
		ctx, cancel := context.WithCancelCause(t.Context())
		first, second := f.ask(ctx, "a"), f.ask(t.Context(), "a")
		cancel(errTest)
		a := first()
		wantErr(t, a.err, errTest)
		wantErr(t, a.err, context.Canceled)
		if a.shared || a.v != 0 {
			t.Errorf("one that gave up: %+v", a)
		}
		if f.Len() != 1 {
			t.Errorf("%d keys", f.Len())
		}
		f.gate.Set()
		if b := second(); b != (answer{v: 1}) {
			t.Errorf("the one that is left: %+v", b)
		}
	})
}

// When all have given up, the context of the function ends with the cause of the last. The call is forgotten, and its panic
// too.
func TestFlightAbandoned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var f sync2.Flight[string, int]
		type key struct{}
		errLast := errors.New("the last")
		base := context.WithValue(t.Context(), key{}, "value")
		first, endFirst := context.WithCancelCause(base)
		timed, cancel := context.WithTimeoutCause(first, time.Hour, errTest)
		defer cancel()
		second, endSecond := context.WithCancelCause(context.Background())
		var cause error
		got := endOf(func() error {
			_, _, err := f.Do(timed, "a", func(ctx context.Context) (int, error) {
				if _, ok := ctx.Deadline(); ok || ctx.Value(key{}) != any("value") {
					t.Errorf("its context has the deadline, or not the value %v", ctx.Value(key{}))
				}
				<-ctx.Done()
				cause = context.Cause(ctx)
				panic("nobody is there to see it")
			})
			return err
		})
		synctest.Wait()
		other := endOf(func() error {
			_, _, err := f.Do(second, "a", func(context.Context) (int, error) { t.Error("called"); return 0, nil })
			return err
		})
		synctest.Wait()
		endFirst(errTest)
		wantErr(t, got().err, errTest)
		synctest.Wait()
		if cause != nil || f.Len() != 1 {
			t.Errorf("it ended with %v though one is left", cause)
		}
		endSecond(errLast)
		wantErr(t, other().err, errLast)
		if f.Len() != 0 {
			t.Errorf("%d keys are left", f.Len())
		}
		v, shared, err := f.Do(t.Context(), "a", func(context.Context) (int, error) { return 7, nil })
		if v != 7 || shared || err != nil {
			t.Errorf("%d, %v, %v", v, shared, err)
		}
		synctest.Wait()
		if cause != errLast { //nolint:errorlint // the very same
			t.Errorf("the cause is %v", cause)
		}
	})
}

// A call that was abandoned and still runs does not take the place of the new one when it ends.
func TestFlightAbandonedEndsLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var f flight
		ctx, cancel := context.WithCancel(t.Context())
		first := f.ask(ctx, "a")
		cancel()
		first()
		second := f.ask(t.Context(), "a")
		third := f.ask(t.Context(), "a")
		if f.calls.Load() != 2 || f.Len() != 1 {
			t.Errorf("%d calls, %d keys", f.calls.Load(), f.Len())
		}
		f.gate.Set()
		if a, b := second(), third(); a != (answer{v: 2, shared: true}) || b != a {
			t.Errorf("%+v and %+v", a, b)
		}
	})
}

// Forget lets the next call begin, and those before it keep theirs. (golang.org/issue/31420: what is forgotten must not
// delete its successor.)
func TestFlightForget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var f flight
		first := f.ask(t.Context(), "a")
		f.Forget("a")
		f.Forget("b")
		if f.Len() != 0 {
			t.Errorf("%d keys", f.Len())
		}
		f.gate.Set()
		f.gate.Clear()
		second := f.ask(t.Context(), "a")
		if a := first(); a != (answer{v: 1}) {
			t.Errorf("the first: %+v", a)
		}
		third := f.ask(t.Context(), "a")
		if f.calls.Load() != 2 || f.Len() != 1 {
			t.Errorf("%d calls, %d keys", f.calls.Load(), f.Len())
		}
		f.gate.Set()
		if a, b := second(), third(); a != (answer{v: 2, shared: true}) || b != a {
			t.Errorf("%+v and %+v", a, b)
		}
	})
}

// If the function panics with an error, errors.Is finds it in the panic value of the callers: golang.org/issue/62511.
func TestFlightPanicsWithAnError(t *testing.T) {
	var f sync2.Flight[string, int]
	err, ok := panicOf(func() {
		_, _, _ = f.Do(t.Context(), "a", func(context.Context) (int, error) { panic(fmt.Errorf("wrapped: %w", errTest)) })
	}).(error)
	if !ok || !errors.Is(err, errTest) {
		t.Errorf("it panics with %v", err)
	}
}

// A function that asks for its own key waits for itself, but can give up, and then does not count for shared.
func TestFlightOfItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var f sync2.Flight[string, int]
		v, shared, err := f.Do(t.Context(), "a", func(ctx context.Context) (int, error) {
			ctx, cancel := context.WithTimeout(ctx, time.Second)
			defer cancel()
			_, _, err := f.Do(ctx, "a", func(context.Context) (int, error) { t.Error("called twice"); return 0, nil })
			wantErr(t, err, context.DeadlineExceeded)
			return 1, nil
		})
		if v != 1 || shared || err != nil {
			t.Errorf("%d, %v, %v", v, shared, err)
		}
	})
}

// Callers that arrive after the function has begun to panic, but before the Flight knows, get the panic too, and no caller
// waits forever: golang.org/issue/33519.
func TestFlightPanicWhileOthersCome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var f sync2.Flight[string, int]
		var late func() end
		first := panicOf(func() {
			_, _, _ = f.Do(t.Context(), "a", func(context.Context) (int, error) {
				defer func() {
					late = endOf(func() error {
						_, _, err := f.Do(t.Context(), "a", func(context.Context) (int, error) { t.Error("called twice"); return 0, nil })
						return err
					})
					synctest.Wait()
				}()
				panic(errPanicked)
			})
		})
		if e := late(); first == nil || e.panicked != first {
			t.Errorf("the first panics with %v, the second ends with %+v", first, e)
		}
	})
}

func TestFlightMisuse(t *testing.T) {
	var f sync2.Flight[any, int]
	one := func(context.Context) (int, error) { return 1, nil }
	for _, ctx := range []context.Context{t.Context(), ended(errTest), nil} {
		wantMisuse(t, "Flight.Do", func() { _, _, _ = f.Do(ctx, 1, nil) })
		wantMisuse(t, "Flight.Do", func() { _, _, _ = f.Do(ctx, math.NaN(), one) })
	}
	wantMisuse(t, "Flight.Do", func() { _, _, _ = f.Do(nil, 1, one) }) //nolint:staticcheck // it must panic
	wantMisuse(t, "Flight.Forget", func() { f.Forget(math.NaN()) })
	if _, ok := panicOf(func() { _, _, _ = f.Do(t.Context(), []int{1}, one) }).(runtime.Error); !ok {
		t.Error("a slice is a key")
	}
	if _, _, err := f.Do(ended(errTest), 1, one); !errors.Is(err, errTest) {
		t.Errorf("an ended context: %v", err)
	}
	if v, _, err := f.Do(t.Context(), 1, one); v != 1 || err != nil || f.Len() != 0 {
		t.Errorf("afterwards: %d, %v, %d keys", v, err, f.Len())
	}
}

// What the function of a call does happens before its result is returned to any caller, even if others give up.
func TestFlightHammer(t *testing.T) {
	const goroutines, each = 6, 200
	var f sync2.Flight[int, *int]
	var all sync.WaitGroup
	var sharing, calls atomic.Int32
	for me := range goroutines {
		all.Go(func() {
			for round := range each {
				ctx, cancel := context.Background(), func() {}
				if (me+round)%3 == 0 {
					ctx, cancel = soon(round)
				}
				v, shared, err := f.Do(ctx, round%2, func(context.Context) (*int, error) {
					calls.Add(1)
					for range round % 5 {
						runtime.Gosched()
					}
					n := new(int)
					*n = round
					return n, nil
				})
				if err == nil && *v%2 != round%2 || err != nil && !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("%v, %v", v, err)
				}
				if shared {
					sharing.Add(1)
				}
				if round%17 == 0 {
					f.Forget(round % 2)
				}
				cancel()
			}
		})
	}
	all.Wait()
	t.Logf("%d calls, %d shared a result", calls.Load(), sharing.Load())
	if f.Len() != 0 {
		t.Errorf("%d keys are left", f.Len())
	}
	until(func() bool { return len(sync2.Goroutines()) == 0 })
}

func TestValidatorOnFlights(t *testing.T) {
	var f sync2.Flight[int, int]
	validated(t, func(me, round int) {
		ctx, cancel := context.Background(), func() {}
		if (me+round)%3 == 0 {
			ctx, cancel = soon(round)
		}
		defer cancel()
		_, _, _ = f.Do(ctx, round%2, func(ctx context.Context) (int, error) {
			for range round % 5 {
				runtime.Gosched()
			}
			return round, ctx.Err()
		})
		if round%17 == 0 {
			f.Forget(round % 2)
		}
	})
	until(func() bool { return len(sync2.Goroutines()) == 0 })
}

func TestTraceFlight(t *testing.T) {
	got := record(t, func() {
		var f sync2.Flight[string, int]
		var gate sync2.Event
		trace.Name(&f, "pages")
		trace.Name(&gate, "gate")
		var all sync.WaitGroup
		for _, name := range []string{"ann", "ben"} {
			all.Add(1)
			sync2.Go(name, func() {
				defer all.Done()
				_, _, _ = f.Do(context.Background(), "y", func(context.Context) (int, error) { gate.Wait(); return 7, nil })
			})
			synctest.Wait()
		}
		gate.Set()
		all.Wait()
		_, _, _ = f.Do(context.Background(), "z", func(context.Context) (int, error) { return 0, errTest })
	})
	// Whether ann waits first or her function begins first is the scheduler's choice.
	for line := range strings.SplitSeq(strings.TrimSpace(`
		ann submit pages[y] peer=1
		ann block pages[y] n=1 "Do"
		pages-1 task-start pages[y]
		pages-1 block gate n=1 "Wait"
		ben block pages[y] n=1 "Do"
		pages-1 unblock gate by main
		pages-1 settle pages[y] n=3 "7"
		ann unblock pages[y] by pages-1
		ben unblock pages[y] by pages-1
		main submit pages[z] peer=1
		pages-2 task-start pages[z]
		pages-2 settle pages[z] n=4 "the test's own cause"`), "\n") {
		if line = strings.TrimSpace(line); !strings.Contains("\n"+got, "\n"+line+"\n") {
			t.Errorf("there is no %q in\n%s", line, got)
		}
	}
}

// A caller that gives up does not affect the others.
func ExampleFlight_Do() {
	var pages sync2.Flight[string, string]
	impatient, cancel := context.WithTimeoutCause(context.Background(), time.Millisecond, errors.New("no time"))
	defer cancel()
	_, _, err := pages.Do(impatient, "/slow", func(ctx context.Context) (string, error) {
		<-ctx.Done() // no caller is left
		return "", context.Cause(ctx)
	})
	fmt.Println(err, pages.Len())
	// Output: no time 0
}

// Contexts can be derived from the context of a function, and it ends also if nothing has looked at it
// before.
func TestFlightContext(t *testing.T) {
	type key struct{}
	ctx, cancel := context.WithCancelCause(context.WithValue(t.Context(), key{}, "value"))
	defer cancel(nil)
	var f sync2.Flight[int, int]
	var its, child context.Context
	var endChild func()
	_, _, err := f.Do(ctx, 1, func(ctx context.Context) (int, error) {
		its = ctx
		if due, ok := ctx.Deadline(); ok || ctx.Err() != nil || context.Cause(ctx) != nil || ctx.Value(key{}) != "value" {
			t.Errorf("deadline %v %v, error %v, cause %v, value %v", due, ok, ctx.Err(), context.Cause(ctx), ctx.Value(key{}))
		}
		child, endChild = context.WithCancel(ctx)
		return 1, nil
	})
	<-child.Done()
	endChild()
	<-its.Done()
	if err != nil || !errors.Is(its.Err(), context.Canceled) || !errors.Is(child.Err(), context.Canceled) || !errors.Is(context.Cause(its), context.Canceled) {
		t.Errorf("%v; error %v, of the child %v, cause %v", err, its.Err(), child.Err(), context.Cause(its))
	}
	begun, goOn := make(chan struct{}), make(chan struct{})
	ended := make(chan context.Context)
	go func() {
		<-begun
		cancel(errTest)
	}()
	_, _, err = f.Do(ctx, 1, func(ctx context.Context) (int, error) {
		close(begun)
		<-goOn // it looks at its context only when that has ended
		ended <- ctx
		return 1, nil
	})
	close(goOn)
	its = <-ended
	<-its.Done()
	if !errors.Is(err, errTest) || its.Err() != context.Canceled || context.Cause(its) != errTest { //nolint:errorlint // the very same is meant
		t.Errorf("%v; error %v, cause %v", err, its.Err(), context.Cause(its))
	}
	until(func() bool { return len(sync2.Goroutines()) == 0 })
}
