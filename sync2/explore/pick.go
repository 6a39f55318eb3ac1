package explore

import (
	"math"
	"slices"
	"time"

	"github.com/turnstile-go/turnstile/sync2/explore/internal/search"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
)

// pick chooses the task that runs next, nil if none is left.
func (x *execution) pick() *task {
	for {
		if n := len(x.starting) - 1; n >= 0 {
			t := x.starting[n]
			x.starting = x.starting[:n]
			return t
		}
		if x.dead {
			return x.anyLive()
		}
		if t := x.due; t != nil {
			x.due = t.nextDue
			x.released(t)
			return t
		}
		if x.same && x.tasks[x.Last].cond == nil {
			x.Default = x.lastPick
		} else {
			x.findMoves()
		}
		if len(x.Transitions) == 0 {
			if !x.passTime() {
				x.stuck()
			}
			continue
		}
		if len(x.Steps) >= x.maxSteps {
			x.tooLong()
			continue
		}
		if len(x.Steps)&1023 == 1023 && x.enough != nil && x.enough() {
			x.Cut, x.dead = true, true
			continue
		}
		i := x.strategy.Choose(&x.View)
		if i < 0 {
			if x.Cut = i == search.TooLarge; x.Cut {
				x.findPending()
			}
			x.Pruned, x.dead = !x.Cut, true
			continue
		}
		return x.take(i)
	}
}

// anyLive returns a task that has to be got rid of, nil if there is none.
func (x *execution) anyLive() *task {
	if n := len(x.live); n > 0 {
		return x.live[n-1]
	}
	return nil
}

// findMoves finds what can be done, in the order of the tasks, and what is done by default.
func (x *execution) findMoves() {
	if cap(x.Transitions) < len(x.live) {
		x.Transitions = make([]search.Transition, 0, 2*len(x.live))
	}
	x.Transitions, x.steady = x.Transitions[:0], true
	def, last := -1, x.Last
	for _, t := range x.live {
		first := len(x.Transitions)
		switch t.status { //nolint:exhaustive // the others cannot go on
		case pointed:
			if c := t.cond; c == nil {
				x.addMove(t.id, 0)
			} else if c.not == nil || c.not.status == ended {
				x.addAlternatives(t)
				x.steady = false
			}
			if (def < 0 || t.id == last) && len(x.Transitions) > first {
				def = first
			}
		case parked:
			if x.mayGiveUp(t) {
				x.addMove(t.id, search.GiveUp)
			}
			x.steady = x.steady && t.limit.done == nil
		}
	}
	x.Default = max(def, 0)
}

// addMove adds a move. The tasks' stacks are small, and to make them larger takes as long as dozens of steps: so what
// is seldom done, and needs some, is left to functions of its own.
func (x *execution) addMove(id, alt int32) {
	if len(x.Transitions) == cap(x.Transitions) {
		x.growMoves()
	}
	x.Transitions = x.Transitions[:len(x.Transitions)+1]
	x.Transitions[len(x.Transitions)-1] = search.Transition{Task: id, Alt: alt}
}

//go:noinline
func (x *execution) growMoves() { x.Transitions = slices.Grow(x.Transitions, 1) }

// addAlternatives adds what t can do, which has a condition.
func (x *execution) addAlternatives(t *task) {
	c := t.cond
	for alt := range 1 + c.alts {
		if c.ready == nil || c.ready(c, alt) {
			x.addMove(t.id, int32(alt))
		}
	}
}

// mayGiveUp reports whether t's wait may end without success.
func (x *execution) mayGiveUp(t *task) bool {
	if !t.over && t.limit.done != nil && t.limit.over() {
		t.over = true
		x.claims.ctx = x.claims.ctx || t.limit.unordered()
		t.preds = append(t.preds, int32(len(x.Steps)-1))
	}
	return t.over || t.timed && (x.anytime || t.deadline <= x.now)
}

// endOfTime is the last moment of a run. A wait that would go on beyond it ends then.
const endOfTime = time.Duration(math.MaxInt64)

// later returns the moment that comes d after now.
func later(now, d time.Duration) time.Duration {
	if d > endOfTime-now {
		return endOfTime
	}
	return now + d
}

// passTime lets time go by up to the next moment when a wait gives up, and reports whether there is one.
func (x *execution) passTime() bool {
	next, timed := endOfTime, false
	for _, t := range x.live {
		if t.status == parked && t.timed {
			next, timed = min(next, t.deadline), true
		}
	}
	if !timed {
		return false
	}
	x.now = max(x.now, next)
	x.barrier = int32(len(x.Steps))
	return true
}

// released notes that t, which was waiting, has been released by the last step.
func (x *execution) released(t *task) {
	last := int32(len(x.Steps) - 1)
	x.same = false
	t.gaveUp = t.limitOver() // both at once: the primitive has to find out that it was granted
	t.woken = t.gaveUp
	if last < 0 {
		return
	}
	t.preds = append(t.preds, last)
	if x.verbose {
		x.notes[last].released = append(x.notes[last].released, t.name)
	}
	if t.waker != nil && x.vars {
		t.clock.join(t.waker.clock)
		x.tick(t.waker)
	}
	if t.limit.done != nil {
		x.touchCtx(t.limit, t)
	}
	x.touchUses(t)                    // it waits there no more
	for _, m := range x.Transitions { // those before the last step
		if m.Task == t.id && m.Alt == search.GiveUp {
			x.Disabled = append(x.Disabled, search.Disabled{Step: last, Task: t.id, Alt: search.GiveUp})
		}
	}
}

