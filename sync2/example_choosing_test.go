package sync2_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
)

// The examples of docs/guides/choosing-a-primitive.md and of the guides for those who come from elsewhere, word by word: a
// test in the root of the module compares them.

func Example_choosingEvent() {
	var ready sync2.Event
	worker := sync2.Go("worker", func() {
		ready.Wait()
		fmt.Println("working")
	})
	fmt.Println("configured")
	ready.Set() // releases all who wait; later calls of Wait return at once
	worker.Join()
	// Output:
	// configured
	// working
}

func Example_choosingBarrier() {
	gate := sync2.NewBarrier(3, sync2.WithAction(func() error {
		fmt.Println("all three parts are there")
		return nil
	}))
	var group sync2.WaitGroup
	for range 3 {
		group.Go(func() {
			// … compute a part …
			if _, err := gate.Wait(); err != nil {
				return // a party gave up, so no party continues
			}
			// … use all parts …
		})
	}
	group.Wait()
	// Output: all three parts are there
}

func Example_choosingWaitGroup() {
	ctx := context.Background()
	var uploads sync2.WaitGroup
	for range 10 {
		uploads.Go(func() { /* … */ })
	}
	if err := uploads.WaitContext(ctx); err != nil {
		fmt.Println("still", uploads.Count(), "to go:", err)
	}
	fmt.Println(uploads.Count())
	// Output: 0
}

func Example_choosingSemaphore() {
	memory := sync2.NewBoundedSemaphore(512) // MB
	load := func(ctx context.Context, size int) error {
		if err := memory.AcquireN(ctx, size); err != nil {
			return err // the context has ended, or size is more than 512
		}
		defer memory.ReleaseN(size)
		// …
		return nil
	}
	fmt.Println(load(context.Background(), 100), load(context.Background(), 1000))
	// Output: <nil> sync2: more permits than the semaphore can hold
}

func Example_choosingMutex() {
	var mu sync2.Mutex
	total := 0
	add := func(ctx context.Context, n int) error {
		if err := mu.LockContext(ctx); err != nil {
			return err
		}
		defer mu.Unlock()
		total += n
		return nil
	}
	fmt.Println(add(context.Background(), 7), total)
	// Output: <nil> 7
}

func Example_choosingKeyedMutex() {
	var accounts sync2.KeyedMutex[string]
	balance := map[string]int{"ann": 100}
	accounts.Lock("ann") // does not block goroutines that want "ben"
	balance["ann"] -= 80
	accounts.Unlock("ann")
	fmt.Println(balance["ann"], accounts.Len())
	// Output: 20 0
}

func Example_choosingRWMutex() {
	var mu sync2.RWMutex
	prices := map[string]int{}
	mu.Lock()
	prices["tea"] = 3
	mu.Downgrade() // from here on a reader: no writer can come in between
	fmt.Println(prices["tea"])
	mu.RUnlock()
	// Output: 3
}

func Example_choosingCond() {
	var mu sync2.Mutex
	changed := sync2.NewCond(&mu)
	stock := 0
	buyer := sync2.Go("buyer", func() {
		mu.Lock()
		defer mu.Unlock()
		changed.WaitFor(func() bool { return stock >= 3 })
		stock -= 3
	})
	for range 3 {
		mu.Lock()
		stock++
		changed.Signal()
		mu.Unlock()
	}
	buyer.Join()
	fmt.Println(stock)
	// Output: 0
}

func Example_choosingOnce() {
	var connect sync2.Once
	tries := 0
	dial := func(context.Context) error {
		if tries++; tries < 2 {
			return errors.New("refused")
		}
		return nil
	}
	fmt.Println(connect.DoContext(context.Background(), dial)) // failed: the next caller tries again
	fmt.Println(connect.DoContext(context.Background(), dial)) // done
	fmt.Println(connect.DoContext(context.Background(), dial)) // nothing to do
	// Output:
	// refused
	// <nil>
	// <nil>
}

