package engine

import (
	"slices"

	"github.com/turnstile-go/turnstile/sync2/explore/internal/search"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
)

// released records that the last step has released t, which was waiting.
func (x *Execution) released(t *Task) {
	last := int32(len(x.Steps) - 1)
	x.Unchanged = false
	t.gaveUp = t.limitOver() // both at once: the primitive has to find out that it was granted
	t.woken = t.gaveUp
	if last < 0 {
		return
	}
	t.preds = append(t.preds, last)
	if n := x.noteOf(last); n != nil {
		n.Released = append(n.Released, t.Name)
	}
	if t.waker != nil && x.HasVars {
		t.Clock.join(t.waker.Clock)
		x.tick(t.waker)
	}
	if t.limit.done != nil {
		x.touchCtx(t.limit, t)
	}
	x.touchUses(t) // it no longer waits there
	x.cannotGiveUp(t)
}

// take takes the i'th transition, and returns its task.
func (x *Execution) take(i int) *Task {
	m := x.Transitions[i]
	t := x.Tasks[m.Task]
	n := len(x.Steps)
	if n == cap(x.Steps) {
		x.growSteps()
	}
	steps := x.Steps[:n+1]
	x.Steps = steps
	s := &steps[n] // written in place, since copying it would be a good part of the cost of a step
	s.Task, s.Alt, s.Obj, s.Verb = m.Task, m.Alt, t.Op.Obj, t.Op.Verb
	d := i - x.Default
	if d < 0 {
		d += len(x.Transitions)
	}
	s.Deviation = int32(d)
	s.FirstAccess, s.FirstPred, s.After, s.Cond = int32(len(x.Accesses)), int32(len(x.Preds)), 0, false
	if len(t.preds) > 0 {
		x.Preds = append(x.Preds, t.preds...)
		t.preds = t.preds[:0]
	}
	x.Unchanged, x.lastChoice = false, i
	x.Last = m.Task
	if t.Cond != nil || t.Op.ctx.done != nil || m.Alt == search.GiveUp || x.HasVars || x.Verbose {
		x.takeOther(t, m.Alt, s)
	} else {
		x.Unchanged = x.steady
		x.touch(t.Op.Obj, t.Op.mode)
	}
	t.lastStep = int32(n)
	t.Status, t.Alt = StatusActive, m.Alt
	if n&255 == 255 {
		x.beat()
	}
	return t
}

//go:noinline
func (x *Execution) beat() { x.Beat.Add(1) }

//go:noinline
func (x *Execution) growSteps() { x.Steps = slices.Grow(x.Steps, 1) }

// takeOther is take for an operation that is not a plain one.
func (x *Execution) takeOther(t *Task, alt int32, s *search.Step) {
	if alt == search.GiveUp {
		x.giveUp(t, s)
	} else {
		if c := t.Cond; c != nil {
			if c.expect != nil {
				x.waitFor(t)
			}
			if c.Joins != nil || c.Bubble != nil {
				x.join(t, c)
			}
			s.Cond = c.Ready != nil
		}
		x.Unchanged = x.steady
		x.touchAll(t)
		if x.HasVars {
			x.tick(t)
			x.synchronize(t, &t.Op)
		}
	}
	if x.noting() {
		x.note(t, alt)
	}
}

// giveUp ends t's wait without success.
func (x *Execution) giveUp(t *Task, s *search.Step) {
	t.gaveUp = true
	switch {
	case !t.timed:
	case t.Bubble != nil:
		x.Preds = append(x.Preds, t.Bubble.preds...)
	default:
		s.After = x.barrier
		if t.deadline > x.Now || x.hurried > 0 || len(x.Early) > 0 { // if one has, all see another time
			x.Early = append(x.Early, int32(len(x.Steps)-1))
			x.Leapt = x.Leapt || t.deadline-x.Now > lateness || x.hurried > 0
		}
		x.Now = max(x.Now, t.deadline)
	}
	x.touchGivingUp(t)
}

func (x *Execution) touchGivingUp(t *Task) {
	x.touch(t.Op.Obj, hook.AccessWrite)
	if t.limit.done != nil {
		x.touchCtx(t.limit, t)
	}
}

// join orders t's operation after what its condition waits for.
func (x *Execution) join(t *Task, c *Condition) {
	for _, j := range c.Joins {
		x.Preds = append(x.Preds, j.lastStep)
		t.Clock.join(j.Clock)
	}
	if c.Bubble != nil {
		x.afterBubble(t, c.Bubble)
	}
}

// touchAll records the objects that t's operation touches.
func (x *Execution) touchAll(t *Task) {
	op := &t.Op
	if op.Obj != 0 {
		x.touch(op.Obj, op.mode)
	}
	if op.ctx.done != nil {
		x.Claims.Ctx = x.Claims.Ctx || op.ctx.Over() && op.ctx.unordered()
		x.touchCtx(op.ctx, t)
	}
	x.touchUses(t)
}

func (x *Execution) touchUses(t *Task) {
	if t.Cond == nil {
		return
	}
	for _, obj := range t.uses {
		x.touch(obj, hook.AccessWrite)
	}
}

// touch records an access of the step that begins, or of the last one.
func (x *Execution) touch(obj int32, m hook.Access) {
	if obj != 0 {
		x.Accesses = append(x.Accesses, search.Access{Obj: obj, Mode: m})
	}
}
