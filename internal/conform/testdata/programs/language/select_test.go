package language

import (
	"fmt"
	"reflect"
	"runtime"
	"sync"
	"testing"

	"programs/want"
)

func TestSelectDefault(t *testing.T) {
	c := make(chan int)
	got := ""
	select {
	case <-c:
	default:
		got += "d"
	}
	select {
	case c <- 1:
	default:
		got += "d"
	}
	want.Outcome(t, got, "dd")
}

func TestSelectDefaultNotTaken(t *testing.T) {
	c := make(chan int, 1)
	got := ""
	select {
	case c <- 1:
		got += "s"
	default:
	}
	select {
	case v, ok := <-c:
		got += want.Text("", v, ok)
	default:
	}
	close(c)
	select {
	case v, ok := <-c:
		got += want.Text("", v, ok)
	default:
	}
	want.Outcome(t, got, "s 1 true 0 false")
}

func TestSelectDefaultMeetsReceiver(t *testing.T) { // the receiver waits already, or not yet
	c, got := make(chan int), make(chan int, 1)
	go func() {
		got <- <-c
	}()
	said := "default"
	select {
	case c <- 1:
		said = "sent"
	default:
		c <- 2
	}
	want.Outcome(t, want.Text(said, <-got), "sent 1", "default 2")
}

func TestSelectBothReady(t *testing.T) {
	a, b := make(chan int, 1), make(chan int, 1)
	a <- 1
	b <- 2
	v := 0
	select {
	case v = <-a:
	case v = <-b:
	}
	want.Outcome(t, want.Text(v, len(a), len(b)), "1 0 1", "2 1 0")
}

func TestSelectThreeReady(t *testing.T) {
	a, b, c := make(chan int, 1), make(chan int, 1), make(chan int)
	a <- 1
	close(c)
	got := ""
	select {
	case <-a:
		got = "a"
	case b <- 1:
		got = "b"
	case <-c:
		got = "c"
	}
	want.Outcome(t, got, "a", "b", "c")
}

func TestSelectBlockedThenSent(t *testing.T) {
	a, b := make(chan int), make(chan int)
	go func() { b <- 3 }()
	got := ""
	select {
	case v := <-a:
		got = want.Text("a", v)
	case v := <-b:
		got = want.Text("b", v)
	}
	want.Outcome(t, got, "b 3")
}

func TestSelectBlockedThenEither(t *testing.T) {
	a, b := make(chan int), make(chan int)
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for i, c := range []chan int{a, b} {
		wg.Go(func() {
			select {
			case c <- i:
			case <-stop:
			}
		})
	}
	got := ""
	select {
	case <-a:
		got = "a"
	case <-b:
		got = "b"
	}
	close(stop)
	wg.Wait()
	want.Outcome(t, got, "a", "b")
}

func TestSelectBlockedThenClosed(t *testing.T) {
	a, b, got := make(chan int), make(chan int), make(chan string)
	go func() {
		select {
		case <-a:
			got <- "a"
		case _, ok := <-b:
			got <- want.Text("b", ok)
		}
	}()
	runtime.Gosched()
	close(b)
	want.Outcome(t, <-got, "b false")
}

func TestSelectSendBlockedThenClosed(t *testing.T) {
	a, got := make(chan int), make(chan string)
	go func() {
		got <- want.Panic(func() {
			select {
			case a <- 1:
			case <-make(chan int):
			}
		})
	}()
	runtime.Gosched()
	close(a)
	want.Outcome(t, <-got, "send on closed channel")
}

func TestSelectSendOrReceive(t *testing.T) { // both wait with both
	c := make(chan int)
	got := make(chan string, 2)
	for i := range 2 {
		go func() {
			select {
			case c <- i:
				got <- fmt.Sprintf("%d sent", i)
			case v := <-c:
				got <- fmt.Sprintf("%d received %d", i, v)
			}
		}()
	}
	a, b := <-got, <-got
	want.Outcome(t, min(a, b)+", "+max(a, b), "0 sent, 1 received 0", "0 received 1, 1 sent")
}

func TestSelectNilCases(t *testing.T) {
	var none chan int
	some := make(chan int, 1)
	got := ""
	for range 2 {
		select {
		case <-none:
			got += "n"
		case none <- 1:
			got += "n"
		case some <- 1:
			got += "s"
		case <-some:
			got += "r"
		}
	}
	want.Outcome(t, got, "sr")
}

