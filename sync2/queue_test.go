package sync2_test

import (
	"cmp"
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"github.com/turnstile-go/turnstile/sync2"
)

func TestQueueMisuse(t *testing.T) {
	wantMisuse(t, "NewQueue", func() { sync2.NewQueue[int](-1) })
	wantMisuse(t, "NewStack", func() { sync2.NewStack[int](-1) })
	wantMisuse(t, "NewPriorityQueue", func() { sync2.NewPriorityQueue(-1, cmp.Compare[int]) })
	wantMisuse(t, "NewPriorityQueue", func() { sync2.NewPriorityQueue[int](0, nil) })
	q := sync2.NewQueue[int](0)
	wantMisuse(t, "Queue.TaskDone", q.TaskDone)
	put(t, q, 1)
	get(t, q, 1)
	q.TaskDone()
	wantMisuse(t, "Queue.TaskDone", q.TaskDone)
	if q.Unfinished() != 0 {
		t.Errorf("a misuse changed Unfinished to %d", q.Unfinished())
	}
	q.Join() // a misuse leaves the queue usable
}

// put puts values, and fails if it would have to wait.
func put[T any](t *testing.T, q *sync2.Queue[T], values ...T) {
	t.Helper()
	for _, v := range values {
		if err := q.PutTimeout(0, v); err != nil {
			t.Fatalf("Put(%v) = %v", v, err)
		}
	}
}

// get takes the given values, and fails if they are not there.
func get[T comparable](t *testing.T, q *sync2.Queue[T], want ...T) {
	t.Helper()
	for _, w := range want {
		if v, err := q.GetTimeout(0); err != nil || v != w {
			t.Fatalf("Get = %v, %v, want %v", v, err, w)
		}
	}
}

func TestQueueOrder(t *testing.T) {
	type ranked struct{ rank, id int }
	byRank := func(a, b ranked) int { return a.rank - b.rank }
	for name, c := range map[string]struct {
		q    *sync2.Queue[ranked]
		want []int // ids
	}{
		"queue":    {sync2.NewQueue[ranked](0), []int{0, 1, 2, 3, 4, 5}},
		"stack":    {sync2.NewStack[ranked](0), []int{5, 4, 3, 2, 1, 0}},
		"priority": {sync2.NewPriorityQueue(0, byRank), []int{1, 4, 0, 2, 5, 3}},
	} {
		for id, rank := range []int{2, 1, 2, 3, 1, 2} {
			put(t, c.q, ranked{rank, id})
		}
		if c.q.Len() != 6 || c.q.Cap() != 0 || c.q.Unfinished() != 6 {
			t.Errorf("%s: Len = %d, Cap = %d, Unfinished = %d", name, c.q.Len(), c.q.Cap(), c.q.Unfinished())
		}
		var got []int
		for v, ok := c.q.TryGet(); ok; v, ok = c.q.TryGet() {
			got = append(got, v.id)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}

// The ring wraps, and grows while it is wrapped.
func TestQueueGrowsInOrder(t *testing.T) {
	q := sync2.NewQueue[int](0)
	next, want := 0, 0
	for _, n := range []int{5, 3, 9, 100, 1, 40} {
		for range n {
			put(t, q, next)
			next++
		}
		for range n / 2 {
			get(t, q, want)
			want++
		}
	}
	for want < next {
		get(t, q, want)
		want++
	}
}

func TestQueueWithoutWaiting(t *testing.T) {
	ctx := t.Context()
	for name, q := range eachQueue(2) {
		if _, ok := q.TryGet(); ok {
			t.Errorf("%s: TryGet of an empty queue", name)
		}
		_, err := q.GetTimeout(-1)
		wantErr(t, err, context.DeadlineExceeded)
		_, err = q.GetContext(ended(errTest))
		wantErr(t, err, errTest)
		wantErr(t, q.PutContext(ended(errTest), 1), errTest)
		if err := q.PutContext(ctx, 1); err != nil || !q.TryPut(1) {
			t.Errorf("%s: a Put with room failed: %v", name, err)
		}
		_, err = q.GetContext(ended(errTest))
		wantErr(t, err, errTest)
		if q.TryPut(1) {
			t.Errorf("%s: TryPut into a full queue", name)
		}
		wantErr(t, q.PutTimeout(0, 1), context.DeadlineExceeded)
		if q.Len() != 2 || q.Cap() != 2 || q.Unfinished() != 2 {
			t.Errorf("%s: Len = %d, Cap = %d, Unfinished = %d", name, q.Len(), q.Cap(), q.Unfinished())
		}
		if v, err := q.GetContext(ctx); v != 1 || err != nil {
			t.Errorf("%s: GetContext = %v, %v", name, v, err)
		}
		if q.JoinTimeout(0) {
			t.Errorf("%s: JoinTimeout(0) with unfinished items", name)
		}
		q.TaskDone()
		q.TaskDone() // before it was taken: only the count matters
		if !q.JoinTimeout(0) || q.JoinContext(ctx) != nil {
			t.Errorf("%s: Join with nothing unfinished", name)
		}
		wantErr(t, q.JoinContext(ended(errTest)), errTest)
	}
}

// eachQueue returns a queue of each kind.
func eachQueue(capacity int) map[string]*sync2.Queue[int] {
	return map[string]*sync2.Queue[int]{
		"queue":    sync2.NewQueue[int](capacity),
		"stack":    sync2.NewStack[int](capacity),
		"priority": sync2.NewPriorityQueue(capacity, cmp.Compare[int]),
	}
}

func TestQueueServesGettersInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, q := range eachQueue(0) {
			var got served
			for i := range 4 {
				go func() {
					v, _ := q.Get()
					got.add(10*i + v)
				}()
				synctest.Wait()
			}
			if p, g := q.Waiting(); p != 0 || g != 4 {
				t.Fatalf("%s: Waiting = %d, %d", name, p, g)
			}
			for v := range 4 {
				put(t, q, v)
				if _, ok := q.TryGet(); ok {
					t.Errorf("%s: TryGet took what was handed to another", name)
				}
				synctest.Wait()
			}
			if got := got.all(); !slices.Equal(got, []int{0, 11, 22, 33}) {
				t.Errorf("%s: served %v", name, got)
			}
		}
	})
}

func TestQueueServesPuttersInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, q := range eachQueue(1) {
			put(t, q, 0)
			var done served
			for i := 1; i <= 4; i++ {
				go func() {
					if err := q.Put(10 - i); err != nil {
						t.Error(err)
					}
					done.add(i)
				}()
				synctest.Wait()
			}
			if q.Unfinished() != 1 {
				t.Errorf("%s: what waits to be put counts: %d", name, q.Unfinished())
			}
			get(t, q, 0)
			for i := 1; i <= 4; i++ { // each has the only place, whatever its rank
				if q.TryPut(99) {
					t.Errorf("%s: TryPut went past the queue", name)
				}
				synctest.Wait()
				if got := done.all(); len(got) != i || got[i-1] != i {
					t.Fatalf("%s: after %d Gets %v have put", name, i, got)
				}
				get(t, q, 10-i)
			}
		}
	})
}

// Get takes the smallest item of a full priority queue before the waiting item is added.
func TestPriorityQueueTakesBeforeItAdds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := sync2.NewPriorityQueue(3, cmp.Compare[int])
		put(t, q, 5, 7, 6)
		for _, v := range []int{1, 8, 6} {
			go func() { _ = q.Put(v) }()
			synctest.Wait()
		}
		get(t, q, 5, 1, 6, 6, 7, 8)
	})
}

func TestQueueGiveUpChangesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := sync2.NewQueue[int](1)
		_, err := q.GetTimeout(time.Second)
		wantErr(t, err, context.DeadlineExceeded)
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(errTest) })
		_, err = q.GetContext(ctx)
		wantErr(t, err, errTest)
		put(t, q, 1) // is not given to a goroutine that has left
		wantErr(t, q.PutTimeout(time.Second, 2), context.DeadlineExceeded)
		ctx, cancel = context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(errTest) })
		wantErr(t, q.PutContext(ctx, 3), errTest)
		ctx, cancel = context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(errTest) })
		wantErr(t, q.JoinContext(ctx), errTest)
		if q.JoinTimeout(time.Second) {
			t.Error("JoinTimeout")
		}
		if p, g := q.Waiting(); p != 0 || g != 0 || q.Len() != 1 || q.Unfinished() != 1 {
			t.Errorf("Waiting = %d, %d, Len = %d, Unfinished = %d", p, g, q.Len(), q.Unfinished())
		}
		get(t, q, 1)
		if _, ok := q.TryGet(); ok {
			t.Error("a Put that gave up left its item")
		}
	})
}

