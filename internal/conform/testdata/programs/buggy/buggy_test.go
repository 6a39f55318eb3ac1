// Package buggy has small programs with one bug each, most of which plain runs seldom meet.
//
// The last line of comment before a test says what its failure is. A comment "// here" marks the lines at which it must
// be reported.
package buggy

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// Two goroutines take two locks in different orders.
//
// deadlock
func TestLocksAB(t *testing.T) {
	var a, b sync.Mutex
	var wg sync.WaitGroup
	wg.Go(func() {
		a.Lock()
		b.Lock() // here
		b.Unlock()
		a.Unlock()
	})
	wg.Go(func() {
		b.Lock()
		a.Lock() // here
		a.Unlock()
		b.Unlock()
	})
	wg.Wait() // here
}

// Three do so in a circle.
//
// deadlock
func TestLocksInACircle(t *testing.T) {
	var mu [3]sync.Mutex
	var wg sync.WaitGroup
	for i := range mu {
		wg.Go(func() {
			mu[i].Lock()
			defer mu[i].Unlock()
			mu[(i+1)%3].Lock() // here
			mu[(i+1)%3].Unlock()
		})
	}
	wg.Wait() // here
}

// A method that locks calls another.
//
// deadlock
func TestLockTwice(t *testing.T) {
	var mu sync.Mutex
	n := 0
	get := func() int {
		mu.Lock() // here
		defer mu.Unlock()
		return n
	}
	done := make(chan int)
	go func() {
		mu.Lock()
		defer mu.Unlock()
		done <- get()
	}()
	<-done // here
}

// A reader reads again while a writer waits.
//
// deadlock
func TestReadLockTwice(t *testing.T) {
	var rw sync.RWMutex
	var wg sync.WaitGroup
	wg.Go(func() {
		rw.Lock() // here
		rw.Unlock()
	})
	rw.RLock()
	rw.RLock() // here
	rw.RUnlock()
	rw.RUnlock()
	wg.Wait()
}

// One returns early and does not unlock.
//
// deadlock
func TestEarlyReturnKeepsLock(t *testing.T) {
	var mu sync.Mutex
	var stopped atomic.Bool
	var wg sync.WaitGroup
	wg.Go(func() { stopped.Store(true) })
	wg.Go(func() {
		mu.Lock()
		if stopped.Load() {
			return
		}
		mu.Unlock()
	})
	wg.Go(func() {
		mu.Lock() // here
		mu.Unlock()
	})
	wg.Wait() // here
}

// The wakeup comes before the wait.
//
// deadlock
func TestLostWakeup(t *testing.T) {
	var mu sync.Mutex
	c := sync.NewCond(&mu)
	go func() {
		mu.Lock()
		c.Signal()
		mu.Unlock()
	}()
	mu.Lock()
	c.Wait() // here
	mu.Unlock()
}

// The condition is looked at without the lock.
//
// deadlock
func TestConditionWithoutLock(t *testing.T) {
	var mu sync.Mutex
	c := sync.NewCond(&mu)
	var ready atomic.Bool
	go func() {
		ready.Store(true)
		c.Signal()
	}()
	if !ready.Load() {
		mu.Lock()
		c.Wait() // here
		mu.Unlock()
	}
}

// One signal for two that wait.
//
// leak
func TestSignalInsteadOfBroadcast(t *testing.T) {
	var mu sync.Mutex
	c := sync.NewCond(&mu)
	open := false
	passed := make(chan int, 2)
	for i := range 2 {
		go func() {
			mu.Lock()
			defer mu.Unlock()
			for !open {
				c.Wait() // here
			}
			passed <- i
		}()
	}
	mu.Lock()
	open = true
	mu.Unlock()
	c.Signal()
	<-passed
}

// It is woken, and the condition does not hold any more.
//
// failed
func TestIfInsteadOfFor(t *testing.T) {
	var mu sync.Mutex
	c := sync.NewCond(&mu)
	items := 0
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			mu.Lock()
			defer mu.Unlock()
			if items == 0 {
				c.Wait()
			}
			if items--; items < 0 {
				t.Errorf("took an item that is not there") // here
				items = 0
			}
		})
	}
	wg.Go(func() {
		mu.Lock()
		defer mu.Unlock()
		items++
		c.Broadcast()
	})
	wg.Go(func() {
		mu.Lock()
		defer mu.Unlock()
		items++
		c.Broadcast()
	})
	wg.Wait()
}

