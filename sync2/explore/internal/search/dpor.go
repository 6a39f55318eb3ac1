package search

import (
	"slices"

	"github.com/turnstile-go/turnstile/sync2/internal/hook"
)

// An analysis searches a run for races, and marks in the path where another transition has to be tried. It is the
// algorithm of Abdulla, Aronsson, Jonsson and Sagonas, "Optimal dynamic partial order reduction" (POPL 2014), section
// 4: source sets.
//
// Two steps are dependent if they touch the same object and not both only read it, or if one made the other possible.
// A step happens before another if a chain of dependent steps, or of steps of one task, leads from it to the other. A
// race is a pair of dependent steps of two tasks, neither of which made the other possible, with nothing between them
// in that order.
type analysis struct {
	v     *View
	path  []*node
	tasks int
	clock []int32   // for step i, at [i*tasks:], the number of steps of each task that happen before it, itself included
	last  []int32   // by task, its last step
	found []int32   // scratch
	uses  [][]usage // by object
	first []int32   // scratch: by task
	all   []int32   // by task, the number of its last step before step upTo, plus one
	upTo  int32
}

// A usage is an access of a step to an object.
type usage struct {
	step int32
	mode hook.Access
}

func (a *analysis) run(v *View, path []*node) {
	a.v, a.path, a.tasks = v, path, v.TaskCount
	n := len(v.Steps)
	a.clock = slices.Grow(a.clock[:0], (n+1)*a.tasks)[:(n+1)*a.tasks]
	a.last = a.last[:0]
	for range a.tasks {
		a.last = append(a.last, -1)
	}
	a.all, a.upTo = a.all[:0], 0
	for _, acc := range v.Accesses {
		a.makeRoom(acc.Obj)
	}
	for i := range v.Pending {
		for _, acc := range v.Pending[i].Accesses {
			a.makeRoom(acc.Obj)
		}
	}
	for i := range a.uses {
		a.uses[i] = a.uses[i][:0]
	}
	for j := range n {
		s := &v.Steps[j]
		a.step(j, s.Task, s.Alt, s.Cond, v.AccessesOf(j), v.PredsOf(j), s.After)
		a.last[s.Task] = int32(j)
		for _, acc := range v.AccessesOf(j) {
			a.uses[acc.Obj] = append(a.uses[acc.Obj], usage{int32(j), acc.Mode})
		}
	}
	for _, p := range v.Pending { // an impossible transition may be possible in another order
		a.step(n, p.Task, p.Alt, p.Cond, p.Accesses, p.Preds, 0)
	}
	for _, d := range v.Disabled {
		a.add(path[d.Step], d.Task, d.Alt)
	}
}

// makeRoom makes room for the usages of an object.
func (a *analysis) makeRoom(obj int32) {
	for int(obj) >= len(a.uses) {
		a.uses = append(a.uses, nil)
	}
}

// at returns the clock of step i.
func (a *analysis) at(i int32) []int32 { return a.clock[int(i)*a.tasks:][:a.tasks] }

// before reports whether step i happens before a step with the clock c.
func (a *analysis) before(i int32, c []int32) bool { return c[a.v.Steps[i].Task] > i }

// step computes the clock of step j and handles the races in which it is the second step.
func (a *analysis) step(j int, task, alt int32, cond bool, accesses []Access, preds []int32, after int32) {
	c := a.at(int32(j))
	clear(c)
	if p := a.last[task]; p >= 0 {
		copy(c, a.at(p))
	}
	for _, p := range preds {
		if p >= 0 {
			join(c, a.at(p))
		}
	}
	if after > 0 {
		join(c, a.allBefore(after))
	}
	a.found = a.found[:0]
	for _, acc := range accesses {
		a.conflicts(acc, cond)
	}
	slices.Sort(a.found)
	a.found = slices.Compact(a.found)
	blocked := a.found[:0:0]
	for _, i := range slices.Backward(a.found) {
		if a.before(i, c) {
			continue
		}
		if cond && a.v.Steps[i].Verb.Access() == hook.AccessRelease {
			blocked = append(blocked, i)
			continue
		}
		a.race(i, j, task, alt, c)
		if cond && a.path[i].find(task, alt) == nil {
			blocked = append(blocked, i) // it may have made the transition possible
			continue
		}
		join(c, a.at(i))
	}
	for _, i := range blocked {
		join(c, a.at(i))
	}
	c[task] = int32(j) + 1
}

