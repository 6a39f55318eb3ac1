package sync2_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

func TestStateString(t *testing.T) {
	for s, want := range map[sync2.State]string{
		sync2.Pending: "pending", sync2.Running: "running", sync2.Succeeded: "succeeded", sync2.Failed: "failed",
		sync2.Canceled: "canceled", 0: "state 0", 9: "state 9",
	} {
		if s.String() != want {
			t.Errorf("%d: %q, want %q", s, s.String(), want)
		}
	}
}

func TestPanicError(t *testing.T) {
	err := &sync2.PanicError{Value: errTest, Stack: []byte("the stack")}
	wantErr(t, err, errTest)
	if !strings.Contains(err.Error(), errTest.Error()) || !strings.HasSuffix(err.Error(), "the stack") {
		t.Error(err)
	}
	err = &sync2.PanicError{Value: 7}
	if err.Unwrap() != nil || !strings.Contains(err.Error(), "panic: 7") {
		t.Error(err)
	}
}

func TestFutureMisuse(t *testing.T) {
	p := sync2.NewPromise[int]()
	wantMisuse(t, "Promise.Fail", func() { p.Fail(nil) })
	wantMisuse(t, "Future.OnDone", func() { p.Future().OnDone(nil) })
	e := sync2.NewExecutor(1)
	wantMisuse(t, "Submit", func() { sync2.Submit[int](e, nil) })
	wantMisuse(t, "Submit", func() { sync2.Submit(nil, value(1)) })
	wantMisuse(t, "Executor.Execute", func() { _ = e.Execute(nil) })
	wantMisuse(t, "WithInitializer", func() { sync2.WithInitializer(nil) })
	if p.Future().State() != sync2.Pending || !p.Succeed(1) {
		t.Error("a misuse settled the promise")
	}
	e.Shutdown()
}

func TestPromise(t *testing.T) {
	p := sync2.NewPromise[int]()
	f := p.Future()
	if f != p.Future() || f.State() != sync2.Pending {
		t.Error("not one future, pending")
	}
	_, err := f.ResultTimeout(0)
	wantErr(t, err, context.DeadlineExceeded)
	_, err = f.ResultContext(ended(errTest))
	wantErr(t, err, errTest)
	select {
	case <-f.Done():
		t.Error("Done before it is settled")
	default:
	}
	if !p.Fail(errTest) || p.Succeed(1) || p.Fail(errTest) || f.Cancel() {
		t.Error("settled twice")
	}
	<-f.Done()
	if _, err := f.Result(); !errors.Is(err, errTest) || f.State() != sync2.Failed {
		t.Errorf("%v, %v", err, f.State())
	}

	p = sync2.NewPromise[int]()
	first, second := p.Future().Cancel(), p.Future().Cancel()
	if !first || !second || p.Succeed(1) || p.Fail(errTest) {
		t.Error("a canceled promise was settled")
	}
	if v, err := p.Future().Result(); v != 0 || !errors.Is(err, sync2.ErrCanceled) {
		t.Errorf("%v, %v", v, err)
	}
}

// Every way to settle a future releases all waiters, and each waiter gives up independently.
func TestFutureWaiters(t *testing.T) {
	for how, settle := range map[string]func(p *sync2.Promise[int]) bool{
		"Succeed": func(p *sync2.Promise[int]) bool { return p.Succeed(1) },
		"Fail":    func(p *sync2.Promise[int]) bool { return p.Fail(errTest) },
		"Cancel":  func(p *sync2.Promise[int]) bool { return p.Future().Cancel() },
	} {
		synctest.Test(t, func(t *testing.T) {
			p := sync2.NewPromise[int]()
			f := p.Future()
			var released atomic.Int32
			for _, wait := range []func() (int, error){
				f.Result, f.Result,
				func() (int, error) { return f.ResultContext(t.Context()) },
				func() (int, error) { return f.ResultTimeout(time.Hour) },
				func() (int, error) { <-f.Done(); return f.Result() },
			} {
				go func() {
					if _, err := wait(); !errors.Is(err, context.DeadlineExceeded) {
						released.Add(1)
					}
				}()
			}
			_, err := f.ResultTimeout(time.Second)
			wantErr(t, err, context.DeadlineExceeded)
			if f.Waiting() != 4 || released.Load() != 0 {
				t.Errorf("%s: %d wait, %d released", how, f.Waiting(), released.Load())
			}
			if !settle(p) {
				t.Errorf("%s: false", how)
			}
			synctest.Wait()
			if released.Load() != 5 || f.Waiting() != 0 {
				t.Errorf("%s: %d released, %d wait", how, released.Load(), f.Waiting())
			}
		})
	}
}

