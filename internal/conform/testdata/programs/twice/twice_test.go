// Package twice has programs that are written a second time, for the explorer's own API, in twice_test.go of package
// conform. Both must come to the same outcomes.
package twice

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"

	"programs/want"
)

func TestTwoSenders(t *testing.T) {
	c := make(chan int)
	for i := range 2 {
		go func() { c <- i }()
	}
	a, b := <-c, <-c
	want.Outcome(t, want.Text(a, b), "0 1", "1 0")
}

func TestThreeSendersBuffered(t *testing.T) {
	c := make(chan int, 3)
	for i := range 3 {
		go func() { c <- i }()
	}
	a, b, d := <-c, <-c, <-c
	want.Outcome(t, want.Text(a, b, d), "0 1 2", "0 2 1", "1 0 2", "1 2 0", "2 0 1", "2 1 0")
}

func TestFullBuffer(t *testing.T) {
	c := make(chan int, 1)
	for i := range 2 {
		go func() { c <- i }()
	}
	a := <-c
	b := <-c
	want.Outcome(t, want.Text(a, b), "0 1", "1 0")
}

func TestTwoReceivers(t *testing.T) {
	c, got := make(chan int), make(chan int, 2)
	for i := range 2 {
		go func() { got <- 10*i + <-c }()
	}
	c <- 1
	c <- 2
	a, b := <-got, <-got
	want.Outcome(t, want.Text(a, b), "1 12", "12 1", "2 11", "11 2")
}

func TestCloseMeetsReceive(t *testing.T) {
	c := make(chan int, 1)
	done := make(chan struct{})
	go func() {
		c <- 1
		close(c)
		close(done)
	}()
	v, ok := <-c
	w, open := <-c
	<-done
	want.Outcome(t, want.Text(v, ok, w, open), "1 true 0 false")
}

func TestPingPong(t *testing.T) {
	ping, pong := make(chan int), make(chan int)
	go func() {
		for range 2 {
			pong <- 1 + <-ping
		}
	}()
	ping <- 0
	a := <-pong
	ping <- a
	want.Outcome(t, want.Text(<-pong), "2")
}

func TestSelectTwo(t *testing.T) {
	a, b := make(chan int, 1), make(chan int, 1)
	go func() { a <- 1 }()
	go func() { b <- 2 }()
	v := 0
	select {
	case v = <-a:
	case v = <-b:
	}
	want.Outcome(t, want.Text(v), "1", "2")
}

func TestSelectSendOrReceive(t *testing.T) {
	a, b := make(chan int, 1), make(chan int, 1)
	go func() { b <- 2 }()
	v := 0
	select {
	case a <- 1:
		v = 1
	case v = <-b:
	}
	want.Outcome(t, want.Text(v), "1", "2")
}

func TestSelectDefault(t *testing.T) {
	c := make(chan int, 1)
	done := make(chan struct{})
	go func() { c <- 1; close(done) }()
	v := 0
	select {
	case v = <-c:
	default:
	}
	<-done
	want.Outcome(t, want.Text(v), "0", "1")
}

func TestSelectUnbuffered(t *testing.T) {
	a, b, stop := make(chan int), make(chan int), make(chan struct{})
	var wg sync.WaitGroup
	for i, c := range []chan int{a, b} {
		wg.Add(1)
		go func() {
			select {
			case c <- i:
			case <-stop:
			}
			wg.Done()
		}()
	}
	v := 0
	select {
	case v = <-a:
	case v = <-b:
	}
	close(stop)
	wg.Wait()
	want.Outcome(t, want.Text(v), "0", "1")
}

func TestLocksOrder(t *testing.T) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	order := ""
	wg.Add(2)
	for _, s := range []string{"a", "b"} {
		go func() {
			mu.Lock()
			order += s
			mu.Unlock()
			wg.Done()
		}()
	}
	wg.Wait()
	want.Outcome(t, order, "ab", "ba")
}

func TestLocksThree(t *testing.T) {
	var mu sync.Mutex
	order := ""
	done := make(chan struct{}, 3)
	for _, s := range []string{"a", "b", "c"} {
		go func() {
			mu.Lock()
			order += s
			mu.Unlock()
			done <- struct{}{}
		}()
	}
	<-done
	<-done
	<-done
	want.Outcome(t, order, "abc", "acb", "bac", "bca", "cab", "cba")
}

func TestTwoLocks(t *testing.T) {
	var a, b sync.Mutex
	x, y := 0, 0
	done := make(chan struct{}, 2)
	go func() {
		a.Lock()
		x = 1
		a.Unlock()
		b.Lock()
		y = 2
		b.Unlock()
		done <- struct{}{}
	}()
	go func() {
		b.Lock()
		y = 1
		b.Unlock()
		a.Lock()
		x = 2
		a.Unlock()
		done <- struct{}{}
	}()
	<-done
	<-done
	want.Outcome(t, want.Text(x, y), "1 2", "2 1", "2 2")
}

