package scenarios

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var _ = register(&Scenario{
	Name:     "semaphore",
	Title:    "At most two at a time",
	Category: CategoryPrimitives,
	Programs: []int{52},
	Expect:   ExpectClean,
	Lesson: "A Semaphore holds a number of permits. A goroutine takes one to enter and returns it when it is done; " +
		"if none is left, the next has to wait. It limits concurrency, such as the number of connections, downloads or " +
		"open files.",
	Look: "Two permits hang over the turnstile. The first two workers go straight through; the others queue, and " +
		"each permit that comes back goes to the one at the head.",
	Params: []Param{
		{Name: "permits", Help: "number of workers that may be active at a time", Default: 2, Min: 1, Max: 1000},
		{Name: "workers", Help: "number of workers", Default: 4, Min: 1, Max: 1000},
	},
	Run: runSemaphore,
})

func runSemaphore(ctx context.Context, p Params) error {
	permits, n := p.Int("permits"), p.Int("workers")
	stay := 2800 * time.Millisecond * time.Duration(min(permits, n)) / time.Duration(n)

	// One semaphore limits the number of active workers. It does not say which ones: for that there is a list, with its own lock.
	pool := sync2.NewBoundedSemaphore(permits)
	trace.Name(pool, "pool")
	var lock sync2.Mutex // guards active, most and served
	trace.Name(&lock, "list-lock")
	var active []string
	most, served := 0, 0

	enter := func(name string) {
		lock.Lock()
		defer lock.Unlock()
		active = append(active, name)
		most = max(most, len(active))
		trace.Log("active: %s", strings.Join(active, ", "))
	}
	leave := func(name string) {
		lock.Lock()
		defer lock.Unlock()
		active = slices.DeleteFunc(active, func(a string) bool { return a == name })
		served++
	}

	var workers []*sync2.Goroutine
	for i := range n {
		name := fmt.Sprintf("worker-%d", i+1)
		workers = append(workers, sync2.Go(name, func() {
			p.Pause(ctx, spread(1200*time.Millisecond, i, n))

			// There are never more goroutines between Acquire and Release than permits.
			if pool.AcquireContext(ctx) != nil {
				return
			}
			defer pool.Release()
			enter(name)
			p.Pause(ctx, stay)
			leave(name)
		}))
	}
	for _, w := range workers {
		w.Join()
	}

	switch {
	case most > permits:
		return fmt.Errorf("%d were active at the same time, with %d permits", most, permits)
	case served != n || pool.Available() != permits:
		return fmt.Errorf("%d of %d were served, and %d of %d permits are back", served, n, pool.Available(), permits)
	}
	return nil
}
