package engine

import (
	"time"
	"unsafe"
)

// A Bubble is a bubble of testing/synctest. It has a clock of its own, which stands still while any of the bubble's
// tasks is not durably blocked: blocked such that only another task of the bubble can release it. When all are, time
// advances to the next timeout.
type Bubble struct {
	P    unsafe.Pointer // the runtime's bubble
	Main *Task          // the first of its tasks
	Now  time.Duration  // since it began

	preds []int32 // the last steps of its tasks when time advanced
}

// The ways in which a bubble ends; the runtime knows these numbers.
const (
	BubbleOver    = iota
	BubbleRemains // its main task has ended, and others wait forever
	BubbleBlocked // all its tasks wait forever
)

// NewBubble returns a bubble without tasks.
//
//go:norace
func (x *Execution) NewBubble(p unsafe.Pointer) *Bubble {
	b := &Bubble{P: p}
	x.bubbles = append(x.bubbles, b)
	return b
}

// bubbleOf returns the bubble of a task, which may be nil.
func bubbleOf(t *Task) *Bubble {
	if t == nil {
		return nil
	}
	return t.Bubble
}

// now returns the time for t.
func (t *Task) now() time.Duration {
	if t.Bubble != nil {
		return t.Bubble.Now
	}
	return t.Exec.Now
}

// hasTime reports whether t waits for the time of the run to pass.
func (t *Task) hasTime() bool {
	return t.Status == StatusParked && t.timed && t.Bubble == nil && !t.vain()
}

// settled reports whether all tasks of b except but are durably blocked. A task that waits for exactly that does not
// count.
func (x *Execution) settled(b *Bubble, but *Task) bool {
	for _, t := range x.Live {
		if t.Bubble == b && t != but && !t.durably() {
			return false
		}
	}
	return true
}

// durably reports whether t, of a bubble, is durably blocked. A timer is, until its time comes.
func (t *Task) durably() bool {
	switch t.Status { //nolint:exhaustive // the others are not
	case StatusParked:
		return (t.Durable || t.Kind == TaskDaemon) && !(t.timed && t.deadline <= t.Bubble.Now)
	case StatusPointed:
		return t.Cond != nil && t.Cond.Durable && !t.Cond.Ready(t.Cond, 0)
	}
	return false
}

// passBubble advances the time of b if it may advance.
func (x *Execution) passBubble(b *Bubble) {
	if b.Main == nil || b.Main.Status == StatusEnded || !x.settled(b, nil) {
		return
	}
	next, timed := b.next()
	if !timed {
		return
	}
	b.Now = max(b.Now, next)
	b.preds = b.preds[:0]
	for _, t := range x.Tasks[:x.TaskCount] {
		if t.Bubble == b {
			b.preds = append(b.preds, t.lastStep)
		}
	}
}

// next returns the time of the next timeout, if there is one.
func (b *Bubble) next() (next time.Duration, timed bool) {
	next = endOfTime
	for _, t := range b.Main.Exec.Live {
		if t.Bubble == b && t.Status == StatusParked && t.timed {
			next, timed = min(next, t.deadline), true
		}
	}
	return next, timed
}

// Settled reports whether all tasks of the bubble except but are durably blocked.
//
//go:norace
func (b *Bubble) Settled(but *Task) bool { return but.Exec.settled(b, but) }

// BubbleSettled reports whether all tasks of the bubble except the calling one are durably blocked, as synctest.Wait requires.
//
//go:norace
func (c *Condition) BubbleSettled(int) bool { return c.Bubble.Settled(c.Of.(*Task)) }

// BubbleOver reports whether nothing more can happen in the bubble.
//
//go:norace
func (c *Condition) BubbleOver(int) bool {
	b := c.Bubble
	if !b.Main.Exec.settled(b, nil) {
		return false
	}
	_, timed := b.next()
	return b.Main.Status == StatusEnded || !timed
}

// Over removes the bubble, in which nothing more can happen, from the run, and returns how it ended. If some of its tasks
// have not ended, t, which made it, is about to panic.
//
//go:norace
func (b *Bubble) Over(t *Task) (how uint8) {
	x := b.Main.Exec
	for i, o := range x.bubbles {
		if o == b {
			x.bubbles = append(x.bubbles[:i], x.bubbles[i+1:]...)
			break
		}
	}
	f := &Fault{Kind: FaultDeadlock, In: b}
	var left []*Task
	for _, o := range x.Live {
		if o.Bubble == b && o.Kind != TaskDaemon {
			left = append(left, o)
		}
	}
	if len(left) == 0 {
		return BubbleOver
	}
	names := f.addWaits(x, left)
	how, f.Message = BubbleBlocked, "all goroutines in bubble are blocked: "
	if b.Main.Status == StatusEnded {
		how, f.Message = BubbleRemains, "main bubble goroutine has exited but blocked goroutines remain: "
	}
	f.Message += waitForEver(names)
	t.stuck = f
	return how
}

// afterBubble orders t's step after everything that the tasks of the bubble have done.
func (x *Execution) afterBubble(t *Task, b *Bubble) {
	for _, o := range x.Tasks[:x.TaskCount] {
		if o.Bubble == b && o != t {
			x.Preds = append(x.Preds, o.lastStep)
			if x.HasVars {
				t.Clock.join(o.Clock)
			}
		}
	}
}