// If a waiter in the middle of the line gives up, the others keep their places.
func TestQueueGiveUpInTheMiddle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := sync2.NewQueue[int](0)
		var got served
		for i := range 3 {
			go func() {
				d := time.Hour
				if i == 1 {
					d = time.Second
				}
				if v, err := q.GetTimeout(d); err == nil {
					got.add(10*i + v)
				}
			}()
			synctest.Wait()
		}
		pass(2 * time.Second)
		for _, v := range []int{1, 2} {
			put(t, q, v)
			synctest.Wait()
		}
		if got := got.all(); !slices.Equal(got, []int{1, 22}) {
			t.Errorf("served %v", got)
		}
	})
}

// If a Put coincides with a Get's timeout, the item is with the Get or in the queue, and is never lost. In a
// bubble both happen at the same instant, in an order that varies.
func TestQueueGetRacesWithTimeout(t *testing.T) {
	taken, kept := 0, 0
	for range 500 {
		synctest.Test(t, func(t *testing.T) {
			q := sync2.NewQueue[int](0)
			time.AfterFunc(time.Second, func() { put(t, q, 7) })
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			v, err := q.GetContext(ctx)
			synctest.Wait()
			switch {
			case err == nil && v == 7 && q.Len() == 0:
				taken++
			case errors.Is(err, context.DeadlineExceeded) && q.Len() == 1:
				kept++
			default:
				t.Fatalf("Get = %v, %v with %d left", v, err, q.Len())
			}
		})
	}
	t.Logf("taken %d times, kept %d times", taken, kept)
}

func TestQueuePutRacesWithTimeout(t *testing.T) {
	for range 500 {
		synctest.Test(t, func(t *testing.T) {
			q := sync2.NewQueue[int](1)
			put(t, q, 1)
			time.AfterFunc(time.Second, func() { get(t, q, 1) })
			err := q.PutTimeout(time.Second, 2)
			synctest.Wait()
			if added := q.Len() == 1; added != (err == nil) || q.Unfinished() != 1+q.Len() {
				t.Fatalf("Put = %v with %d in the queue", err, q.Len())
			}
		})
	}
}

func TestQueueClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, q := range eachQueue(1) {
			put(t, q, 1)
			var failed served
			for range 2 {
				go func() {
					if errors.Is(q.Put(2), sync2.ErrClosed) {
						failed.add(1)
					}
				}()
			}
			synctest.Wait()
			q.Close()
			q.Close()
			synctest.Wait()
			if len(failed.all()) != 2 {
				t.Errorf("%s: %d Puts that waited have failed, want 2", name, len(failed.all()))
			}
			wantErr(t, q.Put(3), sync2.ErrClosed)
			wantErr(t, q.PutContext(ended(errTest), 3), errTest)
			wantErr(t, q.PutTimeout(0, 3), sync2.ErrClosed)
			if q.TryPut(3) {
				t.Errorf("%s: TryPut into a closed queue", name)
			}
			get(t, q, 1)
			_, err := q.Get()
			wantErr(t, err, sync2.ErrClosed)
			_, err = q.GetContext(ended(errTest))
			wantErr(t, err, errTest)
			_, err = q.GetTimeout(0)
			wantErr(t, err, sync2.ErrClosed)
			if q.Unfinished() != 1 {
				t.Errorf("%s: Unfinished = %d", name, q.Unfinished())
			}
			q.TaskDone()
			q.Join()
		}
	})
}

func TestQueueCloseReleasesGetters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := sync2.NewQueue[int](0)
		var failed served
		for range 3 {
			go func() {
				if v, err := q.GetTimeout(time.Hour); v == 0 && errors.Is(err, sync2.ErrClosed) {
					failed.add(1)
				}
			}()
		}
		synctest.Wait()
		q.Close()
		synctest.Wait()
		if len(failed.all()) != 3 {
			t.Errorf("%d have failed, want 3", len(failed.all()))
		}
	})
}

