package scenarios

import (
	"context"
	"errors"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var corridorParams = []Param{{Name: "lanes", Help: "number of lanes in the corridor", Default: 2, Min: 2, Max: 1000}}

var _ = register(&Scenario{
	Name:     "livelock",
	Title:    "After you. No, after you",
	Category: CategoryClassics,
	Expect:   ExpectStarvation,
	Endless:  true,
	Twin:     "livelock-fixed",
	Lesson: "Two meet in a corridor, and both are polite: on finding the other in the way, each steps aside. They do " +
		"so at the same moment, and are in each other's way again. Nobody waits for a lock, both are busy all the time, " +
		"and neither makes progress: a livelock. No deadlock detector sees it, since everybody is running.",
	Look: "Both look, both step to the same side, both look again. The step counts go up and nothing else changes; " +
		"more lanes do not help. It goes on until somebody stops it.",
	Hints: []string{
		"Nobody stands still, and nobody holds what the other needs. Ask what would have to be different after a " +
			"step for either to get through.",
		"Both follow the same rule at the same time. Whatever one does the other does too, so they always end up face to " +
			"face.",
		"Something has to break the symmetry: let only one of them step aside, by a rule that both know. A wait of " +
			"random length before each step works too, with a probability that grows.",
	},
	Params: corridorParams,
	Run:    runLivelock,
})

var _ = register(&Scenario{
	Name:     "livelock-fixed",
	Title:    "The one from the right stays",
	Category: CategoryClassics,
	Expect:   ExpectClean,
	Twin:     "livelock",
	Lesson: "A rule that both know says who steps aside, and the other walks on. It need not be fair, it only has to " +
		"treat the two differently: a number, an age, the address of a lock. Where there is no such rule, chance will " +
		"do: each waits for a random time, as on a network where two stations began to send at once.",
	Look: "Both look and find each other in the way. One steps aside, the other stays put, and at the next look the " +
		"way is free for both.",
	Params: corridorParams,
	Run:    runLivelockFixed,
})

func runLivelock(ctx context.Context, p Params) error {
	c := newCorridor()
	ann := sync2.Go("ann", func() { c.walk(ctx, p, 0, c.stepAside) })
	ben := sync2.Go("ben", func() { c.walk(ctx, p, 1, c.stepAside) })
	ann.Join()
	ben.Join()
	return c.bothPassed()
}

func runLivelockFixed(ctx context.Context, p Params) error {
	c := newCorridor()
	ann := sync2.Go("ann", func() { c.walk(ctx, p, 0, func(int, int, int) {}) }) // waits for the other to step aside
	ben := sync2.Go("ben", func() { c.walk(ctx, p, 1, c.stepAside) })
	ann.Join()
	ben.Join()
	return c.bothPassed()
}

// A corridor has two people in it who walk towards each other, in the same lane at first.
type corridor struct {
	lock   sync2.Mutex // guards lane
	lane   [2]int
	step   *sync2.Barrier // keeps them in step: each looks, then each takes a step
	passed [2]bool
}

func newCorridor() *corridor {
	c := &corridor{step: sync2.NewBarrier(2)}
	trace.Name(&c.lock, "corridor")
	trace.Name(c.step, "step")
	return c
}

// stepAside moves to the next lane.
func (c *corridor) stepAside(me, steps, lanes int) {
	c.lock.Lock()
	defer c.lock.Unlock()
	c.lane[me] = (c.lane[me] + 1) % lanes
	trace.Log("after you! (step %d, to lane %d)", steps, c.lane[me]+1)
}

// walk goes on until the way is free; while it is not, it calls meet.
func (c *corridor) walk(ctx context.Context, p Params, me int, meet func(me, steps, lanes int)) {
	for steps := 1; ; steps++ {
		c.lock.Lock()
		free := c.lane[me] != c.lane[1-me]
		c.lock.Unlock()
		if _, err := c.step.WaitContext(ctx); err != nil {
			return
		}
		if free {
			trace.Log("gets through after %d looks", steps)
			c.passed[me] = true
			p.Pause(ctx, 800*time.Millisecond)
			return
		}
		p.Pause(ctx, 700*time.Millisecond)
		meet(me, steps, p.Int("lanes"))
		if _, err := c.step.WaitContext(ctx); err != nil {
			return
		}
		p.Pause(ctx, 700*time.Millisecond)
	}
}

func (c *corridor) bothPassed() error {
	if !c.passed[0] || !c.passed[1] {
		return errors.New("one of them did not get through")
	}
	return nil
}
