package explore

import (
	"math"
	"slices"
	"time"
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
		if x.same && x.tasks[x.last].cond == nil {
			x.def = x.lastPick
		} else {
			x.findMoves()
		}
		if len(x.moves) == 0 {
			if !x.passTime() {
				x.stuck()
			}
			continue
		}
		if len(x.steps) >= x.maxSteps {
			x.tooLong()
			continue
		}
		if len(x.steps)&1023 == 1023 && x.enough != nil && x.enough() {
			x.cut, x.dead = true, true
			continue
		}
		i := x.strategy.choose(x)
		if i < 0 {
			if x.cut = i == giveUpRun; x.cut {
				x.findPending()
			}
			x.pruned, x.dead = !x.cut, true
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
	if cap(x.moves) < len(x.live) {
		x.moves = make([]move, 0, 2*len(x.live))
	}
	x.moves, x.steady = x.moves[:0], true
	def, last := -1, x.last
	for _, t := range x.live {
		first := len(x.moves)
		switch t.status { //nolint:exhaustive // the others cannot go on
		case pointed:
			if c := t.cond; c == nil {
				x.addMove(t.id, 0)
			} else if c.not == nil || c.not.status == ended {
				x.addAlternatives(t)
				x.steady = false
			}
			if (def < 0 || t.id == last) && len(x.moves) > first {
				def = first
			}
		case parked:
			if x.mayGiveUp(t) {
				x.addMove(t.id, giveUp)
			}
			x.steady = x.steady && t.limit.done == nil
		}
	}
	x.def = max(def, 0)
}

// addMove adds a move. The tasks' stacks are small, and to make them larger takes as long as dozens of steps: so what
// is seldom done, and needs some, is left to functions of its own.
func (x *execution) addMove(id, alt int32) {
	if len(x.moves) == cap(x.moves) {
		x.growMoves()
	}
	x.moves = x.moves[:len(x.moves)+1]
	x.moves[len(x.moves)-1] = move{id, alt}
}

//go:noinline
func (x *execution) growMoves() { x.moves = slices.Grow(x.moves, 1) }

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
		t.preds = append(t.preds, int32(len(x.steps)-1))
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
	x.barrier = int32(len(x.steps))
	return true
}

// released notes that t, which was waiting, has been released by the last step.
func (x *execution) released(t *task) {
	last := int32(len(x.steps) - 1)
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
	x.touchUses(t)              // it waits there no more
	for _, m := range x.moves { // those before the last step
		if m.task == t.id && m.alt == giveUp {
			x.disabled = append(x.disabled, disabled{last, t.id, giveUp})
		}
	}
}

// take lets the i'th move be made, and returns its task.
func (x *execution) take(i int) *task {
	m := x.moves[i]
	t := x.tasks[m.task]
	n := len(x.steps)
	if n == cap(x.steps) {
		x.growSteps()
	}
	x.steps = x.steps[:n+1]
	s := &x.steps[n] // written in place, since to copy it would be a good part of the time that a step takes
	s.task, s.alt, s.obj, s.verb = m.task, m.alt, t.op.obj, t.op.verb
	s.dev = int32(i - x.def)
	s.dev += int32(len(x.moves)) & (s.dev >> 31) // if that is negative
	s.firstAcc, s.firstPred, s.after, s.cond = int32(len(x.accesses)), int32(len(x.preds)), 0, false
	if len(t.preds) > 0 {
		x.preds = append(x.preds, t.preds...)
		t.preds = t.preds[:0]
	}
	x.same, x.lastPick = false, i
	x.last = m.task
	if t.cond != nil || t.op.ctx.done != nil || m.alt == giveUp || x.vars || x.verbose {
		x.takeOther(t, m.alt, s)
	} else {
		x.same = x.steady
		x.touch(t.op.obj, t.op.mode)
	}
	t.lastStep = int32(n)
	t.status, t.alt = active, m.alt
	if n&255 == 255 {
		x.beat.Add(1)
	}
	return t
}

//go:noinline
func (x *execution) growSteps() { x.steps = slices.Grow(x.steps, 1) }

// takeOther is what take does where the operation is not a plain one.
func (x *execution) takeOther(t *task, alt int32, s *step) {
	if alt == giveUp {
		x.giveUp(t, s)
	} else {
		s.cond = t.conditional()
		x.same = x.steady
		x.begin(t)
	}
	if x.verbose {
		x.note(t, alt)
	}
}

// giveUp ends t's wait without success.
func (x *execution) giveUp(t *task, s *step) {
	t.gaveUp = true
	if t.timed {
		s.after = x.barrier
		x.now = max(x.now, t.deadline)
	}
	x.touchGivingUp(t)
}

func (x *execution) touchGivingUp(t *task) {
	x.touch(t.op.obj, write)
	if t.limit.done != nil {
		x.touchCtx(t.limit, t)
	}
}

// begin does what has to be done before t's operation.
func (x *execution) begin(t *task) {
	if t.cond != nil {
		for _, c := range t.cond.joins {
			x.preds = append(x.preds, c.lastStep)
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
		x.touch(x.number(t, o), write)
	}
}

// touch notes an access of the step that begins, or of the last.
func (x *execution) touch(obj int32, m mode) {
	if obj == 0 {
		return
	}
	x.accesses = append(x.accesses, access{obj, m})
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
	if x.strategy.fair() {
		x.fail(&Failure{Kind: Livelock, Message: livelockMessage(x)})
		return
	}
	x.findPending()
	x.cut, x.dead = true, true
}

// fail ends the run because of f. The first failure stands.
func (x *execution) fail(f *Failure) {
	if !x.dead {
		x.findPending()
		if x.failed != nil {
			x.failed()
		}
		f.step = len(x.steps)
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
			x.addPending(t, giveUp, func() { x.touchGivingUp(t) })
		}
	}
}

func (x *execution) addPending(t *task, alt int32, touch func()) {
	n := len(x.accesses)
	touch()
	acc := append([]access(nil), x.accesses[n:]...)
	x.accesses = x.accesses[:n]
	x.pending = append(x.pending, pending{t.id, alt, alt != giveUp && t.conditional(), acc, t.preds})
}