// Two close the same channel.
//
// panic
func TestCloseTwice(t *testing.T) {
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			select {
			case <-stop:
			default:
				close(stop) // here
			}
		})
	}
	wg.Wait()
}

// A producer sends after the consumer has closed.
//
// panic
func TestSendOnClosed(t *testing.T) {
	c := make(chan int, 1)
	done := make(chan struct{})
	go func() {
		defer close(done)
		c <- 1 // here
	}()
	select {
	case <-c:
	default:
		close(c)
	}
	<-done
}

// Who asked has gone, and nobody receives the answer.
//
// leak
func TestNobodyReceives(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	answer := make(chan int)
	go func() {
		answer <- 1 // here
	}()
	go cancel()
	select {
	case <-answer:
	case <-ctx.Done():
	}
}

// The first of two results is enough.
//
// leak
func TestFirstResultWins(t *testing.T) {
	results := make(chan int)
	for i := range 2 {
		go func() {
			results <- i // here
		}()
	}
	<-results
}

// An error ends the consumer early.
//
// leak
func TestEarlyReturnLeaksProducer(t *testing.T) {
	c := make(chan error)
	go func() {
		defer close(c)
		for _, err := range []error{nil, errors.New("bad"), nil} {
			c <- err // here
		}
	}()
	for err := range c {
		if err != nil {
			return
		}
	}
}

// The range never ends, since nobody closes.
//
// deadlock
func TestRangeWithoutClose(t *testing.T) {
	c := make(chan int, 2)
	var wg sync.WaitGroup
	for i := range 2 {
		wg.Go(func() { c <- i })
	}
	for range c { // here
	}
	wg.Wait()
}

// Add is called by the goroutine that it is to count.
//
// failed
func TestAddInside(t *testing.T) {
	var wg sync.WaitGroup
	var n atomic.Int32
	go func() {
		wg.Add(1)
		defer wg.Done()
		n.Add(1)
	}()
	wg.Wait()
	if n.Load() != 1 {
		t.Errorf("n = %d", n.Load()) // here
	}
}

// Wait is called by one that is counted.
//
// deadlock
func TestWaitInside(t *testing.T) {
	var wg sync.WaitGroup
	for i := range 2 {
		wg.Go(func() {
			if i == 1 {
				wg.Wait() // here
			}
		})
	}
	wg.Wait() // here
}

// One path has no Done.
//
// deadlock
func TestDoneMissing(t *testing.T) {
	var wg sync.WaitGroup
	var closed atomic.Bool
	go closed.Store(true)
	wg.Add(1)
	go func() {
		if closed.Load() {
			return
		}
		wg.Done()
	}()
	wg.Wait() // here
}

// One path has two of them.
//
// panic
func TestDoneTwice(t *testing.T) {
	var wg sync.WaitGroup
	var failed atomic.Bool
	wg.Add(1)
	go failed.Store(true)
	if failed.Load() {
		wg.Done()
	}
	wg.Done() // here
	wg.Wait()
}

// Two see that it is not there yet, and both make it.
//
// failed
func TestRacyOnce(t *testing.T) {
	var made atomic.Bool
	var n atomic.Int32
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			if !made.Load() {
				made.Store(true)
				n.Add(1)
			}
		})
	}
	wg.Wait()
	if n.Load() != 1 {
		t.Errorf("made %d times", n.Load()) // here
	}
}

// The flag is set before the value is there.
//
// panic
func TestPublishedTooEarly(t *testing.T) {
	var ready atomic.Bool
	var value atomic.Pointer[int]
	go func() {
		ready.Store(true)
		value.Store(new(int))
	}()
	if ready.Load() {
		_ = *value.Load() // here
	}
}

// Two sections that are one.
//
// failed
func TestCheckThenAct(t *testing.T) {
	var mu sync.Mutex
	balance := 100
	withdraw := func() {
		mu.Lock()
		enough := balance >= 100
		mu.Unlock()
		if enough {
			mu.Lock()
			balance -= 100
			mu.Unlock()
		}
	}
	var wg sync.WaitGroup
	wg.Go(withdraw)
	wg.Go(withdraw)
	wg.Wait()
	if balance < 0 {
		t.Errorf("the balance is %d", balance) // here
	}
}

