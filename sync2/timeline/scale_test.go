//go:build !race && !deadlock

package timeline

import (
	"io"
	"testing"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A trace can be written in which very many wait for one thing. Nothing here is timed: where the time grew with the square
// of how many wait, as it did, this would run into the limit of the test run.
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