func TestReadersAndWriter(t *testing.T) {
	var rw sync.RWMutex
	n := 0
	got := [2]int{}
	done := make(chan struct{}, 3)
	for i := range got {
		go func() {
			rw.RLock()
			got[i] = n
			rw.RUnlock()
			done <- struct{}{}
		}()
	}
	go func() {
		rw.Lock()
		n = 1
		rw.Unlock()
		done <- struct{}{}
	}()
	<-done
	<-done
	<-done
	want.Outcome(t, want.Text(got), "[0 0]", "[0 1]", "[1 0]", "[1 1]")
}

func TestTryReadLock(t *testing.T) {
	var rw sync.RWMutex
	done := make(chan struct{})
	go func() {
		rw.Lock()
		rw.Unlock()
		close(done)
	}()
	got := rw.TryRLock()
	if got {
		rw.RUnlock()
	}
	<-done
	want.Outcome(t, want.Text(got), "true", "false")
}

func TestWaitGroup(t *testing.T) {
	var wg sync.WaitGroup
	n := [2]int{}
	wg.Add(2)
	for i := range n {
		go func() {
			n[i] = i + 1
			wg.Done()
		}()
	}
	wg.Wait()
	want.Outcome(t, want.Text(n), "[1 2]")
}

func TestOnce(t *testing.T) {
	var once sync.Once
	who := -1
	done := make(chan int, 2)
	for i := range 2 {
		go func() {
			once.Do(func() { who = i })
			done <- who
		}()
	}
	a, b := <-done, <-done
	want.Outcome(t, want.Text(a, b), "0 0", "1 1")
}

func TestLostUpdate(t *testing.T) {
	var n atomic.Int64
	done := make(chan struct{}, 2)
	for range 2 {
		go func() {
			n.Store(n.Load() + 1)
			done <- struct{}{}
		}()
	}
	<-done
	<-done
	want.Outcome(t, want.Text(n.Load()), "1", "2")
}

func TestCompareAndSwap(t *testing.T) {
	var n atomic.Int64
	won := [3]bool{}
	done := make(chan struct{}, 3)
	for i := range won {
		go func() {
			won[i] = n.CompareAndSwap(0, int64(i+1))
			done <- struct{}{}
		}()
	}
	<-done
	<-done
	<-done
	want.Outcome(t, want.Text(won), "[true false false]", "[false true false]", "[false false true]")
}

func TestStoreBuffering(t *testing.T) {
	var x, y atomic.Int64
	a, b := int64(0), int64(0)
	done := make(chan struct{}, 2)
	go func() {
		x.Store(1)
		a = y.Load()
		done <- struct{}{}
	}()
	go func() {
		y.Store(1)
		b = x.Load()
		done <- struct{}{}
	}()
	<-done
	<-done
	want.Outcome(t, want.Text(a, b), "0 1", "1 0", "1 1")
}

func TestLoadsAndStores(t *testing.T) {
	var x atomic.Int64
	got := [2]int64{}
	done := make(chan struct{}, 2)
	go func() {
		x.Store(1)
		x.Store(2)
		done <- struct{}{}
	}()
	go func() {
		got[0] = x.Load()
		got[1] = x.Load()
		done <- struct{}{}
	}()
	<-done
	<-done
	want.Outcome(t, want.Text(got), "[0 0]", "[0 1]", "[0 2]", "[1 1]", "[1 2]", "[2 2]")
}

func TestContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	c := make(chan int, 1)
	done := make(chan struct{})
	go func() {
		c <- 1
		cancel()
		close(done)
	}()
	got := ""
	select {
	case <-c:
		got = "value"
	case <-ctx.Done():
		got = "canceled"
	}
	<-done
	want.Outcome(t, got, "value", "canceled")
}

func TestCond(t *testing.T) {
	var mu sync.Mutex
	cond := sync.NewCond(&mu)
	n := 0
	done := make(chan int, 2)
	for range 2 {
		go func() {
			mu.Lock()
			for n == 0 {
				cond.Wait()
			}
			n--
			done <- n
			mu.Unlock()
		}()
	}
	mu.Lock()
	n = 2
	mu.Unlock()
	cond.Broadcast()
	a, b := <-done, <-done
	want.Outcome(t, want.Text(a, b), "1 0")
}

func TestSemaphore(t *testing.T) {
	sem := make(chan struct{}, 1)
	order := ""
	done := make(chan struct{}, 2)
	for _, s := range []string{"a", "b"} {
		go func() {
			sem <- struct{}{}
			order += s
			<-sem
			done <- struct{}{}
		}()
	}
	<-done
	<-done
	want.Outcome(t, order, "ab", "ba")
}

func TestNested(t *testing.T) {
	c := make(chan int, 3)
	go func() {
		go func() { c <- 2 }()
		c <- 1
	}()
	c <- 0
	x, y, z := <-c, <-c, <-c
	want.Outcome(t, want.Text(x, y, z), "0 1 2", "0 2 1", "1 0 2", "1 2 0", "2 0 1", "2 1 0")
}