// A counter is loaded and stored.
//
// failed
func TestLostUpdate(t *testing.T) {
	var n atomic.Int64
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() { n.Store(n.Load() + 1) })
	}
	wg.Wait()
	if n.Load() != 2 {
		t.Fatalf("n = %d", n.Load()) // here
	}
}

// Nobody cancels where an error comes first.
//
// deadlock
func TestNeverCanceled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	errs := make(chan error, 1)
	var wg sync.WaitGroup
	wg.Go(func() {
		<-ctx.Done() // here
	})
	wg.Go(func() { errs <- errors.New("bad") })
	select {
	case <-errs:
	default:
		cancel()
	}
	wg.Wait() // here
}

// The lock is held while it sends, and the receiver wants the lock.
//
// deadlock
func TestSendHoldingLock(t *testing.T) {
	var mu sync.Mutex
	c := make(chan int)
	go func() {
		mu.Lock()
		defer mu.Unlock()
		c <- 1 // here
	}()
	mu.Lock() // here
	mu.Unlock()
	<-c
}

// Each waits until the other has sent.
//
// deadlock
func TestBothReceiveFirst(t *testing.T) {
	a, b := make(chan int), make(chan int)
	go func() {
		<-a // here
		b <- 1
	}()
	<-b // here
	a <- 1
}

// A timeout fires while the work is being done, and the result has no receiver.
//
// leak
func TestTimeoutLeaksWorker(t *testing.T) {
	c := make(chan int)
	go func() {
		time.Sleep(time.Second) // as long as the timeout
		c <- 1                  // here
	}()
	select {
	case <-c:
	case <-time.After(time.Second):
	}
}

// The timer fires before what it needs is there.
//
// panic
func TestTimerTooEarly(t *testing.T) {
	var server atomic.Pointer[struct{ n int }]
	fired := make(chan struct{})
	time.AfterFunc(time.Millisecond, func() {
		defer close(fired)
		server.Load().n++ // here
	})
	server.Store(new(struct{ n int }))
	<-fired
}

// A goroutine panics when the map has no entry yet.
//
// panic
func TestNilEntry(t *testing.T) {
	var m sync.Map
	var wg sync.WaitGroup
	wg.Go(func() { m.Store("k", 1) })
	wg.Go(func() {
		v, _ := m.Load("k")
		_ = v.(int) // here
	})
	wg.Wait()
}

// It works only if select takes the one case.
//
// failed
func TestSelectIsFair(t *testing.T) {
	data, stop := make(chan int, 1), make(chan struct{})
	data <- 1
	close(stop)
	n := 0
	select {
	case v := <-data:
		n = v
	case <-stop:
	}
	if n != 1 {
		t.Errorf("stopped before the data was read") // here
	}
}

// It works only for one order of the map.
//
// failed
func TestOrderOfMap(t *testing.T) {
	first := ""
	for k := range map[string]int{"a": 1, "b": 2} {
		first = k
		break
	}
	if first != "a" {
		t.Errorf("first is %q", first) // here
	}
}

// The order of large maps, whose keys are strings, pointers and interfaces, is taken for that of insertion.
//
// failed
func TestOrderOfLargeMaps(t *testing.T) {
	type item struct {
		n int
		_ [5]int
	}
	order := make(chan []int)
	go func() {
		var all []int
		names, items, boxes, table := map[string]int{}, map[*item]bool{}, map[any]int{}, new(sync.Map)
		for i := range 50 {
			names[strconv.Itoa(i)] = i
			items[&item{n: i}] = true
			boxes[&item{n: i}] = i
			table.Store(&item{n: i}, i)
		}
		for i := range items {
			if i.n%3 == 0 {
				delete(items, i)
			}
		}
		for _, n := range names {
			all = append(all, n)
		}
		for i := range items {
			all = append(all, i.n)
		}
		for _, n := range boxes {
			all = append(all, n)
		}
		table.Range(func(_, n any) bool {
			all = append(all, n.(int))
			return true
		})
		order <- all
	}()
	if all := <-order; !slices.IsSorted(all) {
		t.Errorf("the order is %v", all) // here
	}
}

