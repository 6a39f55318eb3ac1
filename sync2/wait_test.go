package sync2_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
)

// promises returns n promises and their futures.
func promises(n int) (ps []*sync2.Promise[int], fs []*sync2.Future[int]) {
	for range n {
		p := sync2.NewPromise[int]()
		ps = append(ps, p)
		fs = append(fs, p.Future())
	}
	return ps, fs
}

// indexes returns which of fs are in some.
func indexes(fs, some []*sync2.Future[int]) []int {
	list := []int{}
	for _, f := range some {
		list = append(list, slices.Index(fs, f))
	}
	return list
}

type waitFunc func(ctx context.Context, fs ...*sync2.Future[int]) (done, pending []*sync2.Future[int], err error)

var waitFuncs = map[string]waitFunc{
	"WaitAll": sync2.WaitAll[int], "WaitAny": sync2.WaitAny[int], "WaitFirstError": sync2.WaitFirstError[int],
}

func TestWaitMisuse(t *testing.T) {
	_, fs := promises(1)
	for name, wait := range waitFuncs {
		wantMisuse(t, name, func() { _, _, _ = wait(ended(errTest), fs[0], nil) })
	}
	wantMisuse(t, "AsCompleted", func() { sync2.AsCompleted(t.Context(), nil, fs[0]) })
}

// Waits return at once for settled futures and for contexts that have ended.
func TestWaitAtOnce(t *testing.T) {
	ps, fs := promises(3)
	for name, wait := range waitFuncs {
		if done, pending, err := wait(t.Context()); len(done)+len(pending) > 0 || err != nil {
			t.Errorf("%s of nothing: %v, %v, %v", name, done, pending, err)
		}
		_, _, err := wait(ended(errTest))
		wantErr(t, err, errTest)
		done, pending, err := wait(ended(errTest), fs...)
		wantErr(t, err, errTest)
		if len(done) != 0 || !slices.Equal(pending, fs) {
			t.Errorf("%s: %v, %v", name, indexes(fs, done), indexes(fs, pending))
		}
	}
	ps[2].Succeed(1)
	ps[0].Fail(errTest)
	fs[1].Cancel()
	for name, wait := range waitFuncs {
		for _, ctx := range []context.Context{t.Context(), ended(errTest)} {
			done, pending, err := wait(ctx, fs[2], fs[0], fs[2], fs[1], fs[0]) // each once, in this order
			if got := indexes(fs, done); !slices.Equal(got, []int{2, 0, 1}) || len(pending) > 0 || !errors.Is(err, context.Cause(ctx)) {
				t.Errorf("%s: %v, %d pending, %v", name, got, len(pending), err)
			}
		}
	}
}

// Each function waits for the futures that it should.
func TestWaitFor(t *testing.T) {
	steps := []func(ps []*sync2.Promise[int]){
		func(ps []*sync2.Promise[int]) { ps[3].Future().Cancel() },
		func(ps []*sync2.Promise[int]) { ps[1].Succeed(1) },
		func(ps []*sync2.Promise[int]) { ps[0].Fail(errTest) },
		func(ps []*sync2.Promise[int]) { ps[2].Succeed(1) },
	}
	for name, c := range map[string]struct {
		after         int // number of steps
		done, pending []int
	}{
		"WaitAny":        {1, []int{3}, []int{0, 1, 2}},
		"WaitFirstError": {3, []int{0, 1, 3}, []int{2}},
		"WaitAll":        {4, []int{0, 1, 2, 3}, []int{}},
	} {
		synctest.Test(t, func(t *testing.T) {
			ps, fs := promises(4)
			returned := false
			go func() {
				done, pending, err := waitFuncs[name](t.Context(), fs...)
				returned = true
				if got := indexes(fs, done); !slices.Equal(got, c.done) || err != nil {
					t.Errorf("%s: done %v, want %v; %v", name, got, c.done, err)
				}
				if got := indexes(fs, pending); !slices.Equal(got, c.pending) {
					t.Errorf("%s: pending %v, want %v", name, got, c.pending)
				}
			}()
			for i, step := range steps {
				synctest.Wait()
				if returned != (i >= c.after) {
					t.Errorf("%s: returned after %d steps", name, i)
				}
				step(ps)
			}
			synctest.Wait()
		})
	}
}

// WaitFirstError waits for all futures if none fails.
func TestWaitFirstErrorWithoutError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ps, fs := promises(2)
		time.AfterFunc(time.Second, func() { fs[0].Cancel() })
		time.AfterFunc(2*time.Second, func() { ps[1].Succeed(1) })
		start := time.Now()
		if done, _, err := sync2.WaitFirstError(t.Context(), fs...); len(done) != 2 || err != nil || time.Since(start) != 2*time.Second {
			t.Errorf("%d done, %v, after %v", len(done), err, time.Since(start))
		}
	})
}

func TestWaitContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, wait := range waitFuncs {
			_, fs := promises(2)
			ctx, cancel := context.WithCancelCause(t.Context())
			time.AfterFunc(time.Second, func() { cancel(errTest) })
			done, pending, err := wait(ctx, fs...)
			wantErr(t, err, errTest)
			if len(done) != 0 || len(pending) != 2 {
				t.Errorf("%s: %d done, %d pending", name, len(done), len(pending))
			}
		}
	})
}

