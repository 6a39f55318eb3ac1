package engine

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/turnstile-go/turnstile/sync2/explore/internal/search"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
)

// pick chooses the task that runs next, nil if none is left.
func (x *Execution) pick() *Task { //nolint:gocognit // the inner loop of each run, in which a call counts
	for {
		if n := len(x.starting) - 1; n >= 0 {
			t := x.starting[n]
			x.starting = x.starting[:n]
			return t
		}
		if x.dead {
			x.lose()
			return x.anyLive()
		}
		if Patched && news() {
			x.hear()
		}
		if t := x.due; t != nil {
			x.due = t.nextDue
			x.released(t)
			return t
		}
		if len(x.Live) >= search.Crowd && x.blind() {
			if t := x.pickBlindly(); t != nil {
				return t
			}
			continue
		}
		if x.Unchanged && x.Tasks[x.Last].Cond == nil {
			x.Default = x.lastChoice
		} else {
			x.FindTransitions()
		}
		if len(x.Transitions) == 0 {
			if !x.awaitOutside() && !x.passTime() {
				x.stuck()
			}
			continue
		}
		if (len(x.Steps) >= x.calm || isSet(&x.ticked)) && x.longEnough() {
			continue
		}
		i := x.Strategy.Choose(&x.View)
		if i < 0 {
			x.giveRunUp(i)
			continue
		}
		return x.take(i)
	}
}

// giveRunUp ends the run because the strategy, which has chosen i, does not want it to go on.
func (x *Execution) giveRunUp(i int) {
	if x.Cut = i == search.TooLarge; x.Cut {
		x.findPending()
	}
	x.Pruned, x.dead = !x.Cut, true
}

// blind makes the default transition the only one if the strategy would choose it whatever the others are.
func (x *Execution) blind() bool {
	if !x.Crowded || x.Anytime || x.bubbles != nil || x.Last < 0 {
		return false
	}
	s, ok := x.Strategy.(search.Blind)
	if !ok {
		return false
	}
	t := x.Tasks[x.Last]
	alt := t.way()
	if !s.Blind(&x.View, len(x.Live), alt >= 0) {
		return false
	}
	for i := 0; alt < 0 && i < len(x.Live); i++ {
		t = x.Live[i]
		alt = t.way()
	}
	x.Unchanged = false
	if alt < 0 {
		return false // a task may give up
	}
	x.Transitions, x.Default = append(x.Transitions[:0], search.Transition{Task: t.ID, Alt: alt}), 0
	return true
}

// way returns the first alternative of t's next operation that is possible, -1 if there is none.
func (t *Task) way() int32 {
	if t.Status != StatusPointed {
		return -1
	}
	c := t.Cond
	switch {
	case c == nil:
		return 0
	case c.not != nil && c.not.Status != StatusEnded:
		return -1
	}
	for alt := range 1 + c.Alts {
		if c.Ready == nil || c.Ready(c, alt) {
			return int32(alt)
		}
	}
	return -1
}

// pickBlindly takes the default transition and returns its task, or nil if the run has reached its limit.
func (x *Execution) pickBlindly() *Task {
	if x.longEnough() {
		return nil
	}
	t := x.take(0)
	x.Unchanged = false // nobody has checked
	return t
}

// longEnough ends the run if it has reached its limit, and reports whether it has. If not, it computes the number of
// steps up to which that need not be checked again, unless x.ticked.
func (x *Execution) longEnough() bool {
	steps := len(x.Steps)
	switch {
	case steps >= x.MaxSteps:
		x.tooLong()
	case x.Forever != nil && steps >= x.nextLook && x.lookForStuck(steps):
	case x.Patient && steps-int(x.passed) >= pace:
		x.hurry()
	case x.Linger > 0 && x.Live[0].ID != 0 && steps-int(x.mainEnd) >= x.Linger+32*len(x.Tasks):
		x.findPending()
		x.Lingered, x.dead = true, true
	case (steps&1023 == 1023 || isSet(&x.ticked) && x.ticked.Swap(false)) && x.Enough != nil && x.Enough():
		x.Cut, x.dead = true, true
	default:
		x.calm = min(x.MaxSteps, (steps+1)|1023)
		if x.Forever != nil {
			x.calm = min(x.calm, x.nextLook)
		}
		if x.Patient {
			x.calm = min(x.calm, int(x.passed)+pace)
		}
		if x.Linger > 0 && x.Live[0].ID != 0 {
			x.calm = min(x.calm, int(x.mainEnd)+x.Linger+32*len(x.Tasks))
		}
		return false
	}
	return true
}

// anyLive returns a task that still has to be ended, nil if there is none.
func (x *Execution) anyLive() *Task {
	if n := len(x.Live); n > 0 {
		return x.Live[n-1]
	}
	return nil
}

