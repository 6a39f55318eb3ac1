package sync2_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
)

// A verb has four forms: plain, with a context, with a timeout, and as a try.
func ExampleMutex() {
	var mu sync2.Mutex
	mu.Lock()
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(errors.New("the user left"))
	fmt.Println(mu.LockContext(ctx))
	fmt.Println(mu.LockTimeout(time.Millisecond))
	fmt.Println(mu.TryLock())
	mu.Unlock()
	// Output:
	// the user left
	// false
	// false
}

func ExampleSemaphore_AcquireContext() {
	seats := sync2.NewSemaphore(0)
	ctx, cancel := context.WithTimeoutCause(context.Background(), time.Millisecond, errors.New("no seat in time"))
	defer cancel()
	fmt.Println(seats.AcquireContext(ctx))
	fmt.Println(seats.Available(), seats.Waiting()) // giving up has changed nothing
	// Output:
	// no seat in time
	// 0 0
}

func ExampleSemaphore_Resize() {
	seats := sync2.NewBoundedSemaphore(3)
	fmt.Println(seats.TryAcquireN(2))
	seats.Resize(1) // one more than that is taken
	seats.Release()
	fmt.Println(seats)
	seats.Release()
	fmt.Println(seats)
	fmt.Println(seats.AcquireN(context.Background(), 2))
	// Output:
	// true
	// semaphore: 0 of 1, 0 wait
	// semaphore: 1 of 1, 0 wait
	// sync2: more permits than the semaphore can hold
}

func ExampleSemaphore_TryAcquire() {
	seats := sync2.NewBoundedSemaphore(1)
	fmt.Println(seats.TryAcquire(), seats.TryAcquire())
	seats.Release()
	// Output: true false
}

// The last party to arrive adds up the results of all before any of them goes on.
func ExampleWithAction() {
	parts, sum := make([]int, 3), 0
	meeting := sync2.NewBarrier(3, sync2.WithAction(func() error {
		for _, p := range parts {
			sum += p
		}
		return nil
	}))
	var workers []*sync2.Goroutine
	for i := range parts {
		workers = append(workers, sync2.Go("worker", func() {
			parts[i] = i + 1
			if _, err := meeting.Wait(); err == nil && sum != 6 {
				fmt.Println("the sum is not there")
			}
		}))
	}
	for _, w := range workers {
		w.Join()
	}
	fmt.Println(sum)
	// Output: 6
}

// A party that gives up breaks the barrier, and every party gets the reason.
func ExampleBarrier_WaitTimeout() {
	meeting := sync2.NewBarrier(2)
	_, err := meeting.WaitTimeout(time.Millisecond)
	fmt.Println(errors.Is(err, sync2.ErrBroken), errors.Is(err, context.DeadlineExceeded))
	_, err = meeting.Wait()
	fmt.Println(err)
	meeting.Reset()
	fmt.Println(meeting.Broken())
	// Output:
	// true true
	// sync2: broken: context deadline exceeded
	// false
}

func ExampleCond() {
	var mu sync2.Mutex
	changed := sync2.NewCond(&mu)
	level := 0
	watcher := sync2.Go("watcher", func() {
		mu.Lock()
		defer mu.Unlock()
		for level < 3 {
			changed.Wait()
		}
		fmt.Println("level", level)
	})
	for range 3 {
		mu.Lock()
		level++
		changed.Broadcast()
		mu.Unlock()
	}
	watcher.Join()
	// Output: level 3
}

// A function may lock a lock that its caller holds; Wait releases it completely, and takes it again.
func ExampleReentrantLock_Depth() {
	var mu sync2.ReentrantLock
	mu.Lock()
	mu.Lock()
	fmt.Println(mu.Held(), mu.Depth())
	sync2.NewCond(&mu).WaitTimeout(time.Millisecond)
	fmt.Println(mu.Held(), mu.Depth())
	// Output:
	// true 2
	// true 2
}

// New makes the value for each goroutine without one.
func ExampleLocal_Get() {
	scratch := sync2.Local[[]byte]{New: func() []byte { return make([]byte, 0, 64) }}
	defer sync2.ReleaseLocals()
	buf, _ := scratch.Get()
	fmt.Println(len(buf), cap(buf))
	// Output: 0 64
}

// Goroutines that work on a request inherit its values.
func ExampleLocal_inherit() {
	request := sync2.Local[string]{Inherit: func(parent string) string { return parent }}
	defer sync2.ReleaseLocals()
	pool := sync2.NewExecutor(1)
	defer pool.Shutdown()
	load := func(context.Context) (string, error) {
		of, ok := request.Get()
		return fmt.Sprintf("%q %t", of, ok), nil
	}
	request.Set("GET /1")
	first := sync2.Submit(pool, load)
	request.Set("GET /2")
	second := sync2.Submit(pool, load)
	request.Delete()
	third := sync2.Submit(pool, load)
	for _, f := range []*sync2.Future[string]{first, second, third} {
		fmt.Println(f.Result())
	}
	// Output:
	// "GET /1" true <nil>
	// "GET /2" true <nil>
	// "" false <nil>
}

func ExampleNewStack() {
	undo := sync2.NewStack[string](0)
	for _, step := range []string{"type", "delete", "paste"} {
		_ = undo.Put(step)
	}
	last, _ := undo.TryGet()
	fmt.Println(last)
	// Output: paste
}

// Join waits until all items are processed, not only taken.
func ExampleQueue_Join() {
	letters := sync2.NewQueue[string](0)
	var read []string
	clerk := sync2.Go("clerk", func() {
		for letter := range letters.All() { // calls TaskDone after each
			read = append(read, letter)
		}
	})
	_ = letters.Put("offer")
	_ = letters.Put("invoice")
	letters.Join()
	fmt.Println(read, letters.Unfinished())
	letters.Close()
	clerk.Join()
	// Output: [offer invoice] 0
}

func ExampleExecutor() {
	pool := sync2.NewExecutor(4, sync2.WithName("resizer"))
	var sizes []*sync2.Future[int]
	for _, side := range []int{2, 3, 4} {
		sizes = append(sizes, sync2.Submit(pool, func(context.Context) (int, error) { return side * side, nil }))
	}
	for _, f := range sizes {
		fmt.Println(f.Result())
	}
	pool.Shutdown()
	// Output:
	// 4 <nil>
	// 9 <nil>
	// 16 <nil>
}

func ExampleFuture_OnDone() {
	p := sync2.NewPromise[string]()
	p.Future().OnDone(func(f *sync2.Future[string]) {
		v, _ := f.Result()
		fmt.Println("called back with", v)
	})
	p.Succeed("the answer")
	fmt.Println(p.Future().State())
	// Output:
	// called back with the answer
	// succeeded
}

func ExampleFuture_ResultContext() {
	never := sync2.NewPromise[int]().Future()
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	_, err := never.ResultContext(ctx)
	fmt.Println(err)
	// Output: context deadline exceeded
}

func ExampleWaitAll() {
	fast, slow := sync2.NewPromise[int](), sync2.NewPromise[int]()
	fast.Succeed(1)
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	done, pending, err := sync2.WaitAll(ctx, fast.Future(), slow.Future())
	fmt.Println(len(done), len(pending), err)
	// Output: 1 1 context deadline exceeded
}

func ExampleWaitAny() {
	first, second := sync2.NewPromise[int](), sync2.NewPromise[int]()
	second.Succeed(2)
	done, _, _ := sync2.WaitAny(context.Background(), first.Future(), second.Future())
	fmt.Println(slices.Contains(done, second.Future()))
	// Output: true
}
