//go:build !deadlock && !turnstile_steps

package sync2_test

import (
	"fmt"
	"os"
	"runtime"

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
	_ = sync2.WriteWaits(os.Stdout)
	door.Release()
	guest.Join()
	// Output:
	// semaphore: 0, 1 wait
	// 	Acquire: 1 in the row, a goroutine, not known which
}
