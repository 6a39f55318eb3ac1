package language

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
		time.Sleep(time.Hour)
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
		time.Sleep(5*time.Second - 1)
		synctest.Wait()
		before = ctx.Err()
		time.Sleep(1)
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
				time.Sleep(time.Minute)
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
