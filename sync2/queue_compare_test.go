package sync2_test

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// started calls fn in a goroutine of its own, and returns a function that waits for how it ends.
func started(fn func()) func() end { return endOf(func() error { fn(); return nil }) }

// A ranked is a priority queue whose compare calls hook.
type ranked struct {
	*sync2.Queue[int]
	mu     sync.Mutex
	hook   func(a, b int) // what compare does first, nil: nothing
	within int            // calls of compare that have not ended
	most   int            // the most there were at once
}

func newRanked(capacity int, values ...int) *ranked {
	r := new(ranked)
	r.Queue = sync2.NewPriorityQueue(capacity, func(a, b int) int {
		r.mu.Lock()
		hook := r.hook
		r.within++
		r.most = max(r.most, r.within)
		r.mu.Unlock()
		defer func() {
			r.mu.Lock()
			r.within--
			r.mu.Unlock()
		}()
		if hook != nil {
			hook(a, b)
		}
		return cmp.Compare(a, b)
	})
	for _, v := range values {
		_ = r.Put(v)
	}
	return r
}

func (r *ranked) on(hook func(a, b int)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.hook = hook
}

// check expects the queue to hold exactly these items, to give them out in this order, and to work afterwards.
func (r *ranked) check(t *testing.T, items ...int) {
	t.Helper()
	r.on(nil)
	if p, g := r.Waiting(); p != 0 || g != 0 {
		t.Fatalf("%d wait to Put and %d to Get", p, g)
	}
	if r.Len() != len(items) {
		t.Fatalf("Len is %d, want %d", r.Len(), len(items))
	}
	for _, want := range items {
		if v, ok := r.TryGet(); v != want || !ok {
			t.Fatalf("got %d, %v; want %d", v, ok, want)
		}
		r.TaskDone()
	}
	put(t, r.Queue, 2, 1)
	get(t, r.Queue, 1, 2)
	r.TaskDone()
	r.TaskDone()
	r.Join()
	if n := r.Unfinished(); n != 0 {
		t.Errorf("%d unfinished", n)
	}
	if r.most > 1 {
		t.Errorf("compare was called by %d at once", r.most)
	}
}

// A compare that fails in a Put or a Get affects only that call.
func TestPriorityQueueCompareFails(t *testing.T) {
	for name, bad := range spoiled {
		for verb, call := range map[string]func(r *ranked){
			"Put":        func(r *ranked) { _ = r.Put(0) },
			"PutContext": func(r *ranked) { _ = r.PutContext(context.Background(), 0) },
			"PutTimeout": func(r *ranked) { _ = r.PutTimeout(time.Hour, 0) },
			"TryPut":     func(r *ranked) { r.TryPut(0) },
			"Get":        func(r *ranked) { _, _ = r.Get() },
			"GetContext": func(r *ranked) { _, _ = r.GetContext(context.Background()) },
			"GetTimeout": func(r *ranked) { _, _ = r.GetTimeout(0) },
			"TryGet":     func(r *ranked) { r.TryGet() },
		} {
			t.Run(verb+" "+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					r := newRanked(0, 1, 2, 3, 4)
					r.on(func(int, int) { bad.act() })
					if got := started(func() { call(r) })(); !bad.check(got) {
						t.Errorf("it ended with %+v", got)
					}
					r.check(t, 1, 2, 3, 4)
				})
			})
		}
	}
}

// A compare that fails for an item that waits for room affects the waiting Put, not the Get that makes room. The
// room goes to the next.
func TestPriorityQueueCompareOfWaitingItemFails(t *testing.T) {
	for name, bad := range spoiled {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRanked(3, 1, 2, 3)
				var ends []func() end
				for _, v := range []int{-1, -2, 5} {
					ends = append(ends, started(func() { _ = r.Put(v) }))
					synctest.Wait()
				}
				r.on(func(a, b int) {
					if min(a, b) < 0 {
						bad.act()
					}
				})
				if v, err := r.Get(); v != 1 || err != nil {
					t.Errorf("got %d, %v", v, err)
				}
				synctest.Wait()
				for i, check := range []func(end) bool{bad.check, bad.check, end.returned} {
					if got := ends[i](); !check(got) {
						t.Errorf("putter %d ended with %+v", i, got)
					}
				}
				r.TaskDone()
				r.check(t, 2, 3, 5)
			})
		})
	}
}

