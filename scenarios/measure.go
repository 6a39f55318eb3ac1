package scenarios

import (
	"fmt"
	"slices"
	"time"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

// makespan returns how long tasks of the given lengths take when each worker takes the next one as soon as it is free.
// It is the ideal: the only cost is that of the tasks themselves.
func makespan(tasks []time.Duration, workers int) time.Duration {
	free := make([]time.Duration, min(workers, len(tasks))) // when each of them is free
	for _, d := range tasks {
		first := slices.Index(free, slices.Min(free))
		free[first] += d
	}
	if len(free) == 0 {
		return 0
	}
	return slices.Max(free)
}

// equal returns the lengths of n tasks that take d each.
func equal(n int, d time.Duration) []time.Duration {
	return slices.Repeat([]time.Duration{d}, n)
}

// compare logs how long something took, next to the ideal, which is given for pace 1. It returns an error if the two
// are so far apart that the scenario cannot have shown its point. A busy machine may be some milliseconds late, which
// is fine; but none is much faster than the ideal.
func (p Params) compare(what string, took, ideal time.Duration) error {
	ideal = p.Scale(ideal)
	if ideal <= 0 {
		trace.Log("%s: %v, without pauses", what, took.Round(time.Microsecond))
		return nil
	}
	off := 100 * (float64(took)/float64(ideal) - 1)
	trace.Log("%s: %v, ideal %v (%+.1f %%)", what, took.Round(time.Millisecond), ideal.Round(time.Millisecond), off)
	if took < ideal*9/10 || took > 2*ideal+250*time.Millisecond {
		return fmt.Errorf("%s took %v, and should have taken about %v", what, took, ideal)
	}
	return nil
}
