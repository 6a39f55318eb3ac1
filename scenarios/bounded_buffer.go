package scenarios

import (
	"context"
	"fmt"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var buffered = []Param{
	{Name: "producers", Help: "number of producers that put things on the shelf", Default: 2, Min: 1, Max: 1000},
	{Name: "consumers", Help: "number of consumers that take them off", Default: 2, Min: 1, Max: 1000},
	{Name: "items", Help: "total number of things", Default: 6, Min: 1, Max: 1000},
	{Name: "room", Help: "capacity of the shelf", Default: 2, Min: 1, Max: 1000},
}

var _ = register(&Scenario{
	Name:     "bounded-buffer-deadlock",
	Title:    "Locking the shelf before there is room on it",
	Category: CategoryClassics,
	Expect:   ExpectDeadlock,
	Twin:     "bounded-buffer",
	Lesson: "Producers and consumers share a shelf with room for a few things. Here they lock it first, and then " +
		"wait until there is room, or a thing to take. A goroutine that waits while it holds the lock waits for " +
		"one that cannot get in to change anything. Waiting for a condition while holding the lock that is needed " +
		"to change it is a deadlock, even with only one lock.",
	Look: "The shelf fills up. Then a producer holds its lock and waits for room, and the consumers, who could " +
		"make room, wait for the lock.",
	Params: buffered,
	Hints: []string{
		"All goes well as long as the shelf is neither full nor empty. Look at which goroutine waits when it is full, " +
			"and what it holds.",
		"Only a consumer can make room, and needs two things for that. See which goroutine has one of them.",
		"A producer holds the lock of the shelf while it waits for room; a consumer needs that lock to make room. " +
			"Wait for the semaphore first, and take the lock only then.",
	},
	Run: func(ctx context.Context, p Params) error { return fillShelf(ctx, p, (*shelf).lockAndWait) },
})

var _ = register(&Scenario{
	Name:     "bounded-buffer",
	Title:    "Two semaphores count the room and the things on the shelf",
	Category: CategoryClassics,
	Expect:   ExpectClean,
	Twin:     "bounded-buffer-deadlock",
	Lesson: "The textbook's buffer: one semaphore counts the free places, another the things to be taken, and a " +
		"lock guards the shelf for the moment of a change. Each side waits at one semaphore and releases the other. " +
		"The semaphores come first and the lock last, so nobody ever waits while holding the lock. A Queue does the " +
		"same in one piece.",
	Look: "A permit of the semaphore free turns into one of filled and back again; together they never exceed the " +
		"capacity of the shelf. The lock is held only for moments.",
	Params: buffered,
	Run:    func(ctx context.Context, p Params) error { return fillShelf(ctx, p, (*shelf).waitAndLock) },
})

// A shelf has room for a few things.
type shelf struct {
	free, filled *sync2.Semaphore // places
	lock         sync2.Mutex      // guards what follows
	things       []int
	fullest      int
	arrived      []int // the number of times each item was taken
}

// lockAndWait is the obvious first version: whatever uses the shelf locks it first.
func (s *shelf) lockAndWait(ctx context.Context, count *sync2.Semaphore) error {
	if err := s.lock.LockContext(ctx); err != nil {
		return err // it is the cause of ctx
	}
	if err := count.AcquireContext(ctx); err != nil {
		s.lock.Unlock()
		return err // as above
	}
	return nil
}

// waitAndLock waits first, and takes the lock only when there is something to do.
func (s *shelf) waitAndLock(ctx context.Context, count *sync2.Semaphore) error {
	if err := count.AcquireContext(ctx); err != nil {
		return err // as above
	}
	if err := s.lock.LockContext(ctx); err != nil {
		count.Release()
		return err // as above
	}
	return nil
}

// fillShelf carries the items over the shelf, and checks that each of them arrives once. A goroutine that wants to
// change the shelf calls open first.
func fillShelf(ctx context.Context, p Params, open func(*shelf, context.Context, *sync2.Semaphore) error) error {
	items, room := p.Int("items"), p.Int("room")
	s := &shelf{free: sync2.NewSemaphore(room), filled: sync2.NewSemaphore(0), arrived: make([]int, items)}
	trace.Name(s.free, "free")
	trace.Name(s.filled, "filled")
	trace.Name(&s.lock, "shelf-lock")

	put := func(item int) error {
		if err := open(s, ctx, s.free); err != nil {
			return err
		}
		s.things = append(s.things, item)
		s.fullest = max(s.fullest, len(s.things))
		s.lock.Unlock()
		s.filled.Release()
		return nil
	}
	take := func(int) error {
		if err := open(s, ctx, s.filled); err != nil {
			return err
		}
		s.arrived[s.things[0]]++
		s.things = s.things[1:]
		s.lock.Unlock()
		s.free.Release()
		return nil
	}

	// The producers share the items among them, and so do the consumers, who come later and are slower.
	people := func(kind string, n int, from, takes time.Duration, do func(item int) error) crew {
		return start(n, kind, func(i int) {
			p.Pause(ctx, from+spread(takes, min(i, items-1), items))
			for item := i; item < items && do(item) == nil; item += n {
				p.Pause(ctx, takes*time.Duration(min(n, items))/time.Duration(items))
			}
		})
	}
	producers := people("producer", p.Int("producers"), 0, 1800*time.Millisecond, put)
	consumers := people("consumer", p.Int("consumers"), 700*time.Millisecond, 2400*time.Millisecond, take)
	producers.Join()
	consumers.Join()

	if err := eachOnce("taken", s.arrived); err != nil {
		return err
	}
	if s.fullest > room || s.free.Available() != room {
		return fmt.Errorf("the shelf has room for %d; it held %d, and %d places are free now",
			room, s.fullest, s.free.Available())
	}
	return nil
}
