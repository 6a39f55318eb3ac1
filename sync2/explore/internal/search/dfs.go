package search

import (
	"fmt"
	"strings"

	"github.com/turnstile-go/turnstile/sync2/internal/hook"
)

// A tree tries all orders, depth first. It keeps the path of the present run: at each node what could be done there,
// and what of that has been done or is to be done.
//
// With sleep sets (Godefroid) it does not try again what differs only in the order of independent steps. With reduce
// it is dynamic partial-order reduction: at first one transition of each node is to be done, and every run is looked through
// for races, pairs of dependent steps that could have come in the other order; where one is found, another transition is
// added such that they do. See analysis.
type tree struct {
	sleep  bool
	reduce bool
	bound  int         // at most so many preemptions in a run; negative: any number
	random *randomWalk // nil, or what to do where nothing is known yet, instead of the default
	path   []*node
	spare  []*node
	depth  int // of the present run
	width  int // how many branches the nodes of the path have
	begun  bool
	an     analysis

	full    bool   // all there is has been seen
	partial bool   // some runs were too long to be seen in full
	ended   int    // runs that were seen to their end
	broken  string // how the program differed from one run to the next
}

// A node is a state of the program, given by the transitions that lead to it.
type node struct {
	branches []branch
	cur      int
	def      int
	switches int // preemptions on the way here
	running  int32
}

// maxWidth is how many branches the nodes of a path may have. A run that has more is given up as too long: it takes as
// much memory as a long one.
const maxWidth = 1 << 20

// A branch is one transition of a node.
type branch struct {
	task, alt int32
	obj       int32
	verb      Verb
	state     branchState
	accesses  []Access // of its step, once it was done
}

type branchState uint8

const (
	idle   branchState = iota // there is no reason to do it
	todo                      // it is to be done
	done                      // it has been done
	asleep                    // what it leads to has been seen elsewhere
)

// NewTree returns a strategy that tries all orders with at most bound preemptions, any number if that is negative; of those
// that differ only in the order of independent steps not all with sleep sets, and few with reduce as well.
func NewTree(bound int, sleep, reduce bool) *tree {
	return &tree{bound: bound, sleep: sleep, reduce: reduce}
}

func (t *tree) Traces() int        { return t.ended }
func (t *tree) Difference() string { return t.broken }

func (t *tree) Covered() (all, bounded bool) {
	if t.partial || !t.full && t.Begin() { // begin: the budget may have ended with the last run there is
		return false, false
	}
	return t.bound < 0 && t.full, t.bound >= 0 && t.full
}

func (t *tree) Begin() bool {
	t.depth = 0
	if !t.begun {
		t.begun = true
		return true
	}
	for n := len(t.path) - 1; n >= 0 && t.broken == ""; n-- {
		if t.advance(t.path[n]) {
			return true
		}
		t.width -= len(t.path[n].branches)
		t.spare = append(t.spare, t.path[n])
		t.path = t.path[:n]
	}
	t.full = t.broken == ""
	return false
}

// advance goes on to the next branch of n that is to be done.
func (t *tree) advance(n *node) bool {
	for i := range n.branches {
		if n.branches[i].state == todo && t.allowed(n, i) {
			n.cur = i
			n.branches[i].state = done
			return true
		}
	}
	return false
}

// allowed reports whether the i'th branch of n is within the bound of preemptions.
func (t *tree) allowed(n *node, i int) bool {
	return t.bound < 0 || n.switches+n.preempts(i) <= t.bound
}

// preempts returns 1 if the i'th branch of n puts aside a task that could go on.
func (n *node) preempts(i int) int {
	d := n.branches[n.def]
	if d.task == n.running && n.branches[i].task != d.task {
		return 1
	}
	return 0
}

func (t *tree) Choose(v *View) int {
	if t.depth > 0 {
		t.learn(v)
	}
	if t.depth < len(t.path) {
		n := t.path[t.depth]
		if !t.same(n, v) {
			return -1
		}
		t.depth++
		return n.cur
	}
	if t.width+len(v.Transitions) > maxWidth {
		return TooLarge
	}
	n := t.grow(v)
	i := t.firstChoice(n)
	if i < 0 {
		t.spare = append(t.spare, n)
		return -1
	}
	n.cur = i
	n.branches[i].state = done
	t.path = append(t.path, n)
	t.width += len(n.branches)
	t.depth++
	return i
}

