// Package language has a small program for each operation of the language and of the packages sync, atomic, context and
// time, in each state that it can meet. Each test names all of its outcomes.
package language

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"

	"programs/want"
)

func TestChanSendRoom(t *testing.T) {
	c := make(chan int, 1)
	c <- 7
	want.Outcome(t, want.Text(len(c), cap(c), <-c, len(c)), "1 1 7 0")
}

func TestChanSendReceiverWaits(t *testing.T) {
	c, done := make(chan int), make(chan int)
	go func() { done <- 2 * <-c }()
	c <- 4
	want.Outcome(t, want.Text(<-done), "8")
}

func TestChanSendBlockedThenReceived(t *testing.T) {
	c := make(chan string)
	var after bool
	done := make(chan struct{})
	go func() {
		defer close(done)
		c <- "x"
		after = true
	}()
	v := <-c
	<-done
	want.Outcome(t, want.Text(v, after), "x true")
}

func TestChanSendFullThenRoom(t *testing.T) {
	c, done := make(chan int, 1), make(chan struct{})
	c <- 1
	go func() {
		c <- 2
		close(done)
	}()
	a := <-c
	<-done
	want.Outcome(t, want.Text(a, <-c), "1 2")
}

func TestChanSendClosed(t *testing.T) {
	c := make(chan int, 1)
	close(c)
	want.Outcome(t, want.Panic(func() { c <- 1 }), "send on closed channel")
}

func TestChanSendBlockedThenClosed(t *testing.T) {
	c, got := make(chan int), make(chan string)
	go func() { got <- want.Panic(func() { c <- 1 }) }()
	runtime.Gosched()
	close(c)
	want.Outcome(t, <-got, "send on closed channel")
}

func TestChanRecvReady(t *testing.T) {
	c := make(chan int, 2)
	c <- 1
	c <- 2
	a, ok := <-c
	want.Outcome(t, want.Text(a, ok, <-c), "1 true 2")
}

func TestChanRecvBlocked(t *testing.T) {
	c := make(chan [3]string)
	go func() { c <- [3]string{"a", "b", "c"} }()
	v, ok := <-c
	want.Outcome(t, want.Text(v, ok), "[a b c] true")
}

func TestChanRecvClosed(t *testing.T) {
	c := make(chan int, 2)
	c <- 5
	close(c)
	a, ok1 := <-c
	b, ok2 := <-c
	want.Outcome(t, want.Text(a, ok1, b, ok2), "5 true 0 false")
}

func TestChanRecvBlockedThenClosed(t *testing.T) {
	c, got := make(chan *int), make(chan string)
	go func() {
		v, ok := <-c
		got <- want.Text(v, ok)
	}()
	runtime.Gosched()
	close(c)
	want.Outcome(t, <-got, "<nil> false")
}

func TestChanCloseWakesAll(t *testing.T) {
	c := make(chan int)
	var wg sync.WaitGroup
	for range 3 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			<-c
		}()
	}
	close(c)
	wg.Wait()
	want.Outcome(t, "all", "all")
}

func TestChanCloseWakesSenders(t *testing.T) {
	c, got := make(chan int), make(chan string, 2)
	for range 2 {
		go func() { got <- want.Panic(func() { c <- 1 }) }()
	}
	close(c)
	want.Outcome(t, <-got+" "+<-got, "send on closed channel send on closed channel")
}

func TestChanCloseNil(t *testing.T) {
	var c chan int
	want.Outcome(t, want.Panic(func() { close(c) }), "close of nil channel")
}

func TestChanCloseClosed(t *testing.T) {
	c := make(chan int)
	close(c)
	want.Outcome(t, want.Panic(func() { close(c) }), "close of closed channel")
}

func TestChanCloseRace(t *testing.T) { // one of two closers panics
	c, got := make(chan int), make(chan string, 2)
	for range 2 {
		go func() { got <- want.Panic(func() { close(c) }) }()
	}
	want.Outcome(t, <-got+" "+<-got, "none close of closed channel", "close of closed channel none")
}

func TestChanNilLenCap(t *testing.T) {
	var c chan int
	n := 0
	select {
	case <-c:
		n = 1
	case c <- 1:
		n = 2
	default:
	}
	want.Outcome(t, want.Text(len(c), cap(c), n), "0 0 0")
}

func TestChanRange(t *testing.T) {
	c := make(chan int, 1)
	go func() {
		defer close(c)
		for i := range 3 {
			c <- i
		}
	}()
	var b strings.Builder
	for v := range c {
		fmt.Fprint(&b, v)
	}
	want.Outcome(t, b.String(), "012")
}

func TestChanRangeBreak(t *testing.T) {
	c, stop, ended := make(chan int), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for i := 0; ; i++ {
			select {
			case c <- i:
			case <-stop:
				return
			}
		}
	}()
	sum := 0
	for v := range c {
		if sum += v; v == 2 {
			break
		}
	}
	close(stop)
	<-ended
	want.Outcome(t, want.Text(sum), "3")
}

func TestChanTwoSenders(t *testing.T) {
	c := make(chan int)
	for i := range 2 {
		go func() { c <- i }()
	}
	want.Outcome(t, want.Text(<-c, <-c), "0 1", "1 0")
}