// FindTransitions finds the possible transitions, in the order of the tasks, and the default one.
func (x *Execution) FindTransitions() {
	if cap(x.Transitions) < len(x.Live) {
		x.growTransitions()
	}
	if x.Anytime {
		x.busy = x.Prompt && x.testBusy()
	}
	if x.bubbles != nil {
		x.passBubbles()
	}
	x.Transitions, x.steady = x.Transitions[:0], true
	def, last := -1, x.Last
	for _, t := range x.Live {
		first := len(x.Transitions)
		if t.Status == StatusPointed && t.Cond == nil { // most are, and should not pay for a call
			x.Transitions = append(x.Transitions, search.Transition{Task: t.ID})
		} else if !x.findWays(t) {
			continue
		}
		if def < 0 || t.ID == last {
			def = first
		}
	}
	x.Default = max(def, 0)
}

// findWays finds the transitions of t, whose next operation is not always possible, and reports whether it can perform the
// operation: giving up a wait does not count.
func (x *Execution) findWays(t *Task) bool {
	switch t.Status { //nolint:exhaustive // the others cannot run
	case StatusPointed:
		c := t.Cond
		if c.not != nil && c.not.Status != StatusEnded {
			return false
		}
		first := len(x.Transitions)
		for alt := range 1 + c.Alts {
			if c.Ready == nil || c.Ready(c, alt) {
				x.Transitions = append(x.Transitions, search.Transition{Task: t.ID, Alt: int32(alt)})
			}
		}
		x.steady = x.steady && c.not != nil && c.not.Status != StatusEnded // the task that it waits for
		return len(x.Transitions) > first
	case StatusParked:
		if x.mayGiveUp(t) {
			x.Transitions = append(x.Transitions, search.Transition{Task: t.ID, Alt: search.GiveUp})
		}
		x.steady = x.steady && t.limit.done == nil
	}
	return false
}

// passBubbles lets time pass in the bubbles.
func (x *Execution) passBubbles() {
	for _, b := range x.bubbles {
		x.passBubble(b)
	}
}

// growTransitions is a separate function, like everything that is rarely called and needs some stack: the tasks' stacks are
// small, and growing one takes as long as dozens of steps.
//
//go:noinline
func (x *Execution) growTransitions() {
	x.Transitions = make([]search.Transition, 0, 2*len(x.Live))
}

// mayGiveUp reports whether t's wait may end without success.
func (x *Execution) mayGiveUp(t *Task) bool {
	if !t.over && t.limit.done != nil && t.limit.Over() {
		t.over = true
		x.Claims.Ctx = x.Claims.Ctx || t.limit.unordered()
		t.preds = append(t.preds, int32(len(x.Steps)-1))
	}
	return t.over || t.timed && (t.deadline <= t.now() || x.early(t)) && (t.Bubble != nil || !t.vain())
}

// lateness is the maximum by which a test itself is late, and longestDelay that of other tasks, both only if x.Prompt:
// timeouts of many seconds are there so that a test does not hang forever.
const (
	lateness     = 20 * time.Millisecond
	longestDelay = 5 * time.Second
)

// early reports whether t's wait may end early. A long wait of a timer does so only if a task waits for the timer:
// otherwise a task that checks it later would be late by as much.
func (x *Execution) early(t *Task) bool {
	switch ahead := t.deadline - x.Now; {
	case !x.Anytime || t.Bubble != nil:
		return false
	case !x.Prompt:
		return true
	case x.busy || t.unawaited():
		return ahead <= lateness
	default:
		return ahead < longestDelay
	}
}

// testBusy reports whether a task that runs the test, or a subtest, can run.
func (x *Execution) testBusy() bool {
	for _, t := range x.Live {
		if t.OfTest && t.Status == StatusPointed && t.Can() {
			return true
		}
	}
	return false
}

// Can reports whether t's next operation is possible.
func (t *Task) Can() bool {
	c := t.Cond
	if c == nil || c.Ready == nil {
		return true
	}
	for alt := range 1 + c.Alts {
		if c.Ready(c, alt) {
			return true
		}
	}
	return false
}

// endOfTime is the last moment of a run. A wait that would go on beyond it ends then.
const endOfTime = time.Duration(math.MaxInt64)

// later returns the moment d after now.
func later(now, d time.Duration) time.Duration {
	if d > endOfTime-now {
		return endOfTime
	}
	return now + d
}