// Of many goroutines that try to settle a promise, exactly one succeeds.
func TestPromiseSettledOnce(t *testing.T) {
	for range 300 {
		p := sync2.NewPromise[int]()
		var won, called atomic.Int32
		p.Future().OnDone(func(*sync2.Future[int]) { called.Add(1) })
		var wg sync.WaitGroup
		for i := range 4 {
			wg.Go(func() {
				if i%2 == 0 && p.Succeed(i) || i == 1 && p.Fail(errTest) || i == 3 && p.Future().Cancel() {
					won.Add(1)
				}
			})
			wg.Go(func() { _, _ = p.Future().Result() })
		}
		wg.Wait()
		if won.Load() != 1 || called.Load() != 1 {
			t.Fatalf("%d settled it, %d callbacks", won.Load(), called.Load())
		}
	}
}

// Cancel and the beginning of the task race: either the task runs, or it is canceled, never both.
func TestFutureCancelRacesWithStart(t *testing.T) {
	e := sync2.NewExecutor(2)
	defer e.Shutdown()
	canceled := 0
	for range 2000 {
		var ran atomic.Bool
		f := sync2.Submit(e, func(context.Context) (int, error) { ran.Store(true); return 1, nil })
		did := f.Cancel()
		_, err := f.Result()
		if did {
			canceled++
		}
		if did != errors.Is(err, sync2.ErrCanceled) || did == ran.Load() || did != (f.State() == sync2.Canceled) {
			t.Fatalf("Cancel = %t, ran: %t, %v, %v", did, ran.Load(), err, f.State())
		}
	}
	t.Logf("canceled %d of 2000", canceled)
}

// A Goexit in a callback ends the goroutine that settles, not the callbacks that follow.
func TestOnDoneGoexit(t *testing.T) {
	p := sync2.NewPromise[int]()
	var order []int
	for i := range 5 {
		p.Future().OnDone(func(*sync2.Future[int]) {
			order = append(order, i)
			switch i {
			case 1, 3:
				runtime.Goexit()
			case 2:
				panic("recovered and discarded")
			}
		})
	}
	sync2.Go("settler", func() { p.Succeed(1); t.Error("it goes on after Goexit") }).Join()
	if !slices.Equal(order, []int{0, 1, 2, 3, 4}) {
		t.Errorf("callbacks %v", order)
	}
}

// A callback may settle a future and call OnDone.
func TestOnDoneNested(t *testing.T) {
	first, second := sync2.NewPromise[int](), sync2.NewPromise[string]()
	var got []string
	first.Future().OnDone(func(f *sync2.Future[int]) {
		v, _ := f.Result()
		f.OnDone(func(*sync2.Future[int]) { got = append(got, "at once") })
		second.Succeed(fmt.Sprint(v))
	})
	second.Future().OnDone(func(f *sync2.Future[string]) {
		v, _ := f.Result()
		got = append(got, v)
	})
	first.Succeed(7)
	if !slices.Equal(got, []string{"at once", "7"}) {
		t.Errorf("%v", got)
	}
}