// learn notes what the last step did.
func (t *tree) learn(v *View) {
	b := &t.path[t.depth-1].branches[t.path[t.depth-1].cur]
	if t.sleep && b.accesses == nil && t.depth == len(t.path) {
		b.accesses = append(make([]Access, 0, 2), v.AccessesOf(t.depth-1)...)
	}
}

// same checks that the program is where it was in an earlier run.
func (t *tree) same(n *node, v *View) bool {
	ok := len(n.branches) == len(v.Transitions)
	for i := 0; ok && i < len(v.Transitions); i++ {
		b, m := &n.branches[i], v.Transitions[i]
		obj, verb := v.OperationOf(m.Task)
		ok = b.task == m.Task && b.alt == m.Alt && (m.Alt == GiveUp || b.obj == obj && b.verb == verb)
	}
	if !ok {
		t.broken = fmt.Sprintf("at step %d the program could do %s in one run and %s in another, after the same steps",
			t.depth+1, n.text(v), movesText(v))
	}
	return ok
}

// grow makes the node of the state of x, which has not been seen before.
func (t *tree) grow(v *View) *node {
	n := new(node)
	if k := len(t.spare) - 1; k >= 0 {
		n, t.spare = t.spare[k], t.spare[:k]
	}
	*n = node{branches: n.branches[:0], def: v.Default, running: v.Last}
	first := todo
	if t.reduce {
		first = idle
	}
	for _, m := range v.Transitions {
		obj, verb := v.OperationOf(m.Task)
		n.branches = append(n.branches, branch{task: m.Task, alt: m.Alt, obj: obj, verb: verb, state: first})
	}
	if len(t.path) > 0 {
		p := t.path[len(t.path)-1]
		n.switches = p.switches + p.preempts(p.cur)
		if t.sleep {
			inherit(n, p)
		}
	}
	return n
}

// inherit puts those of n's branches to sleep that were done at its parent p, or were asleep there, and that the step
// from p to n has nothing to do with.
func inherit(n, p *node) {
	last := &p.branches[p.cur]
	for i := range p.branches {
		b := &p.branches[i]
		if i == p.cur || b.state != done && b.state != asleep || b.task == last.task || Dependent(b.accesses, last.accesses) {
			continue
		}
		for j := range n.branches {
			if c := &n.branches[j]; c.task == b.task && c.alt == b.alt {
				c.state, c.accesses = asleep, b.accesses
			}
		}
	}
}

// firstChoice returns the default if that is awake, else another, less than 0 if all sleep.
func (t *tree) firstChoice(n *node) int {
	pick := -1
	if n.branches[n.def].state != asleep {
		pick = n.def
	}
	if t.random != nil {
		if i := t.random.intn(len(n.branches)); n.branches[i].state != asleep && t.allowed(n, i) {
			pick = i
		}
	}
	for i := 0; pick < 0 && i < len(n.branches); i++ {
		if n.branches[i].state != asleep && t.allowed(n, i) {
			pick = i
		}
	}
	if pick >= 0 && t.reduce { // the others of this task are no matter of order
		for i := range n.branches {
			if b := &n.branches[i]; b.task == n.branches[pick].task && b.state == idle {
				b.state = todo
			}
		}
	}
	return pick
}

func (t *tree) End(v *View) {
	if t.broken != "" {
		return
	}
	if t.depth > 0 && t.depth == len(v.Steps) {
		t.learn(v)
	}
	t.partial = t.partial || v.Cut
	if t.sleep && !v.Pruned {
		t.ended++
	}
	if t.reduce {
		t.an.run(v, t.path)
	}
}

func (t *tree) Fair() bool { return false }

// Dependent reports whether two steps cannot be exchanged.
func Dependent(a, b []Access) bool {
	for _, p := range a {
		for _, q := range b {
			if p.Obj == q.Obj && (p.Mode != hook.Read || q.Mode != hook.Read) {
				return true
			}
		}
	}
	return false
}

// text names what can be done at n.
func (n *node) text(v *View) string {
	var all []string
	for _, b := range n.branches {
		all = append(all, fmt.Sprintf("task %d: %s", b.task, v.VerbName(b.verb)))
	}
	return strings.Join(all, " | ")
}

func movesText(v *View) string {
	var all []string
	for _, m := range v.Transitions {
		_, verb := v.OperationOf(m.Task)
		all = append(all, fmt.Sprintf("task %d: %s", m.Task, v.VerbName(verb)))
	}
	return strings.Join(all, " | ")
}
