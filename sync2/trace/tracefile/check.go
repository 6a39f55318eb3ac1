package tracefile

import (
	"fmt"
	"time"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

// Every number of a file is checked here. Numbers are rejected if no trace has them and programs that use the trace
// could not calculate with them. The amount of something, such as a barrier's parties or a semaphore's permits, may be
// as large as an int64, because a program may ask for that.
const (
	// maxID limits identifiers and Seq: programs that read a JSON number as a float64 can still distinguish them.
	maxID = 1<<53 - 1
	// maxTime is the maximum duration of a trace.
	maxTime = 50 * 365 * 24 * time.Hour
)

// check returns an error if a number of ev is out of range.
func check(ev *trace.Event) error {
	for _, n := range [...]struct {
		name          string
		n, least, top int64
	}{
		{"seq", int64(min(ev.Seq, maxID+1)), 0, maxID},
		{"t", ev.Time, 0, int64(maxTime)},
		{"g", ev.G, 0, maxID},
		{"obj", int64(min(ev.Obj, maxID+1)), 0, maxID},
		{"peer", ev.Peer, leastPeer(ev.Kind), maxID},
	} {
		if n.n < n.least || n.n > n.top {
			return fmt.Errorf("no event: %s is out of range, must be %d … %d", n.name, n.least, n.top)
		}
	}
	if ev.N < 0 && !signed(ev.Kind) {
		return fmt.Errorf("no event: n is %d, must not be negative", ev.N)
	}
	if ev.Kind == trace.KindDefineObj && ev.Class == trace.ClassGoroutine && ev.N > maxID {
		return fmt.Errorf("no event: n is out of range, must be 0 … %d", int64(maxID))
	}
	return nil
}

// leastPeer returns the minimum Peer of an event of kind k. It is -1 for a Block, whose Peer is a position, and for an
// Acquire.
func leastPeer(k trace.Kind) int64 {
	if k == trace.KindBlock || k == trace.KindAcquire {
		return -1
	}
	return 0
}

// signed reports whether N of an event of kind k may be negative: it is a time of day, or has a meaning defined by a
// later version.
func signed(k trace.Kind) bool { return k == trace.KindBegin || k > trace.KindFail }
