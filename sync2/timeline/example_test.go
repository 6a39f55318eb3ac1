package timeline_test

import (
	"fmt"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A recording can be inspected at any moment: here, when the clerk came to the locked safe, and at the end.
func ExampleTimeline() {
	rec := trace.NewRecorder(1 << 10)
	if err := trace.Start(rec); err != nil {
		fmt.Println(err)
		return
	}
	var safe sync2.Mutex
	trace.Name(&safe, "safe")
	safe.Lock()
	clerk := sync2.Go("clerk", func() { safe.Lock(); safe.Unlock() })
	for safe.Waiting() == 0 {
		sync2.Yield()
	}
	safe.Unlock()
	clerk.Join()
	trace.Stop()

	tl := timeline.New(rec.Events()...)
	at := tl.Cursor()
	for tl.Event(at.Position()).Kind != trace.KindBlock {
		at.Step(1)
	}
	at.Step(1)
	place, of := at.State().QueuePosition(clerk.ID())
	fmt.Println("place", place, "of", of)
	at.Seek(tl.Len())
	fmt.Println("ended:", at.State().Goroutine(clerk.ID()).Status == timeline.StatusEnded)
	// Output:
	// place 1 of 1
	// ended: true
}
