package sync2_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
)

func TestErr(t *testing.T) {
	p := sync2.NewPromise[int]()
	if err := p.Future().Err(); err != nil || p.Future().State() != sync2.Pending {
		t.Errorf("before it is settled: %v", err)
	}
	p.Fail(errTest)
	if err := p.Future().Err(); err != errTest { //nolint:errorlint // the very same
		t.Error(err)
	}
	q := sync2.NewPromise[string]()
	q.Succeed("fine")
	if err := q.Future().Err(); err != nil {
		t.Error(err)
	}
	r := sync2.NewPromise[string]()
	r.Future().Cancel()
	wantErr(t, r.Future().Err(), sync2.ErrCanceled)
}

// WaitEach waits until all are settled, and returns the first error in the order of its arguments.
func TestWaitEach(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b, c := sync2.NewPromise[int](), sync2.NewPromise[string](), sync2.NewPromise[error]()
		waits := sync2.Go("waits", func() {
			if err := sync2.WaitEach(t.Context(), a.Future(), b.Future(), c.Future(), b.Future()); err != errTest { //nolint:errorlint // the very same
				t.Error(err)
			}
		})
		c.Fail(errors.New("a later one, though it came first"))
		synctest.Wait()
		b.Fail(errTest)
		synctest.Wait()
		if !waits.Alive() {
			t.Error("it returned before all were settled")
		}
		a.Succeed(1)
		waits.Join()
		if err := sync2.WaitEach(t.Context(), a.Future()); err != nil {
			t.Error(err)
		}
		if err := sync2.WaitEach(t.Context()); err != nil {
			t.Error(err)
		}
		b.Future().Cancel()
		d := sync2.NewPromise[int]()
		d.Future().Cancel()
		wantErr(t, sync2.WaitEach(t.Context(), a.Future(), d.Future()), sync2.ErrCanceled)
	})
}

// An ended ctx fails first; a ctx that ends while WaitEach waits ends only the wait.
func TestWaitEachGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := sync2.NewPromise[int]()
		wantErr(t, sync2.WaitEach(ended(errTest)), errTest)
		wantErr(t, sync2.WaitEach(ended(errTest), p.Future()), errTest)
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, errTest)
		defer cancel()
		err := sync2.WaitEach(ctx, p.Future())
		wantErr(t, err, errTest)
		wantErr(t, err, context.DeadlineExceeded)
		if !p.Succeed(1) {
			t.Error("the future was settled")
		}
		wantErr(t, sync2.WaitEach(ctx, p.Future()), errTest)
	})
}

func TestWaitEachMisuse(t *testing.T) {
	p := sync2.NewPromise[int]()
	p.Succeed(1)
	for _, f := range []sync2.Settled{nil, (*sync2.Future[int])(nil), new(sync2.Future[string])} {
		wantMisuse(t, "WaitEach", func() { _ = sync2.WaitEach(t.Context(), f) })
		wantMisuse(t, "WaitEach", func() { _ = sync2.WaitEach(ended(errTest), p.Future(), f) })
	}
	wantMisuse(t, "WaitEach", func() { _ = sync2.WaitEach(nil) })             //nolint:staticcheck // on purpose
	wantMisuse(t, "WaitEach", func() { _ = sync2.WaitEach(nil, p.Future()) }) //nolint:staticcheck // on purpose
}

func ExampleWaitEach() {
	pool := sync2.NewExecutor(2)
	defer pool.Shutdown()
	name := sync2.Submit(pool, func(context.Context) (string, error) { return "ann", nil })
	age := sync2.Submit(pool, func(context.Context) (int, error) { return 0, errors.New("age: not known") })
	fmt.Println(sync2.WaitEach(context.Background(), name, age))
	// Output:
	// age: not known
}