// While a compare blocks, calls of Put and Get wait in order of arrival, and no other calls do.
func TestPriorityQueueCompareBlocks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRanked(0, 1, 2, 3)
		var gate sync2.Event
		r.on(func(int, int) { gate.Wait() })
		first := started(func() { _ = r.Put(4) })
		synctest.Wait()
		if r.Len() != 3 || r.Unfinished() != 3 || r.Cap() != 0 {
			t.Error("an item is counted that is not in the queue")
		}
		if err := r.PutTimeout(time.Second, 5); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("PutTimeout: %v", err)
		}
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, errTest)
		defer cancel()
		_, err := r.GetContext(ctx)
		wantErr(t, err, errTest)
		wantErr(t, err, context.DeadlineExceeded)
		_, err = r.GetContext(ended(errTest))
		wantErr(t, err, errTest)
		var got [3]int
		var rest []func() end
		for _, fn := range []func(){
			func() { got[0], _ = r.Get() },
			func() { _ = r.Put(0) },
			func() { got[1], _ = r.Get() },
			func() { got[2], _ = r.TryGet() },
		} {
			rest = append(rest, started(fn))
			synctest.Wait()
		}
		gate.Set()
		first()
		for _, end := range rest {
			if e := end(); !e.returned() {
				t.Errorf("it ended with %+v", e)
			}
		}
		if got != [3]int{1, 0, 2} {
			t.Errorf("got %v", got)
		}
		for range 3 {
			r.TaskDone()
		}
		r.check(t, 3, 4)
	})
}

// Close and Discard do not wait for a compare, and the Put or Get that does notices them.
func TestPriorityQueueClosedDuringCompare(t *testing.T) {
	for name, test := range map[string]struct {
		close    func(r *ranked)
		put, get error
	}{
		"Close":   {func(r *ranked) { r.Close() }, sync2.ErrClosed, nil},
		"Discard": {func(r *ranked) { r.Discard() }, sync2.ErrClosed, sync2.ErrClosed},
	} {
		for verb, call := range map[string]func(r *ranked) (got, want error){
			"Put": func(r *ranked) (error, error) { return r.Put(4), test.put },
			"Get": func(r *ranked) (error, error) { _, err := r.Get(); return err, test.get },
		} {
			t.Run(name+" during "+verb, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					r := newRanked(0, 1, 2, 3)
					var gate sync2.Event
					r.on(func(int, int) { gate.Wait() })
					end := started(func() {
						if got, want := call(r); got != want { //nolint:errorlint // the very same is meant
							t.Errorf("%s returned %v, want %v", verb, got, want)
						}
					})
					synctest.Wait()
					test.close(r)
					gate.Set()
					if e := end(); !e.returned() {
						t.Errorf("it ended with %+v", e)
					}
					left := r.Discard()
					if want := map[error]int{nil: 2, sync2.ErrClosed: 3}; name == "Close" && verb == "Get" && left != want[nil] || name == "Close" && verb == "Put" && left != 3 {
						t.Errorf("%d are left", left)
					}
				})
			})
		}
	}
	synctest.Test(t, func(t *testing.T) { // a Put that has waited for room
		r := newRanked(2, 1, 2)
		end := started(func() {
			if err := r.Put(3); err != sync2.ErrClosed { //nolint:errorlint // the very same is meant
				t.Error(err)
			}
		})
		synctest.Wait()
		var gate sync2.Event
		r.on(func(a, b int) {
			if max(a, b) == 3 {
				gate.Wait()
			}
		})
		get(t, r.Queue, 1)
		synctest.Wait()
		r.Close()
		gate.Set()
		end()
		if n := r.Discard(); n != 1 {
			t.Errorf("%d were left", n)
		}
	})
}

