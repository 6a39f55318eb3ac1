package sync2_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
)

func ExampleWaitGroup() {
	var fetched sync2.WaitGroup
	pages := make([]string, 3)
	for i := range pages {
		fetched.Go(func() { pages[i] = fmt.Sprint("page ", i) })
	}
	fetched.Wait()
	fmt.Println(pages)
	// Output: [page 0 page 1 page 2]
}

// A latch is a WaitGroup with an initial count.
func ExampleWaitGroup_Done() {
	var ready sync2.WaitGroup
	ready.Add(2)
	ready.Done()
	fmt.Println(ready.Count(), ready.WaitTimeout(0))
	ready.Done()
	fmt.Println(ready.Count(), ready.WaitTimeout(0))
	// Output:
	// 1 false
	// 0 true
}

func ExampleWaitGroup_WaitContext() {
	var work sync2.WaitGroup
	work.Add(1)
	ctx, cancel := context.WithTimeoutCause(context.Background(), time.Millisecond, errors.New("no longer of use"))
	defer cancel()
	fmt.Println(work.WaitContext(ctx))
	work.Done()
	fmt.Println(work.WaitContext(context.Background()))
	// Output:
	// no longer of use
	// <nil>
}

func ExampleOnce() {
	var setUp sync2.Once
	for range 3 {
		setUp.Do(func() { fmt.Println("set up") })
	}
	// Output: set up
}

// A function that fails can be tried again.
func ExampleOnce_DoContext() {
	var connect sync2.Once
	ctx := context.Background()
	dial := func(err error) func(context.Context) error {
		return func(context.Context) error {
			fmt.Println("dial")
			return err
		}
	}
	fmt.Println(connect.DoContext(ctx, dial(errors.New("no route"))), connect.Done())
	fmt.Println(connect.DoContext(ctx, dial(nil)), connect.Done())
	fmt.Println(connect.DoContext(ctx, dial(nil)), connect.Done())
	// Output:
	// dial
	// no route false
	// dial
	// <nil> true
	// <nil> true
}

func ExampleRWMutex() {
	var mu sync2.RWMutex
	prices := map[string]int{}
	mu.Lock()
	prices["tea"] = 3
	mu.Unlock()
	mu.RLock()
	fmt.Println(prices["tea"], mu.TryRLock(), mu.TryLock(), mu.LockTimeout(time.Millisecond))
	mu.RUnlock()
	mu.RUnlock()
	// Output: 3 true false false
}

// A writer becomes a reader of its own writes; no other writer comes in between.
func ExampleRWMutex_Downgrade() {
	var mu sync2.RWMutex
	mu.Lock()
	fmt.Println(mu.Locked(), mu.Readers())
	mu.Downgrade()
	fmt.Println(mu.Locked(), mu.Readers())
	mu.RUnlock()
	// Output:
	// true 0
	// false 1
}
