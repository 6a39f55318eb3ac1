package language

import (
	"context"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"programs/want"
)

func TestRunSubtests(t *testing.T) {
	order := ""
	for _, name := range []string{"a", "b"} {
		ok := t.Run(name, func(t *testing.T) {
			defer func() { order += "d" }()
			t.Cleanup(func() { order += "c" })
			order += name + strings.TrimPrefix(t.Name(), "TestRunSubtests/")
		})
		if !ok {
			t.Error("a subtest failed")
		}
	}
	want.Outcome(t, order, "aadcbbdc")
}

func TestRunParallel(t *testing.T) {
	var mu sync.Mutex
	order := ""
	t.Run("group", func(t *testing.T) {
		for _, name := range []string{"a", "b"} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				mu.Lock()
				order += name
				mu.Unlock()
			})
		}
		mu.Lock()
		order += "0" // they wait until this function has returned
		mu.Unlock()
	})
	want.Outcome(t, order, "0ab", "0ba")
}

func TestParallelA(t *testing.T) {
	t.Parallel()
	c := make(chan int)
	go func() { c <- 1 }()
	want.Outcome(t, want.Text(<-c), "1")
}

func TestParallelB(t *testing.T) {
	t.Parallel()
	c := make(chan int, 2)
	go func() { c <- 1 }()
	go func() { c <- 2 }()
	want.Outcome(t, want.Text(<-c, <-c), "1 2", "2 1")
}

func TestCleanupOrder(t *testing.T) {
	order := ""
	t.Run("sub", func(t *testing.T) {
		t.Cleanup(func() { order += "1" })
		t.Cleanup(func() {
			order += "2"
			t.Cleanup(func() { order += "3" })
		})
		defer func() { order += "d" }()
	})
	want.Outcome(t, order, "d231")
}

func TestCleanupStopsWorkers(t *testing.T) {
	ended := make(chan struct{})
	t.Run("sub", func(t *testing.T) {
		stop := make(chan struct{})
		go func() {
			<-stop
			close(ended)
		}()
		t.Cleanup(func() { close(stop) })
	})
	<-ended
	want.Outcome(t, "ended", "ended")
}

func TestContextEndsBeforeCleanup(t *testing.T) {
	var during, after error
	t.Run("sub", func(t *testing.T) {
		ctx := t.Context()
		done := make(chan struct{})
		go func() {
			<-ctx.Done()
			close(done)
		}()
		t.Cleanup(func() {
			<-done
			after = ctx.Err()
		})
		during = ctx.Err()
	})
	want.Outcome(t, want.Text(during, after), "<nil> context canceled")
}

func TestSkipInSubtest(t *testing.T) {
	var was bool
	ran := false
	t.Run("sub", func(t *testing.T) {
		defer func() { was = t.Skipped() }()
		t.Skip("not today")
		ran = true
	})
	want.Outcome(t, want.Text(was, ran), "true false")
}

func TestNowSkipped(t *testing.T) { t.SkipNow() }

func TestTempDirAndEnv(t *testing.T) {
	t.Setenv("CONFORM_X", "1")
	dir := t.TempDir()
	err := os.WriteFile(dir+"/f", []byte("text"), 0o600)
	b, err2 := os.ReadFile(dir + "/f")
	want.Outcome(t, want.Text(os.Getenv("CONFORM_X"), err, string(b), err2), "1 <nil> text <nil>")
}

func TestLogFromGoroutine(t *testing.T) {
	var wg sync.WaitGroup
	for i := range 2 {
		wg.Go(func() { t.Log("from", i) })
	}
	wg.Wait()
	_, _ = t.Output().Write([]byte("and this\n"))
	want.Outcome(t, t.Name(), "TestLogFromGoroutine")
}

func TestErrorCallsFromHelper(t *testing.T) {
	check := func(t testing.TB, ok bool) {
		t.Helper()
		if !ok {
			t.Errorf("not ok")
		}
	}
	var wg sync.WaitGroup
	wg.Go(func() { check(t, true) })
	wg.Wait()
	want.Outcome(t, want.Text(t.Failed()), "false")
}

func TestSubtestsShareState(t *testing.T) {
	c := make(chan string, 4)
	t.Run("group", func(t *testing.T) {
		for _, name := range []string{"a", "b"} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				t.Cleanup(func() { c <- name })
			})
		}
	})
	a, b := <-c, <-c
	want.Outcome(t, a+b, "ab", "ba")
}

func TestGoexitOfSubtestRunsDeferred(t *testing.T) {
	order := ""
	t.Run("sub", func(t *testing.T) {
		defer func() { order += "d" }()
		func() {
			defer func() { order += "i" }()
			t.SkipNow()
		}()
		order += "never"
	})
	want.Outcome(t, order, "id")
}

func TestDeadlineIsFarAway(t *testing.T) {
	d, ok := t.Deadline()
	want.Outcome(t, want.Text(!ok || time.Until(d) > time.Second), "true")
}

func TestContextOfTest(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	go cancel()
	<-ctx.Done()
	want.Outcome(t, want.Text(t.Context().Err()), "<nil>")
}

func TestManySubtests(t *testing.T) {
	n := 0
	for range 50 {
		t.Run("same", func(t *testing.T) { n++ })
	}
	want.Outcome(t, want.Text(n, runtime.NumGoroutine() > 0), "50 true")
}
