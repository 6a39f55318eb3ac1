package scenarios

import (
	"context"
	"errors"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var _ = register(&Scenario{
	Name:     "lost-wakeup",
	Title:    "The bell rings before anybody listens",
	Category: CategoryClassics,
	Expect:   ExpectLostWakeup,
	Twin:     "lost-wakeup-fixed",
	Lesson: "A notification is not stored: it wakes only goroutines that are waiting at that moment. Here the baker " +
		"checks whether there is an order, releases the lock, and only then starts to wait. If an order is placed and " +
		"the bell rung in between, the baker waits for a bell that has already rung.",
	Look: "The baker leaves the room after looking. The customer goes in, puts the order down, and rings the bell in " +
		"an empty waiting room. Then the baker sits down there, and stays.",
	Hints: []string{
		"The bell does ring. Ask whether anybody is in the waiting room at that moment.",
		"The baker has looked, and is on the way to the waiting room. See whether the lock is held meanwhile.",
		"The customer orders and rings between the look and the wait. Look and start to wait in one step, under the " +
			"lock: Cond's WaitFor does both.",
	},
	Run: func(ctx context.Context, p Params) error { return bake(ctx, p, (*bakery).lookThenWait) },
})

var _ = register(&Scenario{
	Name:     "lost-wakeup-fixed",
	Title:    "Look and wait under one lock",
	Category: CategoryClassics,
	Expect:   ExpectClean,
	Twin:     "lost-wakeup",
	Lesson: "Checking the state and starting to wait must be one atomic step with respect to changes of the state. " +
		"Cond's Wait makes it one: it releases the lock only once its caller is in the waiting room. WaitFor also does " +
		"the checking, and checks again after each notification.",
	Look: "The baker never leaves the room between looking and waiting. Either the order is there at the first look, " +
		"or the baker is in the waiting room when the bell rings.",
	Run: func(ctx context.Context, p Params) error { return bake(ctx, p, (*bakery).waitForOrder) },
})

// A bakery has room for one order.
type bakery struct {
	lock    sync2.Mutex // guards ordered
	ordered bool
	bell    *sync2.Cond
}

// lookThenWait is the obvious first version: the lock is free while the baker walks over to the waiting room. The caller
// holds the lock.
func (b *bakery) lookThenWait(ctx context.Context, walk func()) (served bool) {
	if !b.ordered {
		b.lock.Unlock()
		walk()
		b.lock.Lock()
		if b.bell.WaitContext(ctx) != nil {
			return false
		}
	}
	return b.ordered
}

// waitForOrder looks and waits in one step. The caller holds the lock.
func (b *bakery) waitForOrder(ctx context.Context, _ func()) (served bool) {
	return b.bell.WaitForContext(ctx, func() bool { return b.ordered }) == nil
}

// bake lets a baker wait for an order, and a customer place it.
func bake(ctx context.Context, p Params, wait func(*bakery, context.Context, func()) bool) error {
	var b bakery
	b.bell = sync2.NewCond(&b.lock)
	trace.Name(&b.lock, "shop")
	trace.Name(b.bell, "bell")

	served := false
	baker := sync2.Go("baker", func() {
		p.Pause(ctx, 500*time.Millisecond)
		if b.lock.LockContext(ctx) != nil {
			return
		}
		defer b.lock.Unlock()
		served = wait(&b, ctx, func() { p.Pause(ctx, 800*time.Millisecond) })
	})
	customer := sync2.Go("customer", func() {
		p.Pause(ctx, 900*time.Millisecond)
		if b.lock.LockContext(ctx) != nil {
			return
		}
		defer b.lock.Unlock()
		b.ordered = true
		trace.Log("a loaf, please")
		b.bell.Signal()
		p.Pause(ctx, 1200*time.Millisecond)
	})
	customer.Join()
	baker.Join()
	if !served {
		return errors.New("the baker woke up without an order")
	}
	return nil
}
