//go:build !deadlock && !turnstile_steps

package sync2_test

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"

	"github.com/turnstile-go/turnstile/sync2"
)

func ExampleWaits() {
	jobs := sync2.NewQueue[string](1)
	worker := sync2.Go("worker", func() {
		job, _ := jobs.Get()
		fmt.Println("got", job)
	})
	for len(sync2.Waits()) == 0 { // until the worker has come
		runtime.Gosched()
	}
	for _, w := range sync2.Waits() {
		fmt.Printf("%s: %s of %s\n", w.Name, w.Verb, w.Object)
	}
	_ = jobs.TryPut("a job")
	worker.Join()
	// Output:
	// worker: Get of queue: 0 of 1, 0 unfinished, 1 wait
	// got a job
}

func ExampleWriteWaits() {
	door := sync2.NewSemaphore(0)
	guest := sync2.Go("guest", door.Acquire)
	for door.Waiting() == 0 { // until the guest has come
		runtime.Gosched()
	}
	var text strings.Builder
	_ = sync2.WriteWaits(&text)
	known, _, _ := strings.Cut(text.String(), " (goroutine-") // its id differs from run to run
	fmt.Println(known)
	door.Release()
	guest.Join()
	// Output:
	// semaphore: 0, 1 wait
	// 	Acquire: 1 in the row, guest
}

// Many goroutines ask for the same page, and it is fetched once.
func ExampleFlight() {
	var pages sync2.Flight[string, string]
	var fetched atomic.Int32
	var here sync2.Event // the page is here
	var readers []*sync2.Goroutine
	for range 3 {
		readers = append(readers, sync2.Go("reader", func() {
			_, _, _ = pages.Do(context.Background(), "/index", func(context.Context) (string, error) {
				fetched.Add(1)
				here.Wait()
				return "hello", nil
			})
		}))
	}
	for asking := 0; asking < 3; {
		runtime.Gosched()
		asking = 0
		for _, w := range sync2.Waits() {
			if w.Object == fmt.Stringer(&pages) {
				asking++
			}
		}
	}
	here.Set()
	for _, r := range readers {
		r.Join()
	}
	fmt.Println(fetched.Load())
	// Output: 1
}
