package language // its sleeps are in bubbles, and what is tested

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"programs/want"
)

func TestBubbleSleep(t *testing.T) {
	got := time.Duration(0)
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		time.Sleep(time.Hour) // in the time of the bubble
		got = time.Since(begin)
	})
	want.Outcome(t, got.String(), "1h0m0s")
}

func TestBubbleEpoch(t *testing.T) {
	var at time.Time
	synctest.Test(t, func(t *testing.T) { at = time.Now() })
	want.Outcome(t, at.UTC().Format(time.RFC3339), "2000-01-01T00:00:00Z")
}

func TestBubbleWait(t *testing.T) {
	n := 0
	synctest.Test(t, func(t *testing.T) {
		c := make(chan struct{})
		go func() {
			n++
			<-c
			n++
		}()
		synctest.Wait()
		if n != 1 {
			t.Errorf("n = %d", n)
		}
		close(c)
		synctest.Wait()
	})
	want.Outcome(t, want.Text(n), "2")
}

func TestBubbleTwoGoroutines(t *testing.T) {
	order := ""
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var wg sync.WaitGroup
		for _, name := range []string{"a", "b"} {
			wg.Go(func() {
				mu.Lock()
				order += name
				mu.Unlock()
			})
		}
		wg.Wait()
	})
	want.Outcome(t, order, "ab", "ba")
}

func TestBubbleTimers(t *testing.T) {
	order := ""
	synctest.Test(t, func(t *testing.T) {
		c := make(chan string)
		for _, s := range []string{"30s", "10s", "20s"} {
			d, _ := time.ParseDuration(s)
			time.AfterFunc(d, func() { c <- s })
		}
		for range 3 {
			order += <-c
		}
	})
	want.Outcome(t, order, "10s20s30s")
}

func TestBubbleContext(t *testing.T) {
	var before, after error
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		time.Sleep(5*time.Second - 1) // in the time of the bubble
		synctest.Wait()
		before = ctx.Err()
		time.Sleep(1) // in the time of the bubble
		synctest.Wait()
		after = ctx.Err()
	})
	want.Outcome(t, want.Text(before, after), "<nil> context deadline exceeded")
}

func TestBubbleAfterFunc(t *testing.T) {
	called := false
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		context.AfterFunc(ctx, func() { called = true })
		synctest.Wait()
		if called {
			t.Error("called too early")
		}
		cancel()
		synctest.Wait()
	})
	want.Outcome(t, want.Text(called), "true")
}

func TestBubbleTwice(t *testing.T) {
	n := 0
	for range 2 {
		synctest.Test(t, func(t *testing.T) {
			done := make(chan struct{})
			go func() {
				time.Sleep(time.Minute) // in the time of the bubble
				n++
				close(done)
			}()
			<-done
		})
	}
	want.Outcome(t, want.Text(n), "2")
}

func TestBubbleSelect(t *testing.T) {
	got := ""
	synctest.Test(t, func(t *testing.T) {
		a, b := make(chan int, 1), make(chan int, 1)
		go func() { a <- 1 }()
		go func() { b <- 1 }()
		select {
		case <-a:
			got = "a"
		case <-b:
			got = "b"
		}
	})
	want.Outcome(t, got, "a", "b")
}

func TestBubbleWaitAfterSend(t *testing.T) {
	got := 0
	synctest.Test(t, func(t *testing.T) {
		c := make(chan int)
		go func() {
			for v := range c {
				got += v
			}
		}()
		c <- 1
		c <- 2
		synctest.Wait()
		if got != 3 {
			t.Errorf("got %d after Wait", got)
		}
		close(c)
	})
	want.Outcome(t, want.Text(got), "3")
}

func TestBubbleTimerStop(t *testing.T) {
	got := ""
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		timer := time.NewTimer(time.Minute)
		time.Sleep(time.Second) // in the time of the bubble
		got = want.Text(timer.Stop(), timer.Reset(time.Hour))
		at := <-timer.C
		got += " " + at.Sub(begin).String()
	})
	want.Outcome(t, got, "true false 1h0m1s")
}

func TestBubbleTicker(t *testing.T) {
	n := 0
	var took time.Duration
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		ticker := time.NewTicker(10 * time.Second)
		defer ticker.Stop()
		go func() {
			for range ticker.C {
				if n++; n == 4 {
					return
				}
			}
		}()
		time.Sleep(45 * time.Second) // in the time of the bubble
		took = time.Since(begin)
	})
	want.Outcome(t, want.Text(n, took), "4 45s")
}

func TestBubbleTimeStandsStill(t *testing.T) {
	got := ""
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		c := make(chan int)
		go func() { c <- 1 }()
		for range 10 {
			time.Now()
		}
		<-c
		got = time.Since(begin).String()
	})
	want.Outcome(t, got, "0s")
}

func TestBubbleDeadline(t *testing.T) { // two at the same moment, in either order
	got := ""
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		select {
		case <-ctx.Done():
			got = ctx.Err().Error()
		case <-time.After(time.Second):
			got = "after"
		}
	})
	want.Outcome(t, got, "context deadline exceeded", "after")
}

func TestBubbleSleepers(t *testing.T) {
	order := ""
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var wg sync.WaitGroup
		defer wg.Wait()
		for i, s := range []string{"a", "b"} {
			wg.Go(func() {
				time.Sleep(time.Duration(2-i) * time.Second) // in the time of the bubble
				mu.Lock()
				order += s
				mu.Unlock()
			})
		}
		time.Sleep(time.Second + 1) // in the time of the bubble
		synctest.Wait()
		mu.Lock()
		order += "|"
		mu.Unlock()
	})
	want.Outcome(t, order, "b|a")
}