// An item that was taken before Discard keeps Join waiting until its TaskDone.
func TestQueueDiscard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, q := range eachQueue(3) {
			put(t, q, 1, 1, 1)
			get(t, q, 1)
			put(t, q, 1)
			go func() { wantErr(t, q.Put(2), sync2.ErrClosed) }()
			var joined atomic.Bool
			go func() { q.Join(); joined.Store(true) }()
			synctest.Wait()
			if n := q.Discard(); n != 3 {
				t.Errorf("%s: Discard = %d, want 3", name, n)
			}
			synctest.Wait()
			if q.Len() != 0 || q.Unfinished() != 1 || joined.Load() {
				t.Errorf("%s: Len = %d, Unfinished = %d, joined: %t", name, q.Len(), q.Unfinished(), joined.Load())
			}
			q.TaskDone()
			synctest.Wait()
			if !joined.Load() {
				t.Errorf("%s: Join still waits", name)
			}
			if q.Discard() != 0 {
				t.Errorf("%s: a second Discard found something", name)
			}
			_, err := q.Get()
			wantErr(t, err, sync2.ErrClosed)
		}
	})
}

// Discard alone releases Join, and works on a queue that is closed.
func TestQueueDiscardAfterClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := sync2.NewQueue[int](0)
		put(t, q, 1, 2)
		q.Close()
		go func() {
			pass(time.Second)
			if n := q.Discard(); n != 2 {
				t.Errorf("Discard = %d", n)
			}
		}()
		q.Join()
	})
}

// Discard does not account again for an item that was accounted for before it was taken.
func TestQueueDiscardAfterTaskDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := sync2.NewQueue[int](0)
		put(t, q, 1, 2, 3)
		go func() {
			pass(time.Second)
			q.TaskDone()
			q.TaskDone()
			if n := q.Discard(); n != 3 || q.Unfinished() != 0 {
				t.Errorf("Discard = %d, Unfinished = %d", n, q.Unfinished())
			}
		}()
		q.Join()
		wantMisuse(t, "Queue.TaskDone", q.TaskDone)
	})
}

// A goroutine that waits in Join when the last item is done is released, though another item is put at once.
func TestQueueJoinIsNotUndone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := sync2.NewQueue[int](0)
		put(t, q, 1)
		var joined atomic.Int32
		for _, join := range []func(){q.Join, func() { q.JoinTimeout(time.Hour) }} {
			go func() { join(); joined.Add(1) }()
		}
		synctest.Wait()
		q.TaskDone()
		put(t, q, 2)
		synctest.Wait()
		if joined.Load() != 2 {
			t.Error("a Join was undone by the next Put")
		}
	})
}

func TestQueueAll(t *testing.T) {
	q := sync2.NewQueue[int](0)
	fill := func() { put(t, q, 1, 2, 3) }
	check := func(how string, left int) {
		t.Helper()
		if q.Unfinished() != left {
			t.Errorf("%s: Unfinished = %d, want %d", how, q.Unfinished(), left)
		}
	}
	fill()
	for v := range q.All() {
		if q.Unfinished() != 4-v {
			t.Errorf("in turn %d: Unfinished = %d", v, q.Unfinished())
		}
		if v == 2 {
			break
		}
	}
	check("break", 1)
	func() {
		defer func() { _ = recover() }()
		for range q.All() {
			panic("in the body")
		}
	}()
	check("panic", 0)
	fill()
	sync2.Go("ends", func() {
		for range q.All() {
			runtime.Goexit()
		}
	}).Join()
	check("Goexit", 2)
	q.Close()
	var rest []int
	for v := range q.All() {
		rest = append(rest, v)
	}
	check("closed", 0)
	if !slices.Equal(rest, []int{2, 3}) {
		t.Errorf("the rest is %v", rest)
	}
}