func TestChanTwoSendersBuffered(t *testing.T) {
	c := make(chan int, 2)
	var wg sync.WaitGroup
	for i := range 2 {
		wg.Go(func() { c <- i })
	}
	wg.Wait()
	want.Outcome(t, want.Text(<-c, <-c), "0 1", "1 0")
}

func TestChanTwoReceivers(t *testing.T) {
	c, got := make(chan int, 2), make(chan string, 2)
	for i := range 2 {
		go func() { got <- want.Text(i, ":", <-c) }()
	}
	c <- 5
	c <- 6
	a, b := <-got, <-got
	want.Outcome(t, min(a, b)+" "+max(a, b), "0 : 5 1 : 6", "0 : 6 1 : 5")
}

func TestChanOfChan(t *testing.T) {
	type request struct{ reply chan int }
	c := make(chan request)
	go func() {
		for r := range c {
			r.reply <- 42
		}
	}()
	r := request{make(chan int)}
	c <- r
	v := <-r.reply
	close(c)
	want.Outcome(t, want.Text(v), "42")
}

func TestChanDirections(t *testing.T) {
	c := make(chan int)
	send := func(c chan<- int) { c <- 1; close(c) }
	recv := func(c <-chan int) (n int) {
		for v := range c {
			n += v
		}
		return n
	}
	go send(c)
	want.Outcome(t, want.Text(recv(c)), "1")
}

func TestChanLargeElement(t *testing.T) {
	type large struct {
		words [200]int
		p     *int
	}
	c := make(chan large)
	go func() {
		var v large
		v.words[199], v.p = 9, new(int)
		*v.p = 8
		c <- v
	}()
	v := <-c
	want.Outcome(t, want.Text(v.words[199], *v.p), "9 8")
}

func TestChanZeroSize(t *testing.T) {
	c := make(chan struct{}, 1000)
	for range 1000 {
		c <- struct{}{}
	}
	close(c)
	n := 0
	for range c {
		n++
	}
	want.Outcome(t, want.Text(n), "1000")
}

// deep uses the stack, so that it is copied.
func deep(n int, f func() int) int {
	var pad [64]int
	if n == 0 {
		return f()
	}
	pad[n%64] = n
	return deep(n-1, f) + pad[n%64] - n
}

func TestChanStackGrowsWhileOthersWait(t *testing.T) {
	c, done := make(chan int), make(chan int)
	go func() { // waits with a pointer into its stack, which was grown
		done <- deep(100, func() int { v := <-c; return v })
	}()
	go func() { c <- deep(300, func() int { return 3 }) }()
	want.Outcome(t, want.Text(<-done), "3")
}

func TestChanStackShrinksWhileItWaits(t *testing.T) {
	c, done := make(chan [8]int), make(chan int)
	go func() {
		deep(500, func() int { return 0 })
		var v [8]int
		v = <-c // into the stack that a garbage collection makes smaller
		done <- v[7]
	}()
	runtime.GC()
	c <- [8]int{7: 1}
	want.Outcome(t, want.Text(<-done), "1")
}

func exchange[T any](a, b T) (T, T) {
	c := make(chan T)
	go func() {
		v := <-c
		c <- b
		_ = v
	}()
	c <- a
	return a, <-c
}

func TestChanGeneric(t *testing.T) {
	a, b := exchange(1, 2)
	x, y := exchange("x", "y")
	want.Outcome(t, want.Text(a, b, x, y), "1 2 x y")
}

func TestChanPingPong(t *testing.T) {
	ping, pong := make(chan int), make(chan int)
	go func() {
		for v := range ping {
			pong <- v + 1
		}
		close(pong)
	}()
	v := 0
	for range 5 {
		ping <- v
		v = <-pong
	}
	close(ping)
	_, ok := <-pong
	want.Outcome(t, want.Text(v, ok), "5 false")
}

func TestChanPipeline(t *testing.T) {
	a, b := make(chan int), make(chan int, 1)
	go func() {
		defer close(a)
		for i := range 3 {
			a <- i
		}
	}()
	go func() {
		defer close(b)
		for v := range a {
			b <- v * v
		}
	}()
	sum := 0
	for v := range b {
		sum += v
	}
	want.Outcome(t, want.Text(sum), "5")
}

func TestChanSemaphore(t *testing.T) {
	sem := make(chan struct{}, 1)
	var inside, most int // guarded by sem
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			sem <- struct{}{}
			defer func() { <-sem }()
			inside++
			most = max(most, inside)
			runtime.Gosched()
			inside--
		})
	}
	wg.Wait()
	want.Outcome(t, want.Text(most), "1")
}

func TestChanUnbufferedIsRendezvous(t *testing.T) {
	c := make(chan int)
	x := 0
	go func() {
		x = 1
		<-c
	}()
	c <- 0 // a send completes after what came before the receive
	want.Outcome(t, want.Text(x), "1")
}

func TestChanLen(t *testing.T) {
	c, done := make(chan int, 2), make(chan int)
	go func() {
		c <- 1
		c <- 2
		close(done)
	}()
	n := len(c)
	<-done
	want.Outcome(t, want.Text(n, len(c), cap(c)), "0 2 2", "1 2 2", "2 2 2")
}
