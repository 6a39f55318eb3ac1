package language // its sleeps are what is tested

import (
	"sync"
	"testing"
	"time"

	"programs/want"
)

const tick = 2 * time.Millisecond

func TestTimeSleepPasses(t *testing.T) {
	begin := time.Now()
	time.Sleep(tick) // of the program under test
	want.Outcome(t, want.Text(time.Since(begin) >= tick, time.Until(begin) <= -tick), "true true")
}

func TestTimeSleepNothing(t *testing.T) {
	time.Sleep(0)     // of the program under test
	time.Sleep(-tick) // of the program under test
	want.Outcome(t, "ok", "ok")
}

func TestTimeAfter(t *testing.T) {
	begin := time.Now()
	at := <-time.After(tick)
	want.Outcome(t, want.Text(at.Sub(begin) >= tick), "true")
}

func TestTimeSleepersInOrder(t *testing.T) {
	c := make(chan int, 2)
	for _, n := range []int{600, 2} {
		go func() {
			time.Sleep(time.Duration(n) * time.Millisecond) // of the program under test
			c <- n
		}()
	}
	want.Outcome(t, want.Text(<-c, <-c), "2 600")
}

func TestTimerFires(t *testing.T) {
	timer := time.NewTimer(tick)
	<-timer.C
	want.Outcome(t, want.Text(timer.Stop()), "false")
}

func TestTimerNow(t *testing.T) {
	<-time.NewTimer(0).C
	<-time.NewTimer(-tick).C
	want.Outcome(t, "fired", "fired")
}

func TestTimerStopInTime(t *testing.T) {
	timer := time.NewTimer(time.Hour)
	was := timer.Stop()
	got := "nothing"
	select {
	case <-timer.C:
		got = "fired"
	case <-time.After(tick):
	}
	want.Outcome(t, want.Text(was, timer.Stop(), got), "true false nothing")
}

func TestTimerStopLate(t *testing.T) { // nobody has received, so Stop takes the value back
	timer := time.NewTimer(tick)
	time.Sleep(10 * tick) // of the program under test
	was := timer.Stop()
	got := "nothing"
	select {
	case <-timer.C:
		got = "a stale value"
	default:
	}
	want.Outcome(t, want.Text(was, got, timer.Stop()), "true nothing false")
}

func TestTimerResetLate(t *testing.T) {
	timer := time.NewTimer(tick)
	time.Sleep(10 * tick) // of the program under test
	was := timer.Reset(10 * tick)
	begin := time.Now()
	<-timer.C
	want.Outcome(t, want.Text(was, time.Since(begin) >= 9*tick), "true true")
}

func TestTimerReset(t *testing.T) {
	timer := time.NewTimer(time.Hour)
	a := timer.Reset(tick)
	<-timer.C
	b := timer.Reset(tick)
	<-timer.C
	want.Outcome(t, want.Text(a, b, timer.Stop()), "true false false")
}

func TestTimerResetStopped(t *testing.T) {
	timer := time.NewTimer(time.Hour)
	timer.Stop()
	was := timer.Reset(tick)
	<-timer.C
	want.Outcome(t, want.Text(was), "false")
}

func TestTimerChannelLooksUnbuffered(t *testing.T) {
	timer := time.NewTimer(tick)
	time.Sleep(10 * tick) // of the program under test
	want.Outcome(t, want.Text(len(timer.C), cap(timer.C)), "0 0")
}

func TestTimerWaitedThenStopped(t *testing.T) {
	timer := time.NewTimer(time.Hour)
	stop, got := make(chan struct{}), make(chan string)
	go func() {
		select {
		case <-timer.C:
			got <- "fired"
		case <-stop:
			got <- "stopped"
		}
	}()
	was := timer.Stop()
	close(stop)
	want.Outcome(t, want.Text(was, <-got), "true stopped")
}

