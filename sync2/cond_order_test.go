package sync2_test

import (
	"testing"
	"testing/synctest"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A slowLock is a Mutex whose Unlock is slow to return in one goroutine.
type slowLock struct {
	sync2.Mutex
	slow    *sync2.Goroutine
	unlocks chan struct{}
}

func (l *slowLock) Unlock() {
	l.Mutex.Unlock()
	if sync2.Current() == l.slow {
		<-l.unlocks
	}
}

// A waiter has its place in the queue of a Cond before it releases the lock, and a trace shows it in that place
// even if it shows others first.
func TestCondQueueIsTraced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := &judge{valid: trace.NewValidator()}
		if err := trace.Start(j); err != nil {
			t.Fatal(err)
		}
		lock := &slowLock{unlocks: make(chan struct{})}
		cond := sync2.NewCond(lock)
		var order []string
		wait := func(name string) *sync2.Goroutine {
			return sync2.Go(name, func() {
				lock.Lock()
				defer lock.Unlock()
				cond.Wait()
				order = append(order, name)
			})
		}
		lock.Lock()
		lock.slow = wait("first")
		lock.Mutex.Unlock()
		synctest.Wait()
		second := wait("second")
		synctest.Wait()

		// Now first goes on to wait: behind second according to the trace, but actually before it.
		lock.unlocks <- struct{}{}
		synctest.Wait()
		cond.Signal()
		synctest.Wait()
		lock.unlocks <- struct{}{} // it unlocks once more
		cond.Signal()
		lock.slow.Join()
		second.Join()
		trace.Stop()
		if j.err == nil {
			j.err = j.valid.Finish()
		}
		if j.err != nil || len(order) != 2 || order[0] != "first" {
			t.Errorf("they woke in the order %v: %v", order, j.err)
		}
	})
}