// A Put that waits for the end of another's compare fails when the queue is closed, and one that comes later at once,
// however long the compare takes; so does a Get, if nothing is left.
func TestPriorityQueueClosedBesideCompare(t *testing.T) {
	puts := map[string]func(r *ranked) error{
		"Put": func(r *ranked) error { return r.Put(4) },
		"PutContext": func(r *ranked) error {
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			return r.PutContext(ctx, 4)
		},
		"PutTimeout": func(r *ranked) error { return r.PutTimeout(time.Hour, 4) },
		"TryPut": func(r *ranked) error {
			if r.TryPut(4) {
				return nil
			}
			return sync2.ErrClosed
		},
	}
	gets := map[string]func(r *ranked) error{
		"Get": func(r *ranked) error { _, err := r.Get(); return err },
		"GetContext": func(r *ranked) error {
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			_, err := r.GetContext(ctx)
			return err
		},
		"GetTimeout": func(r *ranked) error { _, err := r.GetTimeout(time.Hour); return err },
	}
	for name, test := range map[string]struct {
		close func(r *ranked)
		verbs []map[string]func(r *ranked) error
		left  []int
	}{
		"Close":   {func(r *ranked) { r.Close() }, []map[string]func(r *ranked) error{puts}, []int{2, 3}},
		"Discard": {func(r *ranked) { r.Discard() }, []map[string]func(r *ranked) error{puts, gets}, nil},
	} {
		for _, verbs := range test.verbs {
			for verb, call := range verbs {
				t.Run(name+" beside "+verb, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						r := newRanked(0, 1, 2, 3)
						var gate sync2.Event
						r.on(func(int, int) { gate.Wait() })
						first := started(func() { _ = r.Put(5) })
						synctest.Wait()
						var got [2]error
						other := started(func() { got[0] = call(r) })
						var item int
						last := func() end { return end{} }
						if test.left != nil { // a Get behind it is not disturbed
							synctest.Wait()
							last = started(func() { item, _ = r.Get() })
						}
						synctest.Wait()
						begun := time.Now()
						test.close(r)
						other()
						late := started(func() { got[1] = call(r) })
						late()
						_, err := r.GetContext(ended(errTest))
						wantErr(t, err, errTest)
						wantErr(t, r.PutContext(ended(errTest), 4), errTest)
						if got != [2]error{sync2.ErrClosed, sync2.ErrClosed} || time.Since(begun) > 0 {
							t.Errorf("they returned %v, after %v", got, time.Since(begun))
						}
						gate.Set()
						first()
						if last(); test.left != nil && item != 1 {
							t.Errorf("got %d", item)
						}
						for _, want := range test.left {
							get(t, r.Queue, want)
						}
						if _, err := r.Get(); err != sync2.ErrClosed { //nolint:errorlint // the very same is meant
							t.Error(err)
						}
					})
				})
			}
		}
	}
}

