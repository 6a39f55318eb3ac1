package engine

import (
	"time"
	"unsafe"
)

// A Bubble is one of testing/synctest. Its time is its own: it stands still as long as one of the bubble's tasks is not
// durably blocked, which means that only another of the bubble can release it. Where all are, time passes up to the next
// moment when one has waited long enough.
type Bubble struct {
	P    unsafe.Pointer // what it is to the runtime
	Main *Task          // the first of its tasks
	Now  time.Duration  // since it began

	preds []int32 // the last steps that its tasks had done when time passed
}

// How a bubble has ended; the runtime knows these numbers.
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

// settled reports whether all tasks of b are durably blocked, beside but. One that waits for that is none of them.
func (x *Execution) settled(b *Bubble, but *Task) bool {
	for _, t := range x.Live {
		if t.Bubble == b && t != but && !t.durably() {
			return false
		}
	}
	return true
}

// durably reports whether t, of a bubble, is durably blocked. A timer is if it is not its time yet.
func (t *Task) durably() bool {
	switch t.Status { //nolint:exhaustive // the others are not
	case StatusParked:
		return (t.Durable || t.Kind == TaskDaemon) && !(t.timed && t.deadline <= t.Bubble.Now)
	case StatusPointed:
		return t.Cond != nil && t.Cond.Durable && !t.Cond.Ready(t.Cond, 0)
	}
	return false
}

// passBubble lets the time of b pass if it does.
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

// next returns the next moment when one has waited long enough, if there is one.
func (b *Bubble) next() (next time.Duration, timed bool) {
	next = endOfTime
	for _, t := range b.Main.Exec.Live {
		if t.Bubble == b && t.Status == StatusParked && t.timed {
			next, timed = min(next, t.deadline), true
		}
	}
	return next, timed
}

// Settled reports whether all tasks of the bubble but one are durably blocked.
//
//go:norace
func (b *Bubble) Settled(but *Task) bool { return but.Exec.settled(b, but) }

// BubbleSettled reports whether all tasks of the bubble but the one that asks are durably blocked, as synctest.Wait wants it.
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

// Over takes the bubble, in which nothing more can happen, out of the run, and says how it has ended. If not all its tasks
// have, t, which has made it, is about to panic.
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

// afterBubble has t's step come after all that the tasks of the bubble have done.
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
