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
	Lesson: "A latch counts down, and opens for good when it reaches zero. Unlike at a barrier, the goroutines " +
		"that count down do not wait, and the waiters do not count down; their numbers may differ. A counter and " +
		"an Event are enough to build one.",
	Look: "The clients stand before the door all-ready. The services get ready one by one and go on with their own " +
		"work. The last of them opens the door, and a client that comes later walks straight through.",
	Params: []Param{
		{Name: "services", Help: "how many have to be ready", Default: 3, Min: 1, Max: 1000},
		{Name: "clients", Help: "how many wait for them", Default: 2, Min: 1, Max: 1000},
	},
	Run: runLatch,
})

func runLatch(ctx context.Context, p Params) error {
	services, clients := p.Int("services"), p.Int("clients")
	var open sync2.Event
	trace.Name(&open, "all-ready")

	// The latch. To read, subtract and write must be one step, as atomic.Int64 does it. With a plain variable two of the
	// services might count as one, and the door would stay shut forever.
	var left atomic.Int64
	left.Store(int64(services))
	countDown := func() {
		if left.Add(-1) == 0 {
			open.Set()
		}
	}

	// A service gets ready, says so, and goes on without waiting for anybody.
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

	// A client must find all of them ready. That it may read their entries without a lock is the latch's doing too:
	// whatever happened before the count reached zero can be seen by all who have waited for it.
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

	// The latch stays open. Who comes now does not wait.
	sync2.Go("late-client", func() { client(clients) }).Join()

	for i, n := range unready {
		if n > 0 {
			return fmt.Errorf("client %d got in while %d services were not ready", i+1, n)
		}
	}
	return nil
}