// If the last future settles as ctx ends, the result is one of the two, and consistent.
func TestWaitRacesWithContext(t *testing.T) {
	for range 300 {
		synctest.Test(t, func(t *testing.T) {
			ps, fs := promises(1)
			time.AfterFunc(time.Second, func() { ps[0].Succeed(1) })
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			done, _, err := sync2.WaitAll(ctx, fs...)
			if err == nil && len(done) != 1 {
				t.Errorf("%d done, %v", len(done), err)
			}
		})
	}
}

// inOrder ranges over AsCompleted, and returns the indexes; an error is -1.
func inOrder(ctx context.Context, fs, of []*sync2.Future[int]) (got []int, last error) {
	for f, err := range sync2.AsCompleted(ctx, of...) {
		got = append(got, slices.Index(fs, f))
		last = err
	}
	return got, last
}

func TestAsCompletedOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ps, fs := promises(6)
		ps[4].Succeed(1)
		fs[1].Cancel()
		ps[5].Fail(errTest)
		time.AfterFunc(3*time.Second, func() { ps[0].Succeed(1) })
		time.AfterFunc(1*time.Second, func() { fs[3].Cancel() })
		time.AfterFunc(2*time.Second, func() { ps[2].Fail(errTest) })
		got, err := inOrder(t.Context(), fs, slices.Concat(fs, fs))
		if !slices.Equal(got, []int{4, 1, 5, 3, 2, 0}) || err != nil {
			t.Errorf("%v, %v", got, err)
		}
		if got, err := inOrder(t.Context(), fs, nil); got != nil || err != nil {
			t.Errorf("of nothing: %v, %v", got, err)
		}
	})
}

// Settled futures are yielded though ctx has ended; the cause follows without waiting.
func TestAsCompletedContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ps, fs := promises(4)
		ps[2].Succeed(1)
		ps[0].Succeed(1)
		got, err := inOrder(ended(errTest), fs, fs)
		wantErr(t, err, errTest)
		if !slices.Equal(got, []int{2, 0, -1}) {
			t.Errorf("%v", got)
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { ps[3].Succeed(1) })
		time.AfterFunc(2*time.Second, func() { cancel(errTest) })
		got, err = inOrder(ctx, fs, fs)
		wantErr(t, err, errTest)
		if !slices.Equal(got, []int{2, 0, 3, -1}) {
			t.Errorf("%v", got)
		}
		got, err = inOrder(ended(errTest), fs, fs[2:3]) // all of them are settled
		wantErr(t, err, errTest)
		if !slices.Equal(got, []int{2, -1}) {
			t.Errorf("%v", got)
		}
		_, err = inOrder(ended(errTest), fs, nil)
		wantErr(t, err, errTest)
	})
}

// A loop that was left early can be restarted, and sees all futures.
func TestAsCompletedAgain(t *testing.T) {
	ps, fs := promises(3)
	ps[1].Succeed(1)
	ps[2].Succeed(1)
	all := sync2.AsCompleted(t.Context(), fs...)
	for range all {
		break
	}
	ps[0].Succeed(1)
	n := 0
	for f, err := range all {
		if want := []int{1, 2, 0}[n]; f != fs[want] || err != nil {
			t.Errorf("%d: not %d, %v", n, want, err)
		}
		n++
	}
	if n != 3 {
		t.Errorf("%d yielded", n)
	}
}

// Waits for several futures leave nothing behind at futures that are never settled.
func TestWaitLeavesNothingBehind(t *testing.T) {
	ps, fs := promises(3)
	ps[0].Succeed(1)
	leave := func() {
		for range 20_000 {
			for range sync2.AsCompleted(context.Background(), fs...) {
				break
			}
			_, _, _ = sync2.WaitAny(context.Background(), fs...)
		}
	}
	leave()
	before := heap()
	leave()
	if now := heap(); now > before+1<<18 {
		t.Errorf("the heap grew from %d to %d bytes", before, now)
	}
	t.Run("timeout", func(t *testing.T) {
		checkGiveUps(t, func(d time.Duration) bool {
			ctx, cancel := context.WithTimeout(context.Background(), d)
			defer cancel()
			_, _, err := sync2.WaitAll(ctx, fs...)
			return err == nil
		})
	})
}

func TestWaitHammer(t *testing.T) {
	for range 100 {
		ps, fs := promises(20)
		var wg sync.WaitGroup
		for i, p := range ps {
			wg.Go(func() {
				switch i % 3 {
				case 0:
					p.Succeed(i)
				case 1:
					p.Fail(errTest)
				case 2:
					fs[i].Cancel()
				}
			})
		}
		for range 2 {
			wg.Go(func() {
				seen := map[*sync2.Future[int]]bool{}
				for f, err := range sync2.AsCompleted(context.Background(), fs...) {
					if seen[f] || err != nil || f.State() < sync2.Succeeded {
						t.Errorf("yielded %v, %v", f.State(), err)
					}
					seen[f] = true
				}
				if len(seen) != len(fs) {
					t.Errorf("%d yielded", len(seen))
				}
			})
		}
		for name, wait := range waitFuncs {
			wg.Go(func() {
				done, pending, err := wait(context.Background(), fs...)
				if len(done)+len(pending) != len(fs) || err != nil || len(done) == 0 || name == "WaitAll" && len(pending) > 0 {
					t.Errorf("%s: %d done, %d pending, %v", name, len(done), len(pending), err)
				}
			})
		}
		wg.Wait()
	}
}