// A compare that panics leaves the queue as it was, with its mutex free, wherever it is called.
func TestPriorityQueueComparePanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var bad atomic.Bool
		calls := 0
		q := sync2.NewPriorityQueue(7, func(a, b int) int {
			if calls--; bad.Load() && calls < 0 {
				panic(errTest)
			}
			return cmp.Compare(a, b)
		})
		put(t, q, 6, 4, 5, 3, 2, 9, 1)
		fails := func(what string, fn func()) {
			t.Helper()
			defer func() {
				if r := recover(); r != errTest { //nolint:errorlint // the very same is meant
					t.Errorf("%s: recovered %v", what, r)
				}
			}()
			fn()
		}
		check := func() {
			t.Helper()
			if q.Len() != 7 || q.Unfinished() != 7 {
				t.Fatalf("Len = %d, Unfinished = %d", q.Len(), q.Unfinished())
			}
		}
		for after := range 3 { // let the first comparisons pass
			bad.Store(true)
			calls = after
			fails("Get", func() { _, _ = q.Get() })
			bad.Store(false)
			check()
		}
		go func() { _ = q.Put(0) }()
		synctest.Wait()
		for after := range 2 {
			bad.Store(true)
			calls = after
			fails("Get with one that waits to Put", func() { _, _ = q.Get() })
			bad.Store(false)
			check()
			if p, _ := q.Waiting(); p != 1 {
				t.Fatal("the one that waits to Put has gone")
			}
		}
		get(t, q, 1, 0, 2)
		bad.Store(true)
		calls = 0
		fails("Put", func() { _ = q.Put(0) })
		bad.Store(false)
		if q.Len() != 5 || q.Unfinished() != 8 {
			t.Errorf("after a Put that failed: Len = %d, Unfinished = %d", q.Len(), q.Unfinished())
		}
		get(t, q, 3, 4, 5, 6, 9)
		put(t, q, 8)
		get(t, q, 8)
	})
}

// The queue does not keep items alive that were taken, dropped or not put.
func TestQueueKeepsNothingAlive(t *testing.T) {
	for name, q := range map[string]*sync2.Queue[*[1 << 10]byte]{
		"queue":    sync2.NewQueue[*[1 << 10]byte](4),
		"stack":    sync2.NewStack[*[1 << 10]byte](4),
		"priority": sync2.NewPriorityQueue(4, func(_, _ *[1 << 10]byte) int { return 0 }),
	} {
		var refs []weak.Pointer[[1 << 10]byte]
		fresh := func() *[1 << 10]byte {
			p := new([1 << 10]byte)
			refs = append(refs, weak.Make(p))
			return p
		}
		for range 10 {
			put(t, q, fresh())
			_, _ = q.Get()
		}
		done := make(chan struct{})
		go func() { _, _ = q.Get(); done <- struct{}{} }() // handed over
		until(func() bool { _, g := q.Waiting(); return g == 1 })
		put(t, q, fresh())
		<-done
		for range 4 {
			put(t, q, fresh())
		}
		_ = q.PutTimeout(time.Nanosecond, fresh()) // gives up
		go func() { _ = q.Put(fresh()); done <- struct{}{} }()
		until(func() bool { p, _ := q.Waiting(); return p == 1 })
		_, _ = q.Get()
		<-done
		q.Discard()
		until(func() bool {
			runtime.GC()
			return !slices.ContainsFunc(refs, func(p weak.Pointer[[1 << 10]byte]) bool { return p.Value() != nil })
		})
		runtime.KeepAlive(q)
		t.Log(name, len(refs))
	}
}