func TestBubbleCond(t *testing.T) {
	got := ""
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		cond := sync.NewCond(&mu)
		ready := false
		go func() {
			mu.Lock()
			defer mu.Unlock()
			for !ready {
				cond.Wait()
			}
			got = "ready"
		}()
		synctest.Wait()
		mu.Lock()
		ready = true
		mu.Unlock()
		cond.Signal()
		synctest.Wait()
		got += " now"
	})
	want.Outcome(t, got, "ready now")
}

func TestBubbleGroupIsDurable(t *testing.T) {
	var took time.Duration
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		var wg sync.WaitGroup
		for i := range 3 {
			wg.Go(func() { time.Sleep(time.Duration(i) * time.Minute) }) // in the time of the bubble
		}
		wg.Wait()
		took = time.Since(begin)
	})
	want.Outcome(t, took.String(), "2m0s")
}

func TestBubbleMutexIsNotDurable(t *testing.T) { // Wait waits for one that waits for a lock
	got := ""
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		mu.Lock()
		go func() {
			mu.Lock()
			got = "locked"
			mu.Unlock()
		}()
		go mu.Unlock()
		synctest.Wait()
		got += " waited"
	})
	want.Outcome(t, got, "locked waited")
}

func TestBubbleNilChannel(t *testing.T) {
	got := ""
	synctest.Test(t, func(t *testing.T) {
		var c chan int
		select {
		case <-c:
		case <-time.After(time.Minute):
			got = "late"
		}
	})
	want.Outcome(t, got, "late")
}

func TestBubbleCleanup(t *testing.T) { // it is called in the bubble
	got := ""
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		ctx := t.Context()
		t.Cleanup(func() {
			time.Sleep(time.Hour) // in the time of the bubble
			got = want.Text(time.Since(begin), ctx.Err())
		})
	})
	want.Outcome(t, got, "1h0m0s context canceled")
}

func TestBubbleSkips(t *testing.T) {
	got := "skipped"
	synctest.Test(t, func(t *testing.T) {
		t.SkipNow()
		got = "went on"
	})
	want.Outcome(t, want.Text(got, t.Skipped()), "skipped false")
}

func TestBubblesInSubtests(t *testing.T) { // the times of two bubbles have nothing to do with each other
	var took [2]time.Duration
	t.Run("both", func(t *testing.T) {
		for i := range took {
			t.Run("", func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					begin := time.Now()
					time.Sleep(time.Duration(i+1) * time.Hour) // in the time of the bubble
					took[i] = time.Since(begin)
				})
			})
		}
	})
	want.Outcome(t, want.Text(took), "[1h0m0s 2h0m0s]")
}

func TestBubbleForbids(t *testing.T) {
	got := ""
	synctest.Test(t, func(bubbled *testing.T) {
		got = want.Panic(func() { bubbled.Run("no", func(*testing.T) {}) })
		got += "; " + want.Panic(bubbled.Parallel)
		got += "; " + want.Panic(func() { bubbled.Deadline() })
		got += "; " + want.Panic(func() { synctest.Test(t, func(*testing.T) {}) })
	})
	got += "; " + want.Panic(synctest.Wait)
	want.Outcome(t, got, "testing: t.Run called inside synctest bubble; testing: t.Parallel called inside synctest bubble; "+
		"testing: t.Deadline called inside synctest bubble; synctest.Run called from within a synctest bubble; goroutine is not in a bubble")
}

func TestBubbleWaitTwice(t *testing.T) {
	got := make([]string, 2)
	synctest.Test(t, func(t *testing.T) {
		go func() { got[0] = want.Panic(synctest.Wait) }()
		got[1] = want.Panic(synctest.Wait)
	})
	want.Outcome(t, want.Text(got), "[wait already in progress none]", "[none wait already in progress]")
}

func TestBubbleMemory(t *testing.T) { // what others have done before they are blocked comes before the end of Wait
	var n, m [3]int
	synctest.Test(t, func(t *testing.T) {
		var wg sync.WaitGroup
		var mu sync.Mutex
		cond := sync.NewCond(&mu)
		c := make(chan int)
		wg.Add(1)
		go func() { n[0] = 1; <-c; m[0] = 1 }()
		go func() { n[1] = 1; time.Sleep(time.Second); m[1] = 1 }() // in the time of the bubble
		go func() { n[2] = 1; wg.Wait(); m[2] = 1 }()
		go func() { mu.Lock(); cond.Wait(); mu.Unlock() }()
		time.AfterFunc(time.Second, func() { n[0] += n[1] })
		synctest.Wait()
		n[0] += n[1] + n[2]
		close(c)
		wg.Done()
		mu.Lock()
		cond.Broadcast()
		mu.Unlock()
		time.Sleep(time.Minute) // in the time of the bubble
		n[2] += m[0] + m[1] + m[2]
	})
	want.Outcome(t, want.Text(n), "[4 1 4]")
}

func TestBubbleDeadlocks(t *testing.T) {
	got := want.Panic(func() {
		synctest.Test(t, func(t *testing.T) { select {} })
	})
	want.Outcome(t, got, "deadlock: all goroutines in bubble are blocked")
}

func TestBubbleIsLeft(t *testing.T) {
	got := want.Panic(func() {
		synctest.Test(t, func(t *testing.T) {
			c := make(chan int)
			go func() { c <- 1 }()
			go time.Sleep(time.Hour) // in the time of the bubble
		})
	})
	want.Outcome(t, got, "deadlock: main bubble goroutine has exited but blocked goroutines remain")
}
