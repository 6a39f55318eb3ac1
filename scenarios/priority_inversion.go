package scenarios

import (
	"context"
	"errors"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var priorityParams = []Param{
	{Name: "turns", Help: "number of processor turns the middle one needs", Default: 6, Min: 1, Max: 1000},
}

var _ = register(&Scenario{
	Name:     "priority-inversion",
	Title:    "The important one waits for the one in the middle",
	Category: CategoryClassics,
	Expect:   ExpectViolation,
	Twin:     "priority-inheritance",
	Lesson: "The important task waits for a lock that the unimportant one holds, which should not take long. But the " +
		"unimportant one has to run in order to release it, and the one in the middle, which has nothing to do with the " +
		"lock, takes the processor away from it. So the most important task waits for a less important one, for as long " +
		"as that one likes. In 1997 this reset the computer of a probe on Mars again and again.",
	Look: "Low is in the room called bus, and high stands at its door. Low would leave soon, but mid has the " +
		"processor, turn after turn, until it has finished.",
	Hints: []string{
		"Find out which task high waits for at the door, and what that task waits for in turn.",
		"Low holds the bus and needs the processor to finish. Importance alone decides who gets the processor, and mid " +
			"is more important than low.",
		"While low holds what high waits for, its work is as urgent as high's. Let it run with the importance of high " +
			"until it releases the bus: priority inheritance. Or do no work that needs the processor while holding the " +
			"bus.",
	},
	Params: priorityParams,
	Run:    func(ctx context.Context, p Params) error { return shareProcessor(ctx, p, (*processor).fixed) },
})

var _ = register(&Scenario{
	Name:     "priority-inheritance",
	Title:    "A task that holds up an important one becomes important",
	Category: CategoryClassics,
	Expect:   ExpectClean,
	Twin:     "priority-inversion",
	Lesson: "The holder of a lock inherits the priority of its most important waiter until it releases the lock. So " +
		"the unimportant task gets the processor and finishes, and the important one waits only as long as the lock is " +
		"held. Go has no priorities, but this can happen wherever something decides who goes first: a queue, a pool, a " +
		"limiter.",
	Look: "High stands at the door of the bus, and now low gets the processor before mid does. It leaves the room, " +
		"high goes in, and mid gets its turns when both are done.",
	Params: priorityParams,
	Run:    func(ctx context.Context, p Params) error { return shareProcessor(ctx, p, (*processor).inherited) },
})

// The tasks, by importance.
const (
	low = iota
	mid
	high
)

// A processor runs one task at a time, for a turn. The next turn goes to the most important task that wants it.
type processor struct {
	lock     sync2.Mutex // guards what follows
	changed  *sync2.Cond // notified whenever another task may be next
	busy     bool
	wants    [3]bool // by task
	onBus    int     // the task that works while it holds the bus; -1 if none does
	waits    bool    // high waits for the bus
	inverted int     // number of turns that mid had while high waited for low

	importance func(c *processor, task int) int // never changes
}

// fixed gives each task its own importance, always.
func (c *processor) fixed(task int) int { return task }

// inherited gives the task that holds the bus the importance of the one that waits for it.
func (c *processor) inherited(task int) int {
	if task == c.onBus && c.waits {
		return high
	}
	return task
}

// next reports whether a task may have the next turn.
func (c *processor) next(task int) bool {
	for other, wants := range c.wants {
		if wants && c.importance(c, other) > c.importance(c, task) {
			return false
		}
	}
	return !c.busy
}

// run gives a task the given number of turns, each as soon as it is the task's turn. If onBus, the task holds the bus.
func (c *processor) run(ctx context.Context, task, turns int, onBus bool, turn func()) error {
	if err := c.lock.LockContext(ctx); err != nil {
		return err // it is the cause of ctx
	}
	defer c.lock.Unlock()
	c.wants[task] = true
	if onBus {
		c.onBus = task
	}
	var err error
	for k := 0; k < turns && err == nil; k++ {
		if err = c.changed.WaitForContext(ctx, func() bool { return c.next(task) }); err != nil {
			break
		}
		if task == mid && c.onBus == low && c.waits {
			c.inverted++
			trace.Log("runs, and high has to wait (%d)", c.inverted)
		}
		c.busy = true
		c.lock.Unlock()
		turn()
		c.lock.Lock()
		c.busy = false
		c.changed.Broadcast()
	}
	c.wants[task] = false
	if onBus {
		c.onBus = -1
	}
	return err // as above
}

// waiting records whether high waits for the bus.
func (c *processor) waiting(waits bool) {
	c.lock.Lock()
	defer c.lock.Unlock()
	c.waits = waits
	c.changed.Broadcast()
}

func shareProcessor(ctx context.Context, p Params, importance func(c *processor, task int) int) error {
	turns := p.Int("turns")
	c := &processor{onBus: -1, importance: importance}
	c.changed = sync2.NewCond(&c.lock)
	trace.Name(&c.lock, "scheduler")
	trace.Name(c.changed, "wants-to-run")
	var bus sync2.Mutex
	trace.Name(&bus, "bus")
	turn := func() { p.Pause(ctx, 250*time.Millisecond) }

	// The unimportant one measures the weather, and holds the bus for three turns.
	weather := sync2.Go("low", func() {
		if bus.LockContext(ctx) != nil {
			return
		}
		defer bus.Unlock()
		_ = c.run(ctx, low, 3, true, turn)
		trace.Log("has done with the bus")
	})

	// The important one comes soon after, and needs the bus, too.
	did := false
	manager := sync2.Go("high", func() {
		p.Pause(ctx, 100*time.Millisecond)
		if c.run(ctx, high, 1, false, turn) != nil {
			return
		}
		c.waiting(true)
		err := bus.LockContext(ctx)
		c.waiting(false)
		if err != nil {
			return
		}
		defer bus.Unlock()
		trace.Log("has the bus")
		did = c.run(ctx, high, 1, true, turn) == nil
	})

	// The one in the middle does not need the bus. It has a lot to say to Earth.
	radio := sync2.Go("mid", func() {
		p.Pause(ctx, 300*time.Millisecond)
		_ = c.run(ctx, mid, turns, false, func() { p.Pause(ctx, 1800*time.Millisecond/time.Duration(turns)) })
	})
	weather.Join()
	manager.Join()
	radio.Join()

	switch {
	case c.inverted > 0:
		return errors.New("mid ran while high waited for low")
	case !did:
		return errors.New("high did not get its work done")
	}
	return nil
}
