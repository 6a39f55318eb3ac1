// Package quiet has programs without a bug: those of package buggy, mended, and others that have no data race. Nothing is
// ever to be reported of them.
package quiet

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestFixedLocksAB(t *testing.T) {
	var a, b sync.Mutex
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			a.Lock()
			defer a.Unlock()
			b.Lock()
			defer b.Unlock()
		})
	}
	wg.Wait()
}

func TestFixedLocksInACircle(t *testing.T) {
	var mu [3]sync.Mutex
	var wg sync.WaitGroup
	for i := range mu {
		wg.Go(func() {
			a, b := min(i, (i+1)%3), max(i, (i+1)%3)
			mu[a].Lock()
			defer mu[a].Unlock()
			mu[b].Lock()
			defer mu[b].Unlock()
		})
	}
	wg.Wait()
}

func TestFixedReadLockTwice(t *testing.T) {
	var rw sync.RWMutex
	var wg sync.WaitGroup
	wg.Go(func() {
		rw.Lock()
		rw.Unlock()
	})
	for range 2 {
		rw.RLock()
		rw.RUnlock()
	}
	wg.Wait()
}

func TestFixedEarlyReturnUnlocks(t *testing.T) {
	var mu sync.Mutex
	var stopped atomic.Bool
	var wg sync.WaitGroup
	wg.Go(func() { stopped.Store(true) })
	wg.Go(func() {
		mu.Lock()
		defer mu.Unlock()
		if stopped.Load() {
			return
		}
	})
	wg.Go(func() {
		mu.Lock()
		mu.Unlock()
	})
	wg.Wait()
}

func TestFixedLostWakeup(t *testing.T) {
	var mu sync.Mutex
	c := sync.NewCond(&mu)
	ready := false
	go func() {
		mu.Lock()
		ready = true
		c.Signal()
		mu.Unlock()
	}()
	mu.Lock()
	for !ready {
		c.Wait()
	}
	mu.Unlock()
}

func TestFixedBroadcast(t *testing.T) {
	var mu sync.Mutex
	c := sync.NewCond(&mu)
	open := false
	passed := make(chan int, 2)
	for i := range 2 {
		go func() {
			mu.Lock()
			defer mu.Unlock()
			for !open {
				c.Wait()
			}
			passed <- i
		}()
	}
	mu.Lock()
	open = true
	mu.Unlock()
	c.Broadcast()
	<-passed
	<-passed
}

func TestFixedForInsteadOfIf(t *testing.T) {
	var mu sync.Mutex
	c := sync.NewCond(&mu)
	items := 0
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			mu.Lock()
			defer mu.Unlock()
			for items == 0 {
				c.Wait()
			}
			if items--; items < 0 {
				t.Errorf("took an item that is not there")
			}
		})
		wg.Go(func() {
			mu.Lock()
			defer mu.Unlock()
			items++
			c.Broadcast()
		})
	}
	wg.Wait()
}

func TestFixedCloseOnce(t *testing.T) {
	stop := make(chan struct{})
	var once sync.Once
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() { once.Do(func() { close(stop) }) })
	}
	<-stop
	wg.Wait()
}

func TestFixedSenderCloses(t *testing.T) {
	c := make(chan int, 1)
	go func() {
		defer close(c)
		c <- 1
	}()
	for range c {
	}
}

func TestFixedRoomForTheAnswer(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	answer := make(chan int, 1)
	go func() { answer <- 1 }()
	go cancel()
	select {
	case <-answer:
	case <-ctx.Done():
	}
}

func TestFixedFirstResultWins(t *testing.T) {
	results, done := make(chan int), make(chan struct{})
	defer close(done)
	for i := range 2 {
		go func() {
			select {
			case results <- i:
			case <-done:
			}
		}()
	}
	<-results
}

func TestFixedEarlyReturnStopsProducer(t *testing.T) {
	c, stop := make(chan error), make(chan struct{})
	defer close(stop)
	go func() {
		defer close(c)
		for _, err := range []error{nil, errors.New("bad"), nil} {
			select {
			case c <- err:
			case <-stop:
				return
			}
		}
	}()
	for err := range c {
		if err != nil {
			return
		}
	}
}

func TestFixedRangeIsClosed(t *testing.T) {
	c := make(chan int)
	var wg sync.WaitGroup
	for i := range 2 {
		wg.Go(func() { c <- i })
	}
	go func() {
		wg.Wait()
		close(c)
	}()
	n := 0
	for range c {
		n++
	}
	if n != 2 {
		t.Errorf("n = %d", n)
	}
}

