package scenarios

import (
	"context"
	"fmt"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var buffered = []Param{
	{Name: "producers", Help: "how many put things on the shelf", Default: 2, Min: 1, Max: 1000},
	{Name: "consumers", Help: "how many take them off", Default: 2, Min: 1, Max: 1000},
	{Name: "items", Help: "how many things there are in all", Default: 6, Min: 1, Max: 1000},
	{Name: "room", Help: "how many the shelf holds", Default: 2, Min: 1, Max: 1000},
}

var _ = register(&Scenario{
	Name:     "bounded-buffer-deadlock",
	Title:    "Locking the shelf before there is room on it",
	Category: Classics,
	Expect:   Deadlock,
	Twin:     "bounded-buffer",
	Lesson: "Producers and consumers share a shelf with room for a few things. Here they lock it first, and then " +
		"wait until there is room, or a thing to take. Who waits with the lock in hand waits for somebody who " +
		"cannot come in to change anything. To wait for a condition while holding the lock that its change needs is " +
		"a deadlock, though there is only one lock.",
	Look: "The shelf fills up. Then a producer holds its lock and waits for room, and the consumers, who could " +
		"make room, wait for the lock.",
	Params: buffered,
	Hints: []string{
		"It goes well as long as the shelf is neither full nor empty. Look who waits when it is full, and what that " +
			"one holds.",
		"Only a consumer can make room, and needs two things for that. Look who has one of them.",
		"A producer holds the lock of the shelf while it waits for room; a consumer needs that lock to make room. " +
			"Wait for the semaphore first, and take the lock only then.",
	},
	Run: func(ctx context.Context, p Params) error { return fillShelf(ctx, p, true) },
})

var _ = register(&Scenario{
	Name:     "bounded-buffer",
	Title:    "Two semaphores count the room and the things on the shelf",
	Category: Classics,
	Expect:   Clean,
	Twin:     "bounded-buffer-deadlock",
	Lesson: "The textbook's buffer: one semaphore counts the free places, another the things to be taken, and a " +
		"lock guards the shelf for the moment of a change. Each side waits at one semaphore and releases the other. " +
		"The semaphores come first and the lock last, so nobody ever waits while holding the lock. A Queue does the " +
		"same in one piece.",
	Look: "A permit of the semaphore free turns into one of filled and back again; together they are never more " +
		"than the shelf has room. The lock is held only for moments.",
	Params: buffered,
	Run:    func(ctx context.Context, p Params) error { return fillShelf(ctx, p, false) },
})

// fillShelf carries the items over the shelf, and sees that each of them arrives once.
func fillShelf(ctx context.Context, p Params, lockFirst bool) error {
	items, room := p.Int("items"), p.Int("room")
	free, filled := sync2.NewSemaphore(room), sync2.NewSemaphore(0)
	var lock sync2.Mutex // guards shelf, fullest and arrived
	trace.Name(free, "free")
	trace.Name(filled, "filled")
	trace.Name(&lock, "shelf-lock")
	var shelf []int
	fullest := 0
	arrived := make([]int, items)

	// open waits until count allows it, and locks the shelf: in this order, or in the tempting other one.
	open := func(count *sync2.Semaphore) error {
		first, second, undo := count.AcquireContext, lock.LockContext, count.Release
		if lockFirst {
			first, second, undo = lock.LockContext, count.AcquireContext, lock.Unlock
		}
		if err := first(ctx); err != nil {
			return err
		}
		err := second(ctx)
		if err != nil {
			undo()
		}
		return err
	}
	put := func(item int) error {
		if err := open(free); err != nil {
			return err
		}
		shelf = append(shelf, item)
		fullest = max(fullest, len(shelf))
		lock.Unlock()
		filled.Release()
		return nil
	}
	take := func() error {
		if err := open(filled); err != nil {
			return err
		}
		arrived[shelf[0]]++
		shelf = shelf[1:]
		lock.Unlock()
		free.Release()
		return nil
	}

	// The producers share the items among them, and so do the consumers, who come later and are slower.
	var all []*sync2.Goroutine
	start := func(kind string, n int, from, takes time.Duration, do func(item int) error) {
		for i := range n {
			all = append(all, sync2.Go(fmt.Sprintf("%s-%d", kind, i+1), func() {
				p.Pause(ctx, from+spread(takes, min(i, items-1), items))
				for item := i; item < items && do(item) == nil; item += n {
					p.Pause(ctx, takes*time.Duration(min(n, items))/time.Duration(items))
				}
			}))
		}
	}
	start("producer", p.Int("producers"), 0, 1800*time.Millisecond, put)
	start("consumer", p.Int("consumers"), 700*time.Millisecond, 2400*time.Millisecond, func(int) error { return take() })
	for _, g := range all {
		g.Join()
	}

	for item, times := range arrived {
		if times != 1 {
			return fmt.Errorf("item %d arrived %d times", item, times)
		}
	}
	if fullest > room || free.Available() != room {
		return fmt.Errorf("the shelf has room for %d; it held %d, and %d places are free now", room, fullest, free.Available())
	}
	return nil
}
