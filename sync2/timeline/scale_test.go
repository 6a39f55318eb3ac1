//go:build !race && !deadlock

package timeline

import (
	"io"
	"testing"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A trace can be written in which very many goroutines wait for one object. Nothing here is timed: if the time grew
// with the square of the number of waiters, as it once did, this test would exceed the test run's time limit.
func TestScaleWaiters(t *testing.T) {
	for class, verb := range map[trace.Class]string{
		trace.ClassMutex: "Lock", trace.ClassSemaphore: "Acquire", trace.ClassQueue: "Put", trace.ClassBarrier: "Wait", trace.ClassEvent: "Wait",
		trace.ClassLocal: "", trace.ClassGroup: "AsCompleted", trace.ClassFuture: "Result",
	} {
		if err := WriteText(t.Context(), io.Discard, crowd(40_000, class, verb)); err != nil {
			t.Errorf("a %s: %v", class, err)
		}
	}
}