// take lets the i'th move be made, and returns its task.
func (x *execution) take(i int) *task {
	m := x.Transitions[i]
	t := x.tasks[m.Task]
	n := len(x.Steps)
	if n == cap(x.Steps) {
		x.growSteps()
	}
	x.Steps = x.Steps[:n+1]
	s := &x.Steps[n] // written in place, since to copy it would be a good part of the time that a step takes
	s.Task, s.Alt, s.Obj, s.Verb = m.Task, m.Alt, t.op.obj, t.op.verb
	s.Deviation = int32(i - x.Default)
	s.Deviation += int32(len(x.Transitions)) & (s.Deviation >> 31) // if that is negative
	s.FirstAccess, s.FirstPred, s.After, s.Cond = int32(len(x.Accesses)), int32(len(x.Preds)), 0, false
	if len(t.preds) > 0 {
		x.Preds = append(x.Preds, t.preds...)
		t.preds = t.preds[:0]
	}
	x.same, x.lastPick = false, i
	x.Last = m.Task
	if t.cond != nil || t.op.ctx.done != nil || m.Alt == search.GiveUp || x.vars || x.verbose {
		x.takeOther(t, m.Alt, s)
	} else {
		x.same = x.steady
		x.touch(t.op.obj, t.op.mode)
	}
	t.lastStep = int32(n)
	t.status, t.alt = active, m.Alt
	if n&255 == 255 {
		x.beat.Add(1)
	}
	return t
}

//go:noinline
func (x *execution) growSteps() { x.Steps = slices.Grow(x.Steps, 1) }

// takeOther is what take does where the operation is not a plain one.
func (x *execution) takeOther(t *task, alt int32, s *search.Step) {
	if alt == search.GiveUp {
		x.giveUp(t, s)
	} else {
		s.Cond = t.conditional()
		x.same = x.steady
		x.begin(t)
	}
	if x.verbose {
		x.note(t, alt)
	}
}

// giveUp ends t's wait without success.
func (x *execution) giveUp(t *task, s *search.Step) {
	t.gaveUp = true
	if t.timed {
		s.After = x.barrier
		x.now = max(x.now, t.deadline)
	}
	x.touchGivingUp(t)
}

func (x *execution) touchGivingUp(t *task) {
	x.touch(t.op.obj, hook.Write)
	if t.limit.done != nil {
		x.touchCtx(t.limit, t)
	}
}

// begin does what has to be done before t's operation.
func (x *execution) begin(t *task) {
	if t.cond != nil {
		for _, c := range t.cond.joins {
			x.Preds = append(x.Preds, c.lastStep)
			t.clock.join(c.clock)
		}
	}
	x.touchAll(t)
	if x.vars {
		x.tick(t)
		x.synchronize(t, &t.op)
	}
}

// touchAll notes what the operation of t touches.
func (x *execution) touchAll(t *task) {
	op := &t.op
	if op.obj != 0 {
		x.touch(op.obj, op.mode)
	}
	if op.ctx.done != nil {
		x.claims.ctx = x.claims.ctx || op.ctx.over() && op.ctx.unordered()
		x.touchCtx(op.ctx, t)
	}
	x.touchUses(t)
}

func (x *execution) touchUses(t *task) {
	if t.cond == nil {
		return
	}
	for _, o := range t.cond.uses {
		x.touch(x.number(t, o), hook.Write)
	}
}

// touch notes an access of the step that begins, or of the last.
func (x *execution) touch(obj int32, m hook.Access) {
	if obj == 0 {
		return
	}
	x.Accesses = append(x.Accesses, search.Access{Obj: obj, Mode: m})
}

// stuck ends a run in which nobody can go on.
func (x *execution) stuck() {
	kind := Leak
	for _, t := range x.live {
		if t.id == 0 {
			kind = Deadlock
		}
	}
	x.fail(stuckFailure(x, kind))
}

// tooLong ends a run that has too many steps.
func (x *execution) tooLong() {
	if x.strategy.Fair() {
		x.fail(&Failure{Kind: Livelock, Message: livelockMessage(x)})
		return
	}
	x.findPending()
	x.Cut, x.dead = true, true
}

// fail ends the run because of f. The first failure stands.
func (x *execution) fail(f *Failure) {
	if !x.dead {
		x.findPending()
		if x.failed != nil {
			x.failed()
		}
		f.step = len(x.Steps)
		x.failure, x.dead = f, true
	}
}

// findPending notes what the tasks of a run that ends before its time were about to do.
func (x *execution) findPending() {
	for _, t := range x.live {
		switch {
		case t.status == pointed:
			for alt := range t.ways() {
				x.addPending(t, int32(alt), func() { x.touchAll(t) })
			}
		case t.status == parked && (t.over || x.anytime && t.timed):
			x.addPending(t, search.GiveUp, func() { x.touchGivingUp(t) })
		}
	}
}

func (x *execution) addPending(t *task, alt int32, touch func()) {
	n := len(x.Accesses)
	touch()
	acc := append([]search.Access(nil), x.Accesses[n:]...)
	x.Accesses = x.Accesses[:n]
	x.Pending = append(x.Pending, search.Pending{Task: t.id, Alt: alt, Cond: alt != search.GiveUp && t.conditional(), Accesses: acc, Preds: t.preds})
}