// allBefore returns the clock of an event that all steps before step j happen before. It is not joined from theirs: with
// thousands of timers, that would take time quadratic in the number of steps, for each task.
func (a *analysis) allBefore(j int32) []int32 {
	if len(a.all) == 0 || j < a.upTo {
		a.all, a.upTo = append(a.all[:0], make([]int32, a.tasks)...), 0
	}
	for ; a.upTo < j; a.upTo++ {
		a.all[a.v.Steps[a.upTo].Task] = a.upTo + 1
	}
	return a.all
}

// conflicts adds to found the steps on which acc depends directly: the last write, and for a write the reads since.
//
// If acc belongs to a conditional transition, all steps are added: the last may have made the transition possible,
// such as an unlock before a lock; then the two cannot be exchanged, but an earlier step and the transition can.
func (a *analysis) conflicts(acc Access, cond bool) {
	uses := a.uses[acc.Obj]
	for _, use := range slices.Backward(uses) {
		if use.mode == hook.AccessRead && acc.Mode == hook.AccessRead {
			continue
		}
		a.found = append(a.found, use.step)
		if use.mode != hook.AccessRead && !cond {
			return
		}
	}
}

// race makes sure that step j, of the given task and alternative, is tried before step i.
func (a *analysis) race(i int32, j int, task, alt int32, c []int32) {
	n := a.path[i]
	a.first = a.first[:0]
	for range a.tasks {
		a.first = append(a.first, -1)
	}
	pick, pickAlt := int32(-1), int32(0)
	consider := func(k int32, task, alt int32, clock []int32) (covered bool) {
		if a.first[task] >= 0 {
			return false
		}
		a.first[task] = k
		for q, f := range a.first {
			if int32(q) != task && f >= 0 && clock[q] > f {
				return false // a step that comes before v does
			}
		}
		b := n.find(task, alt)
		if b != nil && b.state != idle {
			return true
		}
		if pick < 0 || k == int32(j) {
			pick, pickAlt = task, alt
		}
		return false
	}
	for k := i + 1; k < int32(j); k++ {
		s := &a.v.Steps[k]
		if a.before(i, a.at(k)) {
			continue
		}
		if consider(k, s.Task, s.Alt, a.at(k)) {
			return
		}
	}
	if consider(int32(j), task, alt, c) {
		return
	}
	a.add(n, pick, pickAlt)
}

// add adds a transition of n to its backtrack set, or all possible ones if that one is not possible.
func (a *analysis) add(n *node, task, alt int32) {
	b := n.find(task, alt)
	if b == nil {
		for i := range n.transitions {
			if n.transitions[i].state == idle {
				n.transitions[i].state = backtrack
			}
		}
		return
	}
	for i := range n.transitions { // its alternatives do not differ in order
		if o := &n.transitions[i]; o.task == task && o.state == idle && (o.alt == GiveUp) == (b.alt == GiveUp) {
			o.state = backtrack
		}
	}
}

// find returns the given transition of n, or another alternative of the same operation, which is what the task would do there
// instead; nil if the task can do nothing there.
func (n *node) find(task, alt int32) *nodeTransition {
	var other *nodeTransition
	for i := range n.transitions {
		if b := &n.transitions[i]; b.task == task {
			if b.alt == alt {
				return b
			}
			other = b
		}
	}
	return other
}

func join(c, d []int32) {
	for i, v := range d {
		if v > c[i] {
			c[i] = v
		}
	}
}