func TestSelectAllNilDefault(t *testing.T) {
	var a, b chan int
	got := ""
	select {
	case <-a:
		got = "a"
	case b <- 1:
		got = "b"
	default:
		got = "d"
	}
	want.Outcome(t, got, "d")
}

func TestSelectSameChannelTwice(t *testing.T) {
	c := make(chan int, 1)
	c <- 1
	got := ""
	select {
	case <-c:
		got = "first"
	case <-c:
		got = "second"
	}
	want.Outcome(t, got, "first", "second")
}

func TestSelectTurnedOff(t *testing.T) { // a case is turned off by nil
	a, b := make(chan int), make(chan int)
	go func() { a <- 1; close(a) }()
	go func() { b <- 2; close(b) }()
	sum := 0
	ra, rb := a, b
	for ra != nil || rb != nil {
		select {
		case v, ok := <-ra:
			if !ok {
				ra = nil
			}
			sum += v
		case v, ok := <-rb:
			if !ok {
				rb = nil
			}
			sum += v
		}
	}
	want.Outcome(t, want.Text(sum), "3")
}

func TestSelectEvaluatesAll(t *testing.T) {
	order := ""
	c := func(name string, c chan int) chan int { order += name; return c }
	v := func(name string, v int) int { order += name; return v }
	b := make(chan int, 1)
	select {
	case <-c("a", nil):
	case c("b", b) <- v("1", 1):
	case c("c", nil) <- v("2", 2):
	}
	want.Outcome(t, order, "ab1c2")
}

func TestSelectSingle(t *testing.T) {
	c := make(chan int)
	go func() {
		select {
		case c <- 5:
		}
	}()
	v := 0
	select {
	case v = <-c:
	}
	want.Outcome(t, want.Text(v), "5")
}

func TestSelectLosersAreDequeued(t *testing.T) { // who was left by a select that took another case is not met
	a, b := make(chan int), make(chan int)
	done := make(chan string)
	go func() {
		got := ""
		for range 2 {
			select {
			case v := <-a:
				got += want.Text(" a", v)
			case v := <-b:
				got += want.Text(" b", v)
			}
		}
		done <- got
	}()
	a <- 1
	b <- 2
	want.Outcome(t, <-done, " a 1 b 2")
}

func TestReflectSelect(t *testing.T) {
	a, b := make(chan int), make(chan string, 1)
	go func() { a <- 3 }()
	cases := []reflect.SelectCase{
		{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(a)},
		{Dir: reflect.SelectSend, Chan: reflect.ValueOf(b), Send: reflect.ValueOf("x")},
	}
	got := ""
	for range 2 {
		i, v, ok := reflect.Select(cases)
		got += want.Text(" ", i, ok)
		if i == 0 {
			got += want.Text("", v.Int())
		}
		cases[i].Chan = reflect.Value{} // never again
	}
	want.Outcome(t, got, "  0 true 3  1 false", "  1 false  0 true 3")
}

func TestReflectSelectDefault(t *testing.T) {
	c := make(chan int)
	i, _, _ := reflect.Select([]reflect.SelectCase{
		{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(c)},
		{Dir: reflect.SelectDefault},
	})
	close(c)
	j, v, ok := reflect.Select([]reflect.SelectCase{
		{Dir: reflect.SelectDefault},
		{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(c)},
	})
	want.Outcome(t, want.Text(i, j, v, ok), "1 1 0 false")
}

func TestReflectChan(t *testing.T) {
	ct := reflect.ChanOf(reflect.BothDir, reflect.TypeFor[int]())
	c := reflect.MakeChan(ct, 1)
	sent := c.TrySend(reflect.ValueOf(1))
	full := c.TrySend(reflect.ValueOf(2))
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.Send(reflect.ValueOf(3))
		c.Close()
	}()
	a, _ := c.Recv()
	b, ok := c.Recv()
	<-done
	_, open := c.Recv()
	x, _ := c.TryRecv()
	want.Outcome(t, want.Text(sent, full, a, b, ok, open, x, c.Len(), c.Cap()), "true false 1 3 true false 0 0 1")
}