func TestTaskContext(t *testing.T) {
	inBubble(t, 2, func(t *testing.T, e *sync2.Executor) {
		var kept context.Context
		f := sync2.Submit(e, func(ctx context.Context) (int, error) {
			kept = ctx
			if _, ok := ctx.Deadline(); ok || ctx.Err() != nil || ctx.Value("key") != nil || context.Cause(ctx) != nil {
				t.Error("a fresh context is not plain")
			}
			child, cancel := context.WithCancel(ctx)
			defer cancel()
			before := runtime.NumGoroutine()
			context.AfterFunc(child, func() {})
			if runtime.NumGoroutine() > before {
				t.Error("to derive a context takes a goroutine")
			}
			<-child.Done()
			wantErr(t, context.Cause(child), sync2.ErrCanceled)
			wantErr(t, context.Cause(ctx), sync2.ErrCanceled)
			return 1, ctx.Err()
		})
		synctest.Wait()
		first, second := f.Cancel(), f.Cancel()
		if first || second {
			t.Error("Cancel of a running task is true")
		}
		_, err := f.Result()
		wantErr(t, err, context.Canceled)
		if f.State() != sync2.Failed || kept.Err() == nil {
			t.Errorf("%v, %v", f.State(), kept.Err())
		}
	})
}

// The context ends with the task, whether it was used before or is only looked at afterwards.
func TestTaskContextEndsWithTask(t *testing.T) {
	inBubble(t, 1, func(t *testing.T, e *sync2.Executor) {
		for _, use := range []func(ctx context.Context){
			func(context.Context) {},
			func(ctx context.Context) { ctx.Done() },
			func(ctx context.Context) { ctx.Value(1) },
		} {
			f := sync2.Submit(e, func(ctx context.Context) (context.Context, error) { use(ctx); return ctx, nil })
			ctx, _ := f.Result()
			wantErr(t, ctx.Err(), context.Canceled)
			wantErr(t, context.Cause(ctx), context.Canceled)
			<-ctx.Done()
			wantErr(t, context.Cause(ctx), context.Canceled)
		}
	})
}

func TestFutureAllocates(t *testing.T) {
	p := sync2.NewPromise[int]()
	p.Succeed(1)
	f := p.Future()
	ctx := t.Context()
	wantNoAllocs(t, func() {
		_, _ = f.Result()
		_, _ = f.ResultContext(ctx)
		_, _ = f.ResultTimeout(time.Second)
		f.State()
		f.Done()
		f.Cancel()
	})
	e := sync2.NewExecutor(1)
	defer e.Shutdown()
	for what, use := range map[string]func(f *sync2.Future[int]){
		"Result": func(f *sync2.Future[int]) { _, _ = f.Result() },
		"Cancel": func(f *sync2.Future[int]) { f.Cancel() },
	} {
		i := 0
		submit := func() { use(sync2.Submit(e, func(context.Context) (int, error) { return i, nil })) }
		if n := testing.AllocsPerRun(1000, submit); n > 2 && !checkedMutexes && !underRace { // one is the closure
			t.Errorf("Submit and %s: %v allocations", what, n)
		}
		submit = func() {
			use(sync2.SubmitContext(ctx, e, func(context.Context) (int, error) { return i, nil }))
		}
		if n := testing.AllocsPerRun(1000, submit); n > 2 && !checkedMutexes && !underRace { // the tasks share what they have of ctx
			t.Errorf("SubmitContext and %s: %v allocations", what, n)
		}
	}
}

// A future prints its state, never its value.
func TestFutureString(t *testing.T) {
	p := sync2.NewPromise[string]()
	if got := fmt.Sprint(p.Future()); got != "future: pending" {
		t.Errorf("a new future prints as %q", got)
	}
	trace.Name(p.Future(), "page-7")
	p.Succeed("secret")
	if got := fmt.Sprint(p.Future()); got != "future page-7: succeeded" {
		t.Errorf("a settled future prints as %q", got)
	}
	if got := fmt.Sprint((*sync2.Future[int])(nil)); got != "future: nil" {
		t.Errorf("a nil future prints as %q", got)
	}
}
