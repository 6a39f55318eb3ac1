//go:build !turnstile_steps

package sync2_test

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// line returns the line of the caller as it appears in the report.
func line(plus int) string {
	_, _, n, _ := runtime.Caller(1)
	return fmt.Sprintf("unclosed_test.go:%d", n+plus)
}

// notShutDown returns the lines of WriteWaits about executors.
func notShutDown(t *testing.T) (lines []string) {
	t.Helper()
	var b bytes.Buffer
	if err := sync2.WriteWaits(&b); err != nil {
		t.Fatal(err)
	}
	for l := range strings.Lines(b.String()) {
		if strings.Contains(l, "was not shut down") {
			lines = append(lines, strings.TrimSuffix(l, "\n"))
		}
	}
	return lines
}

// An executor that has workers and was not shut down is reported, with the line that made it.
func TestWriteWaitsOfExecutors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		task := func(ctx context.Context) (int, error) { <-ctx.Done(); return 0, nil }
		unused := sync2.NewExecutor(1)
		plain, at := sync2.NewExecutor(2), line(0)
		named, there := sync2.NewExecutor(2, sync2.WithName("io")), line(0)
		other := sync2.NewExecutor(2, sync2.WithName("cpu"))
		trace.Name(other, "a: b")
		var fs []*sync2.Future[int]
		for _, e := range []*sync2.Executor{plain, named, other, other} {
			fs = append(fs, sync2.Submit(e, task))
			synctest.Wait()
		}
		fs[1].Cancel()
		synctest.Wait()
		got := strings.Join(notShutDown(t), "\n")
		want := "executor made at " + at + " was not shut down: 1 of 2 run, 0 queue\n" +
			"executor io made at " + there + " was not shut down: 0 of 2 run, 0 queue\n" +
			"executor a: b made at unclosed_test.go:N was not shut down: 2 of 2 run, 0 queue"
		if regexp.MustCompile(`(a: b made at unclosed_test.go:)\d+`).ReplaceAllString(got, "${1}N") != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
		for _, e := range []*sync2.Executor{plain, named, other, unused} {
			e.Cancel(nil)
			e.Shutdown()
		}
		if got := notShutDown(t); len(got) > 0 {
			t.Errorf("after Shutdown: %q", got)
		}
	})
}

// An executor that accepts no more tasks counts as shut down, even while its tasks still run.
func TestWriteWaitsOfBusyExecutors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var gate sync2.Event
		e := sync2.NewExecutor(1)
		sync2.Submit(e, func(context.Context) (int, error) { gate.Wait(); return 0, nil })
		synctest.Wait()
		_ = e.ShutdownTimeout(0)
		if got := notShutDown(t); len(got) > 0 {
			t.Errorf("%q", got)
		}
		gate.Set()
		e.Shutdown()
	})
}

// The report of executors that were not shut down keeps none of them reachable.
func TestExecutorsAreNotKept(t *testing.T) {
	const executors = 50
	var gone atomic.Int64
	for i := range executors {
		func() {
			e := sync2.NewExecutor(1)
			runtime.AddCleanup(e, func(int) { gone.Add(1) }, 0)
			if i%2 == 0 { // the others never have a worker, and are not shut down
				_, _ = sync2.Submit(e, func(context.Context) (int, error) { return 0, nil }).Result()
				e.Shutdown()
			}
		}()
	}
	until(func() bool { runtime.GC(); return gone.Load() >= executors-1 }) // one may still be on the stack
}