// An unbounded queue that was long releases its memory.
func TestQueueShrinks(t *testing.T) {
	q := sync2.NewQueue[int](0)
	const many = 1 << 20
	for v := range many {
		put(t, q, v)
	}
	full := heap()
	for range many {
		_, _ = q.Get()
	}
	if left := heap(); left > full/2 {
		t.Errorf("the heap went from %d to %d bytes", full, left)
	}
	put(t, q, 1)
	get(t, q, 1)
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func TestQueueAllocates(t *testing.T) {
	for name, q := range eachQueue(16) {
		put(t, q, 1, 2, 3)
		for what, fn := range map[string]func(){
			"Put, Get":     func() { _ = q.Put(1); _, _ = q.Get(); q.TaskDone() },
			"Context":      func() { _ = q.PutContext(t.Context(), 1); _, _ = q.GetContext(t.Context()) },
			"Timeout, Try": func() { _ = q.PutTimeout(time.Hour, 1); _, _ = q.TryGet() },
		} {
			if n := testing.AllocsPerRun(100, fn); n != 0 && !checkedMutexes {
				t.Errorf("%s: %s: %v allocations", name, what, n)
			}
		}
	}
}

// Waiting without a limit allocates nothing, once there have been as many waiters at the same time.
func TestQueueAllocatesNothingToWait(t *testing.T) {
	const loops = 10_000
	for name, q := range eachQueue(1) {
		hammerPipe(pipe{func(v int) { _ = q.Put(v) }, func() int { v, _ := q.Get(); return v }}, 2, loops)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		hammerPipe(pipe{func(v int) { _ = q.Put(v) }, func() int { v, _ := q.Get(); return v }}, 2, loops)
		runtime.ReadMemStats(&after)
		if n := after.Mallocs - before.Mallocs; n > loops/10 && !checkedMutexes {
			t.Errorf("%s: %d allocations in %d turns", name, n, loops)
		}
	}
}

func TestQueueMemoryOfWaitsThatTimeOut(t *testing.T) {
	full := sync2.NewQueue[int](1)
	put(t, full, 1)
	empty := sync2.NewQueue[int](1)
	for name, wait := range map[string]func(d time.Duration) bool{
		"Put":  func(d time.Duration) bool { return full.PutTimeout(d, 2) == nil },
		"Get":  func(d time.Duration) bool { _, err := empty.GetTimeout(d); return err == nil },
		"Join": full.JoinTimeout,
	} {
		t.Run(name, func(t *testing.T) { checkGiveUps(t, wait) })
	}
}

// hammerQueue lets producers and consumers use q in every form, and checks that each item that was put arrives
// once.
func hammerQueue(t *testing.T, q *sync2.Queue[int], loops int) {
	const sides = 4
	var produced, consumed atomic.Int64
	var sum atomic.Int64
	var producers, consumers sync.WaitGroup
	for i := range sides {
		producers.Go(func() {
			for j := range loops {
				if v := i*loops + j + 1; putSomehow(q, j, v) {
					produced.Add(1)
					sum.Add(int64(v))
				}
			}
		})
		consumers.Go(func() {
			for j := 0; ; j++ {
				v, err := getSomehow(q, j)
				if errors.Is(err, sync2.ErrClosed) {
					return
				}
				if err == nil {
					consumed.Add(1)
					sum.Add(int64(-v))
					q.TaskDone()
				}
			}
		})
	}
	producers.Wait()
	q.Join()
	q.Close()
	consumers.Wait()
	if produced.Load() != consumed.Load() || sum.Load() != 0 || q.Len() != 0 || q.Unfinished() != 0 {
		t.Errorf("put %d, got %d, difference of the sums %d, Len = %d, Unfinished = %d",
			produced.Load(), consumed.Load(), sum.Load(), q.Len(), q.Unfinished())
	}
}

func putSomehow(q *sync2.Queue[int], j, v int) bool {
	switch j % 4 {
	case 0:
		ctx, cancel := soon(j)
		defer cancel()
		return q.PutContext(ctx, v) == nil
	case 1:
		return q.PutTimeout(time.Duration(j%5)*time.Microsecond, v) == nil
	case 2:
		return q.TryPut(v)
	}
	return q.Put(v) == nil
}

func getSomehow(q *sync2.Queue[int], j int) (int, error) {
	switch j % 4 {
	case 0:
		ctx, cancel := soon(j)
		defer cancel()
		return q.GetContext(ctx)
	case 1:
		return q.GetTimeout(time.Duration(j%5) * time.Microsecond)
	}
	return q.Get()
}

func TestQueueHammer(t *testing.T) {
	for _, capacity := range []int{0, 1, 3, 64} {
		for _, q := range eachQueue(capacity) {
			hammerQueue(t, q, 1000)
		}
	}
}

func TestValidatorOnQueues(t *testing.T) {
	for _, capacity := range []int{0, 1, 5} {
		for name, q := range eachQueue(capacity) {
			t.Run(name, func(t *testing.T) {
				validated(t, func(me, round int) {
					if me%2 == 0 {
						putSomehow(q, round|1, round)
						return
					}
					if _, err := q.GetTimeout(time.Duration(round%7) * time.Microsecond); err == nil {
						q.TaskDone()
					}
					q.JoinTimeout(time.Duration(round%3) * time.Microsecond)
					if round == 290 {
						q.Discard()
					}
				})
			})
		}
	}
}
