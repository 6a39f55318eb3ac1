package scenarios

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var tillParams = []Param{
	{Name: "customers", Help: "number of customers who want money", Default: 4, Min: 1, Max: 1000},
	{Name: "notes", Help: "number of banknotes, one for each customer while they last", Default: 2, Min: 0, Max: 1000},
}

var _ = register(&Scenario{
	Name:     "abandoned-lock",
	Title:    "Gone, and the door is locked",
	Category: CategoryClassics,
	Programs: []int{48},
	Expect:   ExpectDeadlock,
	Twin:     "abandoned-lock-fixed",
	Lesson: "A lock is not released when the goroutine that holds it ends: it stays locked, and everybody who " +
		"wants it waits for a goroutine that no longer exists. Usually a rare path out of a function forgets to " +
		"unlock: an error, a panic, an early return. Everything works until the first error, and stops a moment " +
		"later somewhere else.",
	Look: "The first customers go in and out. The one who gets nothing leaves in a hurry: its goroutine has ended, " +
		"and the room still has its name on the door. All who come later stand before it forever.",
	Hints: []string{
		"Ask which goroutine holds the lock that all the others wait for, and where it is now.",
		"There are two ways out of careless. Follow both from Lock to return.",
		"If there is no money left it returns without Unlock. Write defer lock.Unlock() in the line after Lock, and it " +
			"covers every way out, even a panic.",
	},
	Params: tillParams,
	Run:    func(ctx context.Context, p Params) error { return payOut(ctx, p, (*till).careless) },
})

var _ = register(&Scenario{
	Name:     "abandoned-lock-fixed",
	Title:    "Whichever way you leave, the door is unlocked",
	Category: CategoryClassics,
	Expect:   ExpectClean,
	Twin:     "abandoned-lock",
	Lesson: "defer lock.Unlock() in the line after Lock belongs to the lock and not to " +
		"one of the paths out of the function: it runs whenever the function returns, " +
		"and even if it panics. So Lock and Unlock stand side by side. If only a part " +
		"of the function needs the lock, make that part a function of its own.",
	Look: "There is nothing left for the third customer, who leaves with empty hands, and with the door unlocked. " +
		"The others learn the same and go home.",
	Params: tillParams,
	Run:    func(ctx context.Context, p Params) error { return payOut(ctx, p, (*till).careful) },
})

// A till has some banknotes in it, one for each customer while they last.
type till struct {
	lock          sync2.Mutex // guards what follows
	left, refused int
}

// careless is the obvious first version: nothing has been changed, so there seems to be nothing to tidy up.
func (t *till) careless(ctx context.Context, count func()) {
	if t.lock.LockContext(ctx) != nil {
		return
	}
	count()
	if t.left == 0 {
		t.refused++
		trace.Log("nothing left, and goes off in a huff")
		return
	}
	t.left--
	trace.Log("has a banknote")
	t.lock.Unlock()
}

// careful states the way out at the way in.
func (t *till) careful(ctx context.Context, count func()) {
	if t.lock.LockContext(ctx) != nil {
		return
	}
	defer t.lock.Unlock()
	count()
	if t.left == 0 {
		t.refused++
		trace.Log("nothing left")
		return
	}
	t.left--
	trace.Log("has a banknote")
}

// payOut lets customers take money from a till, each by withdraw.
func payOut(ctx context.Context, p Params, withdraw func(t *till, ctx context.Context, count func())) error {
	customers, notes := p.Int("customers"), p.Int("notes")
	t := &till{left: notes}
	trace.Name(&t.lock, "till")
	all := start(customers, "customer", func(i int) {
		p.Pause(ctx, spread(2800*time.Millisecond, i, customers))
		withdraw(t, ctx, func() { p.Pause(ctx, 2*time.Second/time.Duration(customers)) })
	})
	all.Join()

	switch {
	case t.lock.Locked():
		return errors.New("all have gone home, and the till is locked")
	case notes-t.left+t.refused != customers || t.left > 0 && t.refused > 0:
		return fmt.Errorf("of %d customers %d got something and %d nothing, and %d is left",
			customers, notes-t.left, t.refused, t.left)
	}
	return nil
}
