package lanes

import (
	"fmt"
	"testing"
	"time"

	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/tuitest"
)

// BenchmarkDraw draws the timeline of ten thousand goroutines and 200,000 events: all of it, zoomed, in recorded time, and with an
// open group.
func BenchmarkDraw(b *testing.B) {
	const n = 10_000
	t := tuitest.QueuedTrace(n)
	for turn := 0; len(t.Events) < 200_000; turn++ {
		by, name := fmt.Sprintf("worker-%d", turn%n), fmt.Sprintf("worker-%d", (turn+100)%n)
		t.After(500*time.Microsecond).Do(trace.KindRelease, by, "pool", 1).Wake(name, "pool", by)
		t.Do(trace.KindAcquire, name, "pool", 1).Do(trace.KindResume, name, "pool", 0).Block(by, "pool", "Acquire", 1)
	}
	r := newRecording(t)
	sc := at(r, r.Clock().End()/2)
	c := cells.NewCanvas(120, 36)
	for _, way := range []struct {
		name string
		l    Lanes
	}{{"all", Lanes{}}, {"zoomed", Lanes{part: time.Second}}, {"real", Lanes{real: true}}, {"open", Lanes{open: map[string]bool{"worker-*": true}}}} {
		b.Run(way.name, func(b *testing.B) {
			l := way.l
			for b.Loop() {
				l.Draw(c, sc, cells.Area(0, 0, 119, 9))
			}
		})
	}
}