// passTime advances time to the next timeout, and reports whether there is one. It advances by at least a microsecond, since
// closer moments cannot be distinguished, and by more if that happens again and again: otherwise a ticker that ticks every
// nanosecond would keep everything else from running.
func (x *Execution) passTime() bool {
	next, timed := endOfTime, false
	for _, t := range x.Live {
		if t.hasTime() {
			next, timed = min(next, t.deadline), true
		}
	}
	if !timed {
		return false
	}
	if least := time.Microsecond << min(x.crept/32, 10); next >= x.Now && next-x.Now < least {
		x.crept++
		next = later(x.Now, least)
	}
	x.Now = max(x.Now, next)
	x.barrier, x.passed, x.hurried = int32(len(x.Steps)), int32(len(x.Steps)), 0
	if x.WaitsOutside() {
		x.hurried = 1 // time does not pass that fast there
	}
	return true
}

// pace is the number of steps after which time passes although tasks can run, and moment is how much passes at first.
const (
	pace   = 500
	moment = 500 * time.Microsecond
)

// hurry lets time pass although tasks can run, so that a task that only waits for that ends, such as a loop that polls a
// timer. The longer that lasts, the faster time passes: a second is over after some 30,000 steps. A wait that gives up then
// does so early, as it does while tasks wait for the outside.
func (x *Execution) hurry() {
	d := moment << min(x.hurried/8, 30)
	x.Now, x.sped = later(x.Now, d), later(x.sped, d)
	x.hurried++
	x.barrier, x.passed, x.Unchanged = int32(len(x.Steps)), int32(len(x.Steps)), false
}

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
	if x.noting() {
		x.Notes[last].Released = append(x.Notes[last].Released, t.Name)
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

// cannotGiveUp records that the last step, before which t might have given up, has made that impossible.
func (x *Execution) cannotGiveUp(t *Task) {
	for _, m := range x.Transitions { // the transitions before the last step
		if m.Task == t.ID && m.Alt == search.GiveUp {
			x.Disabled = append(x.Disabled, search.Disabled{Step: int32(len(x.Steps) - 1), Task: t.ID, Alt: search.GiveUp})
		}
	}
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

// stuck ends a run in which no task can run. If a task waits for the outside, nothing is known about the run.
func (x *Execution) stuck() {
	if x.WaitsOutside() {
		x.Stranded, x.Lingered, x.Cut, x.dead = true, x.Live[0].ID != 0, x.Live[0].ID == 0, true
		return
	}
	f := &Fault{Kind: FaultLeak}
	var left []*Task
	for _, t := range x.Live {
		if t.ID == 0 {
			f.Kind = FaultDeadlock
		}
		if !t.MayStay() {
			left = append(left, t)
		}
	}
	names := f.addWaits(x, left)
	f.Message = waitForEver(names)
	if f.Kind == FaultLeak {
		f.Message += " after main has ended"
	}
	x.silent(f, names)
	x.fail(f)
}

// mostNames is the maximum number of goroutines that a message names.
const mostNames = 8

// Some lists names, or the first of them if there are many.
func Some(names []string) string {
	if more := len(names) - mostNames; more > 1 {
		return strings.Join(names[:mostNames], ", ") + fmt.Sprintf(" and %d more", more)
	}
	return strings.Join(names, ", ")
}

// waitForEver says that the named tasks wait forever.
func waitForEver(names []string) string {
	if len(names) == 1 {
		return names[0] + " waits forever"
	}
	return Some(names) + " wait forever"
}

// tooLong ends a run that has too many steps.
func (x *Execution) tooLong() {
	if x.Strategy.Fair() && !x.Patient {
		x.fail(&Fault{Kind: FaultLivelock, Message: fmt.Sprintf("the program has not ended after %d steps under a fair scheduler", len(x.Steps))})
		return
	}
	x.findPending()
	x.Cut, x.dead = true, true
}

// fail ends the run because of f. The first fault stands.
func (x *Execution) fail(f *Fault) {
	if !x.dead {
		x.findPending()
		if x.Failed != nil {
			x.Failed(f)
		}
		f.step = len(x.Steps)
		x.Fault, x.dead = f, true
	}
}

// findPending records the next operations of the tasks of a run that ends early.
func (x *Execution) findPending() {
	for _, t := range x.Live {
		switch {
		case t.Status == StatusPointed:
			for alt := range t.ways() {
				x.addPending(t, int32(alt), func() { x.touchAll(t) })
			}
		case t.Status == StatusParked && (t.over || x.Anytime && t.hasTime()):
			x.addPending(t, search.GiveUp, func() { x.touchGivingUp(t) })
			if t.lastStep < 0 { // a timer that has never fired; what it does then is not known yet
				x.cannotGiveUp(t)
			}
		}
	}
}

func (x *Execution) addPending(t *Task, alt int32, touch func()) {
	n := len(x.Accesses)
	touch()
	acc := append([]search.Access(nil), x.Accesses[n:]...)
	x.Accesses = x.Accesses[:n]
	x.Pending = append(x.Pending, search.Pending{Task: t.ID, Alt: alt, Cond: alt != search.GiveUp && t.conditional(), Accesses: acc, Preds: t.preds})
}
