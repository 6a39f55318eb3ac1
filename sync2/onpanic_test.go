package sync2_test

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A callback's panic is reported, however the future is settled, whichever goroutine calls it; other callbacks are still called.
func TestOnPanic(t *testing.T) {
	for how, settle := range map[string]func(p *sync2.Promise[int]){
		"Succeed": func(p *sync2.Promise[int]) { p.Succeed(1) },
		"Fail":    func(p *sync2.Promise[int]) { p.Fail(errTest) },
		"Cancel":  func(p *sync2.Promise[int]) { p.Future().Cancel() },
	} {
		var told []*sync2.PanicError
		sync2.OnPanic(func(p *sync2.PanicError) { told = append(told, p); panic("of the hook") })
		p := sync2.NewPromise[int]()
		called := 0
		p.Future().OnDone(func(*sync2.Future[int]) { explode(errTest) })
		p.Future().OnDone(func(*sync2.Future[int]) { called++ })
		settle(p)
		p.Future().OnDone(func(*sync2.Future[int]) { explode(7) }) // at once
		sync2.OnPanic(nil)
		p.Future().OnDone(func(*sync2.Future[int]) { explode("nobody is told") })
		if len(told) != 2 || told[0].Value != any(errTest) || told[1].Value != any(7) || called != 1 {
			t.Errorf("%s: reported %v; the other callback was called %d times", how, told, called)
			continue
		}
		if !strings.Contains(string(told[0].Stack), "explode") {
			t.Errorf("the stack is not that of the panic:\n%s", told[0].Stack)
		}
	}
}

// Neither a Goexit in a callback nor one in the hook is a panic, and neither keeps the other callbacks from being called.
func TestOnPanicGoexit(t *testing.T) {
	defer sync2.OnPanic(nil)
	told := 0
	sync2.OnPanic(func(*sync2.PanicError) { told++; runtime.Goexit() })
	p := sync2.NewPromise[int]()
	var order []int
	for i := range 4 {
		p.Future().OnDone(func(*sync2.Future[int]) {
			order = append(order, i)
			switch i {
			case 0:
				runtime.Goexit()
			case 1, 2:
				panic(i)
			}
		})
	}
	sync2.Go("settler", func() { p.Succeed(1) }).Join()
	if told != 2 || !slices.Equal(order, []int{0, 1, 2, 3}) {
		t.Errorf("reported %d times, callbacks %v", told, order)
	}
}

// The hook may call anything, including methods of the future whose callback it was, and set another hook.
func TestOnPanicDoesAnything(t *testing.T) {
	inBubble(t, 1, func(t *testing.T, e *sync2.Executor) {
		defer sync2.OnPanic(nil)
		f := sync2.Submit(e, after(1, 7))
		var got []string
		sync2.OnPanic(func(p *sync2.PanicError) {
			v, err := f.Result()
			got = append(got, fmt.Sprint(p.Value, v, err))
			sync2.OnPanic(func(p *sync2.PanicError) { got = append(got, fmt.Sprint("second ", p.Value)) })
			f.OnDone(func(*sync2.Future[int]) { panic("again") })
		})
		f.OnDone(func(*sync2.Future[int]) { panic("first") })
		_, _ = f.Result()
		synctest.Wait()
		if want := []string{"first7 <nil>", "second again"}; !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	})
}

// The panic of a Flight's function is reported if and only if no caller is left to get it.
func TestOnPanicOfAFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		defer sync2.OnPanic(nil)
		var told []any
		sync2.OnPanic(func(p *sync2.PanicError) { told = append(told, p.Value) })
		var f sync2.Flight[int, int]
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			synctest.Wait()
			cancel()
		}()
		_, _, err := f.Do(ctx, 1, func(ctx context.Context) (int, error) { <-ctx.Done(); panic("forgotten") })
		wantErr(t, err, context.Canceled)
		synctest.Wait()
		r := panicOf(func() {
			_, _, _ = f.Do(t.Context(), 1, func(context.Context) (int, error) { panic("the caller's") })
		})
		if _, ok := r.(*sync2.PanicError); !ok || !slices.Equal(told, []any{"forgotten"}) {
			t.Errorf("panic %v, reported %v", r, told)
		}
	})
}