func TestFixedAddOutside(t *testing.T) {
	var wg sync.WaitGroup
	var n atomic.Int32
	wg.Add(1)
	go func() {
		defer wg.Done()
		n.Add(1)
	}()
	wg.Wait()
	if n.Load() != 1 {
		t.Errorf("n = %d", n.Load())
	}
}

func TestFixedOnce(t *testing.T) {
	var once sync.Once
	var n atomic.Int32
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() { once.Do(func() { n.Add(1) }) })
	}
	wg.Wait()
	if n.Load() != 1 {
		t.Errorf("made %d times", n.Load())
	}
}

func TestFixedPublished(t *testing.T) {
	var ready atomic.Bool
	var value atomic.Pointer[int]
	var wg sync.WaitGroup
	wg.Go(func() {
		value.Store(new(int))
		ready.Store(true)
	})
	if ready.Load() {
		_ = *value.Load()
	}
	wg.Wait()
}

func TestFixedCheckAndAct(t *testing.T) {
	var mu sync.Mutex
	balance := 100
	withdraw := func() {
		mu.Lock()
		defer mu.Unlock()
		if balance >= 100 {
			balance -= 100
		}
	}
	var wg sync.WaitGroup
	wg.Go(withdraw)
	wg.Go(withdraw)
	wg.Wait()
	if balance < 0 {
		t.Errorf("the balance is %d", balance)
	}
}

func TestFixedUpdate(t *testing.T) {
	var n atomic.Int64
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for old := n.Load(); !n.CompareAndSwap(old, old+1); old = n.Load() {
			}
		})
	}
	wg.Wait()
	if n.Load() != 2 {
		t.Errorf("n = %d", n.Load())
	}
}

func TestFixedCanceled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	errs := make(chan error, 1)
	var wg sync.WaitGroup
	wg.Go(func() { <-ctx.Done() })
	wg.Go(func() { errs <- errors.New("bad") })
	select {
	case <-errs:
	default:
	}
	cancel()
	wg.Wait()
}

func TestFixedSendWithoutLock(t *testing.T) {
	var mu sync.Mutex
	c := make(chan int)
	go func() {
		mu.Lock()
		v := 1
		mu.Unlock()
		c <- v
	}()
	mu.Lock()
	mu.Unlock()
	<-c
}

func TestFixedTimeoutStopsWorker(t *testing.T) {
	c := make(chan int, 1)
	done := make(chan struct{})
	go func() {
		defer close(done)
		time.Sleep(time.Millisecond) // the work, as long as the timeout
		c <- 1
	}()
	select {
	case <-c:
	case <-time.After(time.Millisecond):
	}
	<-done
}

func TestFixedTimer(t *testing.T) {
	server := new(atomic.Int64)
	fired := make(chan struct{})
	time.AfterFunc(time.Millisecond, func() {
		defer close(fired)
		server.Add(1)
	})
	<-fired
}

func TestFixedDrain(t *testing.T) {
	data, stop := make(chan int, 1), make(chan struct{})
	data <- 1
	close(stop)
	n := 0
	select {
	case n = <-data:
	case <-stop:
		n = <-data
	}
	if n != 1 {
		t.Errorf("n = %d", n)
	}
}

func TestFixedGenerousTimeout(t *testing.T) { // as in every second test: not to be taken as a failure
	done := make(chan struct{})
	go func() {
		time.Sleep(time.Millisecond) // the work, much shorter than the timeout
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(5 * time.Second):
		t.Fatal("timeout")
	}
}

func TestFixedEventually(t *testing.T) { // nor this
	var ready atomic.Bool
	go func() {
		time.Sleep(20 * time.Millisecond) // the work, much shorter than the deadline
		ready.Store(true)
	}()
	deadline := time.Now().Add(2 * time.Second)
	for !ready.Load() {
		if time.Now().After(deadline) {
			t.Fatal("never ready")
		}
		time.Sleep(5 * time.Millisecond) // polls, as such loops do
	}
}

func TestFixedEventuallyByTicker(t *testing.T) {
	var n atomic.Int32
	stop := make(chan struct{})
	defer close(stop)
	go func() {
		ticker := time.NewTicker(time.Millisecond)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				n.Add(1)
			case <-stop:
				return
			}
		}
	}()
	timeout := time.After(time.Second)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for n.Load() < 3 {
		select {
		case <-tick.C:
		case <-timeout:
			t.Fatal("never 3")
		}
	}
}
