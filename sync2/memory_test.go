package sync2_test

import (
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/turnstile-go/turnstile/internal/nightly"
	"github.com/turnstile-go/turnstile/sync2"
)

// giveUps is the number of waits of each kind that must leave nothing behind. For the smallest, 13 bytes each would be too much.
var giveUps = nightly.Or(20_000, 100_000)

// TestMemoryOfWaitsThatTimeOut lets a large number of waits of each type give up, and compares heap and goroutines before
// and after.
func TestMemoryOfWaitsThatTimeOut(t *testing.T) {
	var event sync2.Event
	empty := sync2.NewSemaphore(0)
	var mutex sync2.Mutex
	mutex.Lock()
	var reentrant sync2.ReentrantLock
	held := make(chan struct{})
	var end sync2.Event
	holder := sync2.Go("holder", func() { reentrant.Lock(); close(held); end.Wait(); reentrant.Unlock() })
	<-held
	barrier := sync2.NewBarrier(1000)
	for name, wait := range map[string]func(d time.Duration) bool{
		"Event":         event.WaitTimeout,
		"Semaphore":     empty.AcquireTimeout,
		"Mutex":         mutex.LockTimeout,
		"ReentrantLock": reentrant.LockTimeout,
		"Join":          holder.JoinTimeout,
		"Barrier": func(d time.Duration) bool {
			_, err := barrier.WaitTimeout(d)
			barrier.Reset()
			return err == nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			checkGiveUps(t, wait)
		})
	}
	end.Set()
	holder.Join()
}

// checkGiveUps calls wait until it has timed out very often, from several goroutines.
func checkGiveUps(t *testing.T, wait func(d time.Duration) bool) {
	const workers = 10
	run := func(times int) {
		done := make(chan struct{})
		for range workers {
			go func() {
				for range times / workers {
					if wait(time.Nanosecond) {
						t.Error("a wait succeeded")
					}
				}
				done <- struct{}{}
			}()
		}
		for range workers {
			<-done
		}
	}
	run(giveUps / 100) // so that pools and tables have their size
	heap, goroutines := heapInUse(), runtime.NumGoroutine()
	run(giveUps)
	until(func() bool { return runtime.NumGoroutine() <= goroutines })
	if after := heapInUse(); after > heap+256<<10 {
		t.Errorf("the heap grew from %d to %d bytes", heap, after)
	}
}

// heapInUse returns the number of reachable bytes.
func heapInUse() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// TestMemoryOfWaits bounds the memory of a waiting goroutine, without a context, or with its own and not counting that.
func TestMemoryOfWaits(t *testing.T) {
	if underRace || testing.Short() {
		t.Skip("the race detector's own memory comes on top")
	}
	const n = 20_000
	ctxs := make([]context.Context, n)
	for i := range ctxs {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		ctx.Done()
		ctxs[i] = ctx
	}
	// taken returns the bytes that each of n takes that waits, of the heap and of stacks.
	taken := func(wait func(ctx context.Context) func(), waiting func() int, release func()) (heap, stack int) {
		goroutines := runtime.NumGoroutine()
		heapBefore, stackBefore := memoryInUse()
		for i, ctx := range ctxs {
			go wait(ctx)() // with no other frame on the stack
			until(func() bool { return waiting() > i })
		}
		heapAfter, stackAfter := memoryInUse()
		release()
		until(func() bool { return runtime.NumGoroutine() <= goroutines })
		return (heapAfter - heapBefore) / n, (stackAfter - stackBefore) / n
	}
	var event, first sync2.Event
	// The runtime keeps its descriptors of goroutines, so the same number has to run once before.
	taken(func(context.Context) func() { return first.Wait }, first.Waiting, first.Set)
	var group sync2.WaitGroup
	group.Add(1)
	sem, barrier := sync2.NewSemaphore(0), sync2.NewBarrier(n+1)
	for _, test := range []struct {
		name    string
		wait    func(ctx context.Context) func()
		waiting func() int
		release func()
		most    int // bytes beyond the 2,048 of its stack; two sudogs of the runtime are 224
	}{
		{
			"Event", func(ctx context.Context) func() { return func() { _ = event.WaitContext(ctx) } },
			event.Waiting, event.Set, 256,
		},
		{
			"WaitGroup", func(ctx context.Context) func() { return func() { _ = group.WaitContext(ctx) } },
			group.Waiting, group.Done, 256,
		},
		{
			"Barrier", func(ctx context.Context) func() { return func() { _, _ = barrier.WaitContext(ctx) } },
			barrier.Waiting, func() { _, _ = barrier.Wait() }, 256,
		},
		{
			"Semaphore", func(ctx context.Context) func() { return func() { _ = sem.AcquireContext(ctx) } },
			sem.Waiting, func() { sem.ReleaseN(n) }, 400,
		},
		{
			"Barrier without one", func(context.Context) func() { return func() { _, _ = barrier.Wait() } },
			barrier.Waiting, func() { _, _ = barrier.Wait() }, 128,
		},
		{
			"Semaphore without one", func(context.Context) func() { return sem.Acquire },
			sem.Waiting, func() { sem.ReleaseN(n) }, 128,
		},
	} {
		heap, stack := taken(test.wait, test.waiting, test.release)
		t.Logf("%s: %d B of the heap, %d B of stacks", test.name, heap, stack)
		// Every goroutine has a stack of 2,048 bytes. With some frames more than there are now, some need a larger one, since the
		// runtime allocates on it while the goroutine begins to wait; with many more frames all do. They come one after the other,
		// since one that has to wait for the mutex besides is at the limit: one or two in a hundred need a larger one then.
		if heap+stack-2048 > test.most {
			t.Errorf("%s: %d B of the heap and %d B of stacks, want at most %d beside 2,048 of the stack", test.name, heap, stack, test.most)
		}
	}
}

// memoryInUse returns the bytes of the heap and of the stacks.
func memoryInUse() (heap, stack int) {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc), int(m.StackInuse)
}