// The children of a context are taken to be canceled in the order in which they were made.
//
// failed
func TestOrderOfChildren(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	order := make(chan int, 12)
	for i := range cap(order) {
		child, cancel := context.WithCancel(ctx)
		defer cancel()
		go func() {
			<-child.Done()
			order <- i
		}()
	}
	cancel()
	for want := range cap(order) {
		if got := <-order; got != want {
			t.Fatalf("number %d is canceled, and not %d", got, want) // here
		}
	}
}

// The first of what comes out of a map is taken for the smallest.
//
// failed
func TestFirstOfMap(t *testing.T) {
	keys := make(chan string)
	go func() {
		defer close(keys)
		for k := range map[string]int{"a": 1, "b": 2, "c": 3} {
			keys <- k
		}
	}()
	first := <-keys
	for range keys {
	}
	if first != "a" {
		t.Errorf("first is %q", first) // here
	}
}

// It works for most random numbers.
//
// failed
func TestUnlucky(t *testing.T) {
	var wg sync.WaitGroup
	var sum atomic.Int64
	for range 2 {
		wg.Go(func() { sum.Add(rand.Int64N(2)) })
	}
	wg.Wait()
	if sum.Load() == 2 {
		t.Errorf("both are one") // here
	}
}

// Subtests in parallel share a variable.
//
// failed
func TestParallelSubtestsShare(t *testing.T) {
	var n atomic.Int32
	for range 2 {
		t.Run("sub", func(t *testing.T) {
			t.Parallel()
			n.Add(1)
			if n.Load() != 1 {
				t.Errorf("n = %d", n.Load()) // here
			}
			n.Add(-1)
		})
	}
}

// Main waits for a flag that is never set.
//
// livelock
func TestSpinsForEver(t *testing.T) {
	var ready, asked atomic.Bool
	go func() {
		if asked.Load() {
			ready.Store(true)
		}
	}()
	asked.Store(true)
	for !ready.Load() {
		time.Sleep(time.Millisecond) // polls, as such loops do
	}
}

// Two that are polite to each other wait for ever.
//
// deadlock
func TestOnceInOnce(t *testing.T) {
	var a, b sync.Once
	var wg sync.WaitGroup
	wg.Go(func() { a.Do(func() { b.Do(func() {}) }) }) // here
	wg.Go(func() { b.Do(func() { a.Do(func() {}) }) }) // here
	wg.Wait()                                          // here
}

// The semaphore is taken for the whole, and once more for a part.
//
// deadlock
func TestSemaphoreNested(t *testing.T) {
	sem := make(chan struct{}, 2)
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			sem <- struct{}{}
			sem <- struct{}{} // here
			<-sem
			<-sem
		})
	}
	wg.Wait() // here
}

// A worker of a bubble is not told to stop.
//
// deadlock
func TestBubbleWorkerIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		jobs := make(chan int)
		go func() {
			for range jobs { // here
			}
		}()
		jobs <- 1
	})
}

// Who has waited too long does not receive any more.
//
// deadlock
func TestBubbleTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		result := make(chan int)
		go func() {
			time.Sleep(time.Second) // as long as the timeout
			result <- 1             // here
		}()
		select {
		case <-result:
		case <-time.After(time.Second):
		}
	})
}

// There is no Wait between what one does and the look at it.
//
// check failed
func TestBubbleNoWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n atomic.Int64
		go n.Add(1)
		var mu sync.Mutex
		mu.Lock()
		mu.Unlock()
		if n.Load() != 1 {
			t.Error("not done") // here
		}
	})
}

// A channel of a bubble is closed from outside.
//
// panic
func TestBubbleChannelOutside(t *testing.T) {
	c := make(chan chan int, 1)
	var wg sync.WaitGroup
	wg.Go(func() {
		select {
		case bubbled := <-c:
			close(bubbled) // here
		case <-time.After(time.Hour):
		}
	})
	synctest.Test(t, func(t *testing.T) {
		bubbled := make(chan int, 1)
		c <- bubbled
	})
	wg.Wait()
}

// What a goroutine does when it is released is looked at without Wait.
//
// data race
func TestBubbleRace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := 0
		c := make(chan int)
		go func() {
			n++
			<-c
			n++ // here
		}()
		synctest.Wait()
		n++
		close(c)
		_ = n // here
	})
}