// A badContext is a context whose methods panic when it has ended.
type badContext struct {
	context.Context
	ended atomic.Bool
}

// Err implements context.Context.
func (c *badContext) Err() error {
	if c.ended.Load() {
		panic("of the context")
	}
	return c.Context.Err()
}

// The panic of a context whose end cancels an executor or its tasks has no receiver. They are canceled all the same.
func TestOnPanicOfAContext(t *testing.T) {
	for what, submit := range map[string]func(ctx context.Context, e *sync2.Executor) *sync2.Future[int]{
		"WithContext": func(_ context.Context, e *sync2.Executor) *sync2.Future[int] { return sync2.Submit(e, after(0, 2)) },
		"SubmitContext": func(ctx context.Context, e *sync2.Executor) *sync2.Future[int] {
			return sync2.SubmitContext(ctx, e, after(0, 2))
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			defer sync2.OnPanic(nil)
			var told atomic.Pointer[sync2.PanicError]
			sync2.OnPanic(func(p *sync2.PanicError) { told.Store(p) })
			parent, cancel := context.WithCancel(t.Context())
			ctx := &badContext{Context: parent}
			var opts []sync2.ExecutorOption
			if what == "WithContext" {
				opts = append(opts, sync2.WithContext(ctx))
			}
			e := sync2.NewExecutor(1, opts...)
			var gate sync2.Event
			sync2.Submit(e, func(context.Context) (int, error) { gate.Wait(); return 0, nil })
			synctest.Wait()
			f := submit(ctx, e)
			ctx.ended.Store(true)
			cancel()
			synctest.Wait()
			p := told.Load()
			if p == nil || p.Value != any("of the context") || !strings.Contains(string(p.Stack), "badContext") {
				t.Errorf("%s: reported %v", what, p)
			}
			if f.State() != sync2.Canceled {
				t.Errorf("%s: %v", what, f)
			}
			gate.Set()
			e.Shutdown()
		})
	}
}

// A panicKeeper keeps the events of panics, and validates all events.
type panicKeeper struct {
	mu    sync.Mutex
	judge *trace.Validator
	all   []trace.Event
	err   error
}

func (k *panicKeeper) Event(ev trace.Event) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := k.judge.Event(ev); err != nil && k.err == nil {
		k.err = err
	}
	if ev.Kind == trace.KindPanic {
		k.all = append(k.all, ev)
	}
}

// A trace shows each panic at the future whose callback it was, with the value of the panic.
func TestOnDonePanicIsTraced(t *testing.T) {
	k := &panicKeeper{judge: trace.NewValidator()}
	if err := trace.Start(k); err != nil {
		t.Fatal(err)
	}
	p := sync2.NewPromise[int]()
	p.Future().OnDone(func(*sync2.Future[int]) { panic("oh no") })
	p.Succeed(1)
	p.Future().OnDone(func(*sync2.Future[int]) { panic(errTest) }) // the trace has forgotten the future
	trace.Stop()
	if k.err != nil {
		t.Error(k.err)
	}
	if len(k.all) != 2 || k.all[0].Text != "oh no" || k.all[1].Text != errTest.Error() || k.all[0].Obj == 0 {
		t.Errorf("%v", k.all)
	}
}

func ExampleOnPanic() {
	sync2.OnPanic(func(p *sync2.PanicError) { fmt.Println("lost:", p.Value) }) // p.Stack says where
	defer sync2.OnPanic(nil)
	p := sync2.NewPromise[int]()
	p.Future().OnDone(func(*sync2.Future[int]) { panic("in a callback") })
	fmt.Println(p.Succeed(1))
	// Output:
	// lost: in a callback
	// true
}