func Example_choosingWatch() {
	level := sync2.NewWatch("info")
	seen := make(chan struct{})
	follower := sync2.Go("follower", func() {
		v, version := level.Get()
		fmt.Println(v, version)
		close(seen)
		v, version = level.Wait(version) // the latest value, which may not be the next
		fmt.Println(v, version)
	})
	<-seen
	level.Set("debug")
	follower.Join()
	// Output:
	// info 1
	// debug 2
}

func Example_choosingQueue() {
	jobs := sync2.NewQueue[int](8) // Put waits while there are 8
	sum := 0
	worker := sync2.Go("worker", func() {
		for n := range jobs.All() { // until the queue is closed and empty
			sum += n
		}
	})
	for n := range 5 {
		if err := jobs.Put(n); err != nil {
			break // closed
		}
	}
	jobs.Join() // every job is done
	jobs.Close()
	worker.Join()
	fmt.Println(sum)
	// Output: 10
}

func Example_choosingExecutor() {
	pool := sync2.NewExecutor(4)
	defer pool.Shutdown()
	square := func(_ context.Context, n int) (int, error) { return n * n, nil }
	for v, err := range sync2.Map(pool, slices.Values([]int{1, 2, 3}), square) { // in the order of the inputs
		fmt.Println(v, err)
	}
	// Output:
	// 1 <nil>
	// 4 <nil>
	// 9 <nil>
}

func Example_choosingPromise() {
	answer := sync2.NewPromise[string]()
	sync2.Go("responder", func() { answer.Succeed("42") })
	v, err := answer.Future().ResultTimeout(time.Minute)
	fmt.Println(v, err)
	// Output: 42 <nil>
}

func Example_choosingGroup() {
	g := sync2.NewGroup(context.Background(), sync2.WithLimit(2))
	for _, page := range []string{"a", "b", "c"} {
		g.Go("fetch "+page, func(ctx context.Context) error {
			if page == "b" {
				return errors.New("b: not found") // ends ctx for all
			}
			return ctx.Err()
		})
	}
	fmt.Println(g.Wait())
	// Output: b: not found
}

func Example_choosingFlight() {
	var flight sync2.Flight[string, []byte]
	fetch := func(ctx context.Context) ([]byte, error) { return []byte("page"), ctx.Err() }
	page, shared, err := flight.Do(context.Background(), "/index", fetch)
	fmt.Printf("%s %v %v\n", page, shared, err)
	// Output: page false <nil>
}

func Example_choosingLocal() {
	request := sync2.Local[string]{Inherit: func(parent string) string { return parent }}
	request.Set("r-17")
	sync2.Go("helper", func() {
		id, _ := request.Get()
		fmt.Println(id)
	}).Join()
	// Output: r-17
}

func Example_choosingReentrantLock() {
	var mu sync2.ReentrantLock
	get := func() int {
		mu.Lock()
		defer mu.Unlock()
		return mu.Depth()
	}
	mu.Lock()
	fmt.Println(get()) // calls back into what is locked already
	mu.Unlock()
	// Output: 2
}

func Example_fromPython() {
	pool := sync2.NewExecutor(4)
	defer pool.Shutdown()
	double := func(_ context.Context, n int) (int, error) { return 2 * n, nil }
	var futures []*sync2.Future[int]
	for n := range 3 {
		futures = append(futures, sync2.Submit(pool, func(ctx context.Context) (int, error) { return double(ctx, n) }))
	}
	for _, f := range futures {
		v, err := f.Result()
		fmt.Println(v, err)
	}
	// Output:
	// 0 <nil>
	// 2 <nil>
	// 4 <nil>
}

func Example_fromJava() {
	g := sync2.NewGroup(context.Background())
	var user, order string
	g.Go("user", func(context.Context) error { user = "ann"; return nil })
	g.Go("order", func(context.Context) error { order = "tea"; return nil })
	if err := g.Wait(); err != nil {
		return // the first error; the context of the other has ended
	}
	fmt.Println(user, order)
	// Output: ann tea
}

func Example_fromConc() {
	pool := sync2.NewExecutor(2)
	defer pool.Shutdown()
	_, err := sync2.Submit(pool, func(context.Context) (int, error) { panic("no page") }).Result()
	if p, ok := errors.AsType[*sync2.PanicError](err); ok {
		fmt.Println(p.Value)
	}
	// Output: no page
}
