package scenarios

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var _ = register(&Scenario{
	Name:     "latch",
	Title:    "Nobody begins before everything is ready",
	Category: CategoryPrimitives,
	Expect:   ExpectClean,
	Lesson: "A latch counts down, and opens for good when it reaches zero. Unlike with a barrier, the goroutines that " +
		"count down do not wait, and the waiters do not count down; their numbers may differ. A counter and an Event are " +
		"enough to build one.",
	Look: "The clients stand before the door all-ready. The services get ready one by one and go on with their own " +
		"work. The last of them opens the door, and a client that comes later walks straight through.",
	Params: []Param{
		{Name: "services", Help: "number of services that have to be ready", Default: 3, Min: 1, Max: 1000},
		{Name: "clients", Help: "number of clients that wait for them", Default: 2, Min: 1, Max: 1000},
	},
	Run: runLatch,
})

func runLatch(ctx context.Context, p Params) error {
	services, clients := p.Int("services"), p.Int("clients")
	var open sync2.Event
	trace.Name(&open, "all-ready")

	// The latch. Reading, subtracting and writing must be one step, as with atomic.Int64. With a plain variable two of
	// the services might count as one, and the door would stay shut forever.
	var left atomic.Int64
	left.Store(int64(services))
	countDown := func() {
		if left.Add(-1) == 0 {
			open.Set()
		}
	}

	// A service gets ready, says so, and goes on without waiting for the others.
	ready := make([]bool, services)
	all := start(services, "service", func(i int) {
		p.Pause(ctx, spread(2*time.Second, i, services))
		if ctx.Err() != nil {
			return
		}
		ready[i] = true
		countDown()
		trace.Log("ready")
		p.Pause(ctx, 600*time.Millisecond)
	})

	// A client must find all of them ready. It is also the latch that lets it read their entries without a lock:
	// everything that happened before the count reached zero is visible to all who waited for that.
	unready := make([]int, clients+1)
	client := func(i int) {
		if open.WaitContext(ctx) != nil {
			return
		}
		for _, r := range ready {
			if !r {
				unready[i]++
			}
		}
		p.Pause(ctx, 600*time.Millisecond)
	}
	for i := range clients {
		all = append(all, sync2.Go(fmt.Sprintf("client-%d", i+1), func() {
			p.Pause(ctx, spread(700*time.Millisecond, i, clients))
			client(i)
		}))
	}
	all.Join()

	// The latch stays open. A client that comes now does not wait.
	sync2.Go("late-client", func() { client(clients) }).Join()

	for i, n := range unready {
		if n > 0 {
			return fmt.Errorf("client %d got in while %d services were not ready", i+1, n)
		}
	}
	return nil
}
