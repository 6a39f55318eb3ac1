package scenarios

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var _ = register(&Scenario{
	Name:     "thousands",
	Title:    "Tens, hundreds and thousands of waiting goroutines",
	Category: CategoryPrimitives,
	Programs: []int{96},
	Expect:   ExpectClean,
	Real:     true,
	Lesson: "A rule of thumb for Python says: tens of processes, hundreds of threads, thousands of coroutines. " +
		"Goroutines are as cheap as coroutines and as simple to use as threads: each takes a few kilobytes of memory and " +
		"can block anywhere, and a hundred thousand of them can wait for one Event and be released in a moment.",
	Look: "Ten goroutines wait for an Event, then a hundred, then as many as the parameter says. Each time the Event " +
		"is set, all go on at once. The log shows how much memory and time a goroutine took.",
	Params: []Param{
		{Name: "most", Help: "number of goroutines that wait in the last act", Default: 2000, Min: 1, Max: 100_000},
	},
	Run: runThousands,
})

func runThousands(ctx context.Context, p Params) error {
	for _, n := range []int{min(10, p.Int("most")), min(100, p.Int("most")), p.Int("most")} {
		p.Pause(ctx, 900*time.Millisecond)
		var begin sync2.Event
		trace.Name(&begin, fmt.Sprintf("start-of-%d", n))
		before := memory()
		all := start(n, fmt.Sprintf("of-%d", n), func(int) { _ = begin.WaitContext(ctx) })
		await(ctx, p, func() bool { return begin.Waiting() == n })
		each := (memory() - before) / int64(n)

		released := time.Now()
		begin.Set()
		all.Join()
		took := time.Since(released)
		trace.Log("%d goroutines: %d bytes and %v each", n, max(0, each), took/time.Duration(n))
		if left := begin.Waiting(); left > 0 {
			return fmt.Errorf("%d of %d still wait", left, n)
		}
	}
	return nil
}

// memory returns how much memory this program uses, in bytes.
func memory() int64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapInuse + m.StackInuse)
}
