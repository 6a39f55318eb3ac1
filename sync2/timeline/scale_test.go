//go:build !race && !deadlock

package timeline

import (
	"io"
	"testing"
	"time"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

// What it takes to write a trace grows with its length, not with the square of how many wait for one thing.
func TestScaleWaiters(t *testing.T) {
	for class, verb := range map[trace.Class]string{
		trace.ClassMutex: "Lock", trace.ClassSemaphore: "Acquire", trace.ClassQueue: "Put", trace.ClassBarrier: "Wait", trace.ClassEvent: "Wait",
		trace.ClassLocal: "", trace.ClassGroup: "AsCompleted", trace.ClassFuture: "Result",
	} {
		cost := func(n int) time.Duration {
			events, best := crowd(n, class, verb), time.Hour
			for range 2 {
				begin := time.Now()
				if err := WriteText(t.Context(), io.Discard, events); err != nil {
					t.Fatal(err)
				}
				best = min(best, time.Since(begin))
			}
			return best
		}
		few, many := cost(4_000), cost(32_000)
		t.Logf("a %s: %v, with 8 times as many waiters %v", class, few, many)
		if many > 8*5*few { // 64 times if each were compared with all others
			t.Errorf("a %s: %v, with 8 times as many waiters %v", class, few, many)
		}
	}
}
