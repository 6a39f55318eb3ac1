package sync2_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
)

func ExampleCond_WaitFor() {
	var mu sync2.Mutex
	changed := sync2.NewCond(&mu)
	stock := 0
	buyer := sync2.Go("buyer", func() {
		mu.Lock()
		defer mu.Unlock()
		changed.WaitFor(func() bool { return stock >= 3 })
		stock -= 3
		fmt.Println("bought 3")
	})
	for range 3 {
		mu.Lock()
		stock++
		changed.Signal()
		mu.Unlock()
	}
	buyer.Join()
	fmt.Println("left:", stock)
	// Output:
	// bought 3
	// left: 0
}

func ExampleQueue() {
	q := sync2.NewQueue[string](2)
	worker := sync2.Go("worker", func() {
		for job := range q.All() { // calls TaskDone after each
			fmt.Println("did", job)
		}
	})
	for _, job := range []string{"this", "that", "the rest"} {
		_ = q.Put(job) // waits while two are in the queue
	}
	q.Join() // waits until all have been done
	q.Close()
	worker.Join()
	fmt.Println(q.Put("more"))
	// Output:
	// did this
	// did that
	// did the rest
	// sync2: queue closed
}

func ExampleQueue_GetTimeout() {
	q := sync2.NewQueue[int](0)
	_, err := q.GetTimeout(time.Millisecond)
	fmt.Println(errors.Is(err, context.DeadlineExceeded))
	// Output: true
}

func ExampleNewPriorityQueue() {
	q := sync2.NewPriorityQueue(0, func(a, b string) int { return len(a) - len(b) })
	for _, s := range []string{"medium", "longest of all", "short"} {
		_ = q.Put(s)
	}
	for range 3 {
		s, _ := q.Get()
		fmt.Println(s)
	}
	// Output:
	// short
	// medium
	// longest of all
}

func ExampleSubmit() {
	e := sync2.NewExecutor(4, sync2.WithName("adder"))
	defer e.Shutdown()
	f := sync2.Submit(e, func(context.Context) (int, error) { return 20 + 22, nil })
	sum, err := f.Result()
	fmt.Println(sum, err, f.State())
	// Output: 42 <nil> succeeded
}

func ExampleMap() {
	e := sync2.NewExecutor(3)
	defer e.Shutdown()
	square := func(_ context.Context, n int) (int, error) {
		if n == 3 {
			return 0, errors.New("3 is not liked here")
		}
		return n * n, nil
	}
	for v, err := range sync2.Map(e, slices.Values([]int{1, 2, 3, 4}), square) {
		fmt.Println(v, err)
	}
	// Output:
	// 1 <nil>
	// 4 <nil>
	// 0 3 is not liked here
	// 16 <nil>
}

func ExamplePromise() {
	p := sync2.NewPromise[string]()
	p.Future().OnDone(func(f *sync2.Future[string]) {
		v, _ := f.Result()
		fmt.Println("callback:", v)
	})
	fmt.Println(p.Succeed("kept"), p.Succeed("twice"))
	// Output:
	// callback: kept
	// true false
}

func ExampleFuture_Cancel() {
	f := sync2.NewPromise[int]().Future()
	fmt.Println(f.Cancel())
	_, err := f.Result()
	fmt.Println(errors.Is(err, sync2.ErrCanceled), f.State())
	// Output:
	// true
	// true canceled
}

func ExampleAsCompleted() {
	slow, quick := sync2.NewPromise[string](), sync2.NewPromise[string]()
	quick.Succeed("quick")
	sync2.Go("later", func() { slow.Succeed("slow") })
	for f, err := range sync2.AsCompleted(context.Background(), slow.Future(), quick.Future()) {
		if err != nil {
			break // the context has ended
		}
		v, _ := f.Result()
		fmt.Println(v)
	}
	// Unordered output:
	// quick
	// slow
}

func ExampleWaitFirstError() {
	ok, bad, never := sync2.NewPromise[int](), sync2.NewPromise[int](), sync2.NewPromise[int]()
	ok.Succeed(1)
	bad.Fail(errors.New("no luck"))
	done, pending, err := sync2.WaitFirstError(context.Background(), ok.Future(), bad.Future(), never.Future())
	fmt.Println(len(done), len(pending), err)
	// Output: 2 1 <nil>
}
