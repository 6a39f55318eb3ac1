package scenarios

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var _ = register(&Scenario{
	Name:     "reader-writer",
	Title:    "Many may read at the same time, but a writer must be alone",
	Category: CategoryPrimitives,
	Expect:   ExpectClean,
	Lesson: "Readers do each other no harm; only writers must be alone. A semaphore with a permit for each reader " +
		"makes such a lock: reading takes one permit, writing takes all of them. It is fair without further effort, " +
		"since a semaphore serves in the order of arrival: a writer waits for the readers before it, and later readers " +
		"wait for the writer.",
	Look: "Readers stand in the room together. When a writer comes, nobody else is let in; the room empties, the " +
		"writer has it to itself, and then the readers who queued behind it go in all at once.",
	Params: []Param{
		{Name: "readers", Help: "number of readers", Default: 4, Min: 1, Max: 1000},
		{Name: "writers", Help: "number of writers", Default: 2, Min: 1, Max: 1000},
	},
	Run: runReaderWriter,
})

func runReaderWriter(ctx context.Context, p Params) error {
	readers, writers := p.Int("readers"), p.Int("writers")
	const rounds = 2 // number of times that each of them comes
	room := sync2.NewBoundedSemaphore(readers)
	trace.Name(room, "room")

	// The shared data: two numbers that are always equal, except in the middle of a change. Reading takes one permit of
	// room, changing takes all of them, so none can be reading at that time, and no other changing.
	var left, right int

	var all []*sync2.Goroutine
	come := func(name string, first time.Duration, use func() error) {
		all = append(all, sync2.Go(name, func() {
			p.Pause(ctx, first)
			for range rounds {
				if use() != nil {
					return
				}
				p.Pause(ctx, 400*time.Millisecond)
			}
		}))
	}

	var torn atomic.Int64
	for i := range readers {
		come(fmt.Sprintf("reader-%d", i+1), spread(900*time.Millisecond, i, readers), func() error {
			if err := room.AcquireContext(ctx); err != nil {
				return err // it is the cause of ctx
			}
			defer room.Release()
			l := left
			p.Pause(ctx, 500*time.Millisecond)
			if r := right; l != r {
				torn.Add(1)
				trace.Log("read %d and %d", l, r)
			}
			return nil
		})
	}
	for i := range writers {
		come(fmt.Sprintf("writer-%d", i+1), spread(1000*time.Millisecond, i, writers), func() error {
			if err := room.AcquireN(ctx, readers); err != nil {
				return err // it is the cause of ctx
			}
			defer room.ReleaseN(readers)
			left++
			p.Pause(ctx, 1200*time.Millisecond/time.Duration(writers))
			right++
			trace.Log("wrote %d and %d", left, right)
			return nil
		})
	}
	for _, g := range all {
		g.Join()
	}

	switch {
	case torn.Load() > 0:
		return errors.New("a reader saw the two numbers differ: a writer was writing")
	case left != writers*rounds || right != left:
		return fmt.Errorf("%d writers wrote %d times each, and the numbers are %d and %d", writers, rounds, left, right)
	}
	return nil
}
