package sync2_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
)

func ExampleEvent() {
	var ready sync2.Event
	worker := sync2.Go("worker", func() {
		ready.Wait()
		fmt.Println("worker: go!")
	})
	fmt.Println("main: ready")
	ready.Set()
	worker.Join()
	// Output:
	// main: ready
	// worker: go!
}

func ExampleEvent_WaitTimeout() {
	var ready sync2.Event
	for !ready.WaitTimeout(time.Millisecond) {
		fmt.Println("not yet")
		ready.Set()
	}
	fmt.Println("ready")
	// Output:
	// not yet
	// ready
}

func ExampleEvent_Done() {
	var stop sync2.Event
	work := make(chan int)
	sync2.Go("producer", func() {
		work <- 1
		stop.Set()
	})
	for {
		select {
		case n := <-work:
			fmt.Println("work", n)
		case <-stop.Done():
			fmt.Println("stop")
			return
		}
	}
	// Output:
	// work 1
	// stop
}

func ExampleBarrier() {
	sum := 0
	parts := make([]int, 3)
	b := sync2.NewBarrier(3, sync2.WithAction(func() error {
		for _, p := range parts {
			sum += p
		}
		return nil
	}))
	var workers []*sync2.Goroutine
	for i := range parts {
		workers = append(workers, sync2.Go("worker", func() {
			parts[i] = i + 1
			if _, err := b.Wait(); err != nil {
				fmt.Println(err)
			}
		}))
	}
	for _, w := range workers {
		w.Join()
	}
	fmt.Println(sum)
	// Output: 6
}

func ExampleBarrier_Abort() {
	b := sync2.NewBarrier(2)
	waiter := sync2.Go("waiter", func() {
		_, err := b.Wait()
		fmt.Println(err, errors.Is(err, sync2.ErrBroken))
	})
	for b.Waiting() == 0 {
		sync2.Yield()
	}
	b.Abort(errors.New("order canceled"))
	waiter.Join()
	b.Reset()
	fmt.Println(b.Broken())
	// Output:
	// sync2: broken: order canceled true
	// false
}

func ExampleSemaphore() {
	pool := sync2.NewBoundedSemaphore(2)
	pool.Acquire()
	pool.Acquire()
	fmt.Println(pool.TryAcquire(), pool.Available())
	pool.Release()
	fmt.Println(pool.TryAcquire(), pool.Available())
	// Output:
	// false 0
	// true 0
}

func ExampleSemaphore_AcquireN() {
	budget := sync2.NewBoundedSemaphore(10)
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	fmt.Println(budget.AcquireN(ctx, 8))
	fmt.Println(budget.AcquireN(ctx, 8))
	fmt.Println(budget.AcquireN(context.Background(), 11))
	// Output:
	// <nil>
	// context deadline exceeded
	// sync2: more permits than the semaphore can hold
}

func ExampleMutex_LockTimeout() {
	var mu sync2.Mutex
	mu.Lock()
	fmt.Println(mu.LockTimeout(time.Millisecond))
	mu.Unlock()
	fmt.Println(mu.LockTimeout(time.Millisecond))
	// Output:
	// false
	// true
}

func ExampleReentrantLock() {
	var l sync2.ReentrantLock
	inner := func() {
		l.Lock() // held already, by us
		defer l.Unlock()
		fmt.Println("depth", l.Depth())
	}
	l.Lock()
	inner()
	l.Unlock()
	fmt.Println("depth", l.Depth())
	// Output:
	// depth 2
	// depth 0
}

func ExampleLocal() {
	name := sync2.Local[string]{New: func() string { return "nobody" }}
	name.Set("main")
	sync2.Go("other", func() {
		v, _ := name.Get()
		fmt.Println("other:", v)
	}).Join()
	v, _ := name.Get()
	fmt.Println("main:", v)
	sync2.ReleaseLocals()
	// Output:
	// other: nobody
	// main: main
}

func ExampleGo() {
	g := sync2.Go("worker", func() {
		fmt.Println("I am", sync2.Current().Name())
	})
	g.Join()
	fmt.Println("alive:", g.Alive())
	// Output:
	// I am worker
	// alive: false
}

func ExampleGoroutine_JoinTimeout() {
	var stop sync2.Event
	daemon := sync2.Go("daemon", stop.Wait)
	fmt.Println(daemon.JoinTimeout(time.Millisecond))
	stop.Set()
	fmt.Println(daemon.JoinTimeout(time.Minute))
	// Output:
	// false
	// true
}

func ExampleUsageError() {
	defer func() {
		var misuse *sync2.UsageError
		if err, ok := recover().(error); ok && errors.As(err, &misuse) {
			fmt.Println(misuse)
		}
	}()
	var mu sync2.Mutex
	mu.Unlock()
	// Output: sync2: Mutex.Unlock: not locked
}