// A compare that calls the queue may look at it and close it; what would have to wait for the compare's own end is
// refused.
func TestPriorityQueueCompareCallsQueue(t *testing.T) {
	misuse := func(e end) bool {
		u, ok := e.panicked.(*sync2.UsageError)
		return ok && strings.HasPrefix(u.Op, "Queue.")
	}
	for name, test := range map[string]struct {
		do   func(r *ranked)
		want func(end) bool
		left []int // with a Put of 0
	}{
		"Len":         {func(r *ranked) { r.Len() }, end.returned, []int{0, 1, 2, 3}},
		"Cap":         {func(r *ranked) { r.Cap() }, end.returned, []int{0, 1, 2, 3}},
		"Unfinished":  {func(r *ranked) { r.Unfinished() }, end.returned, []int{0, 1, 2, 3}},
		"Waiting":     {func(r *ranked) { r.Waiting() }, end.returned, []int{0, 1, 2, 3}},
		"JoinTimeout": {func(r *ranked) { r.JoinTimeout(0) }, end.returned, []int{0, 1, 2, 3}},
		"TryPut":      {func(r *ranked) { r.TryPut(9) }, end.returned, []int{0, 1, 2, 3}},
		"TryGet":      {func(r *ranked) { r.TryGet() }, end.returned, []int{0, 1, 2, 3}},
		"GetTimeout":  {func(r *ranked) { _, _ = r.GetTimeout(-1) }, end.returned, []int{0, 1, 2, 3}},
		"Put":         {func(r *ranked) { _ = r.Put(9) }, misuse, []int{1, 2, 3}},
		"Get":         {func(r *ranked) { _, _ = r.Get() }, misuse, []int{1, 2, 3}},
		"GetContext":  {func(r *ranked) { _, _ = r.GetContext(context.Background()) }, misuse, []int{1, 2, 3}},
		"All": {func(r *ranked) {
			for range r.All() {
				break
			}
		}, misuse, []int{1, 2, 3}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRanked(0, 1, 2, 3)
				r.on(func(int, int) { test.do(r) })
				if e := started(func() { _ = r.Put(0) })(); !test.want(e) {
					t.Errorf("Put ended with %+v", e)
				}
				if e := started(func() { r.TryGet() })(); e.returned() {
					r.TaskDone()
					test.left = test.left[1:]
				} else if !test.want(e) {
					t.Errorf("TryGet ended with %+v", e)
				}
				r.check(t, test.left...)
			})
		})
	}
	for name, end := range map[string]func(r *ranked){
		"Close":   func(r *ranked) { r.Close() },
		"Discard": func(r *ranked) { r.Discard() },
	} {
		t.Run(name, func(t *testing.T) {
			r := newRanked(0, 1, 2)
			r.on(func(int, int) { end(r) })
			if err := r.Put(0); err != sync2.ErrClosed { //nolint:errorlint // the very same is meant
				t.Error(err)
			}
		})
	}
}

// A compare may wait for a goroutine that looks at the queue.
func TestPriorityQueueCompareWaitsForOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRanked(0, 3, 1, 2)
		r.on(func(int, int) {
			looked := make(chan struct{})
			go func() { r.Len(); r.Unfinished(); close(looked) }()
			<-looked
			pass(time.Second) // goroutines that wait for the compare are durably blocked
		})
		other := started(func() { _ = r.Put(4) })
		_ = r.Put(0)
		other()
		r.check(t, 0, 1, 2, 3, 4)
	})
}

// The Validator accepts the trace of a priority queue whose compare does all this.
func TestPriorityQueueCompareTraced(t *testing.T) {
	j := &judge{valid: trace.NewValidator()}
	if err := trace.Start(j); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		var mu sync2.Mutex
		r := newRanked(2, 1, 2)
		var ends []func() end
		for _, v := range []int{-1, 7, 8, 9} {
			ends = append(ends, started(func() { _ = r.Put(v) }))
			synctest.Wait()
		}
		r.on(func(a, b int) {
			mu.Lock()
			defer mu.Unlock()
			if min(a, b) < 0 {
				panic(errTest)
			}
			pass(time.Second)
		})
		for _, want := range []int{1, 2, 7, 8, 9} {
			get(t, r.Queue, want)
			r.TaskDone()
		}
		for _, end := range ends {
			end()
		}
		r.check(t)
	})
	trace.Stop()
	if j.err == nil {
		j.err = j.valid.Finish()
	}
	if j.err != nil || j.seen < 20 {
		t.Errorf("%d events: %v", j.seen, j.err)
	}
}
