package dist

import (
	"context"
	"time"
)

// A WaitGroup is a named counter, usually of tasks that processes on any number of hosts do, that others wait for to reach 0. It is
// made by [Space.WaitGroup], and is 0 at first.
//
// A process that dies before its Done leaves the counter unchanged. For work that has to survive its workers use a [Queue]: it
// hands the items of a dead worker to others, and [Queue.Join] waits for them.
type WaitGroup struct {
	s    *Space
	name string
}

// A count is the stored state of a WaitGroup.
type count struct {
	N     int
	Zeros uint64 // the number of times it reached 0: a waiter that saw it rise was released, even if the count rises again
}

// WaitGroup returns the wait group with the given name, which can be any string. It does not ask the engine.
func (s *Space) WaitGroup(name string) *WaitGroup { return &WaitGroup{s, name} }

func (g *WaitGroup) key(verb string) string {
	if g == nil || g.s == nil {
		misuse("WaitGroup."+verb, "not made by Space.WaitGroup")
	}
	return "waitgroup." + encodeName(g.name)
}

// Add adds n, which may be negative, to the counter. If it would become negative, nothing changes, and Add returns a
// [*sync2.UsageError]: it does not panic, since this depends on what other processes did.
func (g *WaitGroup) Add(n int) error { return g.add(n, "Add") }

// Done decrements the counter by one. It returns a [*sync2.UsageError] if the counter is 0.
func (g *WaitGroup) Done() error { return g.add(-1, "Done") }

func (g *WaitGroup) add(n int, verb string) error {
	return change(g.s, g.key(verb), func(c *count) (bool, error) {
		sum := c.N + n
		if sum < 0 || n > 0 && sum < c.N {
			return false, usage("WaitGroup."+verb, "a count of %d and %d", c.N, n)
		}
		if sum == 0 && c.N > 0 {
			c.Zeros++
		}
		c.N = sum
		return n != 0, nil
	})
}

// Count asks the engine for the current value of the counter.
func (g *WaitGroup) Count() (int, error) {
	c, err := stored[count](g.s, g.key("Count"))
	return c.N, err
}

// Wait waits until the counter is 0. A Wait in progress when it reaches 0 returns nil, even if the counter rises again at once.
// Wait fails if the space is closed.
func (g *WaitGroup) Wait() error { return g.wait(context.Background(), g.key("Wait")) }

// WaitContext is like [WaitGroup.Wait], but gives up when ctx ends, and then returns an error that matches its cause and its Err.
func (g *WaitGroup) WaitContext(ctx context.Context) error {
	key := g.key("WaitContext")
	checkContext(ctx, "WaitGroup.WaitContext")
	return g.wait(ctx, key)
}

// WaitTimeout is like [WaitGroup.Wait], but gives up after d, and then returns an error that matches context.DeadlineExceeded. If d
// is zero or negative, it only asks the engine.
func (g *WaitGroup) WaitTimeout(d time.Duration) error {
	key := g.key("WaitTimeout")
	if d <= 0 {
		c, err := stored[count](g.s, key)
		if err == nil && c.N > 0 {
			err = context.DeadlineExceeded
		}
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), d)
	defer cancel()
	return g.wait(ctx, key)
}

func (g *WaitGroup) wait(ctx context.Context, key string) error {
	first, zeros := true, uint64(0)
	return await(ctx, g.s, key, func(c count) (bool, error) {
		if first {
			first, zeros = false, c.Zeros
		}
		return c.N == 0 || c.Zeros > zeros, nil
	})
}

// String returns text such as "waitgroup pages".
func (g *WaitGroup) String() string { return "waitgroup " + g.name }
