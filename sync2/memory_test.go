package sync2_test

import (
	"runtime"
	"testing"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
)

// giveUps is how many waits of each kind must leave nothing behind.
const giveUps = 100_000

// TestMemoryOfWaitsThatTimeOut lets very many waits of each type give up, and compares heap and goroutines before and
// after.
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

// heapInUse returns the bytes of what can be reached.
func heapInUse() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