func TestTimerStopWhileAnotherReceives(t *testing.T) {
	timer := time.NewTimer(0)
	got := make(chan bool, 1)
	go func() {
		select {
		case <-timer.C:
			got <- true
		case <-time.After(20 * tick):
			got <- false
		}
	}()
	was := timer.Stop()
	want.Outcome(t, want.Text(was, <-got), "true false", "false true")
}

func TestAfterFuncRuns(t *testing.T) {
	done := make(chan struct{})
	timer := time.AfterFunc(tick, func() { close(done) })
	<-done
	want.Outcome(t, want.Text(timer.Stop(), timer.C == nil), "false true")
}

func TestAfterFuncStop(t *testing.T) {
	ran := false
	timer := time.AfterFunc(time.Hour, func() { ran = true })
	a := timer.Stop()
	b := timer.Stop()
	time.Sleep(tick) // of the program under test
	want.Outcome(t, want.Text(a, b, ran), "true false false")
}

func TestAfterFuncReset(t *testing.T) {
	c := make(chan struct{}, 2)
	timer := time.AfterFunc(tick, func() { c <- struct{}{} })
	<-c
	was := timer.Reset(tick)
	<-c
	want.Outcome(t, want.Text(was), "false")
}

func TestTicker(t *testing.T) {
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	var last time.Time
	rising := true
	for range 3 {
		at := <-ticker.C
		rising = rising && at.After(last)
		last = at
	}
	want.Outcome(t, want.Text(rising), "true")
}

func TestTickerStop(t *testing.T) {
	ticker := time.NewTicker(tick)
	<-ticker.C
	ticker.Stop()
	got := "nothing"
	select {
	case <-ticker.C:
		got = "a tick"
	case <-time.After(5 * tick):
	}
	want.Outcome(t, got, "nothing")
}

func TestTickerReset(t *testing.T) {
	ticker := time.NewTicker(time.Hour)
	defer ticker.Stop()
	ticker.Reset(tick)
	<-ticker.C
	<-ticker.C
	want.Outcome(t, want.Panic(func() { time.NewTicker(0) }), "non-positive interval for NewTicker")
}

func TestTickerSlowReceiver(t *testing.T) { // ticks that nobody receives are dropped
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	time.Sleep(10*tick + tick/2) // of the program under test
	n := 0
	for {
		select {
		case <-ticker.C:
			n++
			continue
		default:
		}
		break
	}
	want.Outcome(t, want.Text(n > 0 && n < 5), "true") // one, and as many more as come while it looks
}

func TestTimeTick(t *testing.T) {
	n := 0
	for range time.Tick(tick) {
		if n++; n == 2 {
			break
		}
	}
	want.Outcome(t, want.Text(n), "2")
}

func TestTimeoutOfSelect(t *testing.T) {
	c := make(chan int)
	got := "value"
	select {
	case <-c:
	case <-time.After(tick):
		got = "timeout"
	}
	want.Outcome(t, got, "timeout")
}

func TestTimeDeadlineMeetsWork(t *testing.T) {
	done := make(chan struct{})
	go func() {
		time.Sleep(tick) // of the program under test
		close(done)
	}()
	got := ""
	select {
	case <-done:
		got = "done"
	case <-time.After(100 * tick):
		got = "timeout"
	}
	want.Outcome(t, got, "done")
}

func TestTimeNowGoesOn(t *testing.T) {
	begin := time.Now()
	n := 0
	for !time.Now().After(begin) {
		n++
	}
	want.Outcome(t, "passed", "passed")
}

func TestTimePoll(t *testing.T) {
	var mu sync.Mutex
	ready := false
	go func() {
		time.Sleep(3 * tick) // of the program under test
		mu.Lock()
		ready = true
		mu.Unlock()
	}()
	end := time.Now().Add(time.Minute)
	for time.Now().Before(end) {
		mu.Lock()
		r := ready
		mu.Unlock()
		if r {
			want.Outcome(t, "ready", "ready")
			return
		}
		time.Sleep(tick) // of the program under test
	}
	t.Error("never ready")
}
