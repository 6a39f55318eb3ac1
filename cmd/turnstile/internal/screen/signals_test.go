//go:build !deadlock && !turnstile_steps

package screen

import (
	"runtime"
	"strings"
	"testing"

	"github.com/turnstile-go/turnstile/sync2"
)

// A SIGQUIT prints the waiting goroutines before the stacks.
func TestWhoWaits(t *testing.T) {
	jobs := sync2.NewQueue[int](1)
	worker := sync2.Go("worker", func() { _, _ = jobs.Get() })
	for len(sync2.Waits()) == 0 { // until it has come
		runtime.Gosched()
	}
	got := string(whoWaits())
	if !strings.Contains(got, "queue: 0 of 1, 0 unfinished, 1 wait\n\tGet: 1 in the row, worker (goroutine-") || !strings.HasSuffix(got, "\n\n") {
		t.Errorf("%q", got)
	}
	_ = jobs.TryPut(1)
	worker.Join()
	if strings.Contains(string(whoWaits()), "worker") {
		t.Error("the report has a goroutine that no longer waits")
	}
}
