package search

import (
	"fmt"
	"strings"

	"github.com/turnstile-go/turnstile/sync2/internal/hook"
)

// A tree tries all orders, depth first. It keeps the path of the present run: at each node the transitions that are
// possible there, and which of them have been done or are in its backtrack set.
//
// With sleep sets (Godefroid) it does not try again what differs only in the order of independent steps. With reduce
// it is dynamic partial-order reduction: at first the backtrack set of each node holds one transition, and every run is
// looked through for races, pairs of dependent steps that could have come in the other order; where one is found,
// another transition is added to a backtrack set such that they do. See analysis.
type tree struct {
	sleep  bool
	reduce bool
	bound  int         // the greatest number of preemptions in a run; negative: no limit
	random *randomWalk // nil, or what to do where nothing is known yet, instead of the default
	path   []*node
	spare  []*node
	depth  int // of the present run
	width  int // how many transitions the nodes of the path have
	begun  bool
	an     analysis

	full    bool   // all there is has been seen
	partial bool   // some runs were too long to be seen in full
	ended   int    // runs that were seen to their end
	broken  string // how the program differed from one run to the next
}

// A node is a state of the program, given by the transitions that lead to it.
type node struct {
	transitions []nodeTransition
	cur         int
	def         int
	switches    int // preemptions on the way here
	running     int32
}

// maxWidth is how many transitions the nodes of a path may have. A run that has more is given up as too long: it takes
// as much memory as a long one.
const maxWidth = 1 << 20

// A nodeTransition is one that is possible at a node, and what is known of it there.
type nodeTransition struct {
	task, alt int32
	op        Operation
	state     transitionState
	accesses  []Access // of its step, once it was done
}

// A transitionState says what is to become of a transition of a node.
type transitionState uint8

const (
	idle      transitionState = iota // there is no reason to do it
	backtrack                        // it is in the backtrack set: to be done
	done                             // it has been done
	sleeping                         // it is in the sleep set: what it leads to has been seen elsewhere
)

// NewTree returns a strategy that tries all orders with at most bound preemptions, any number if that is negative; of those
// that differ only in the order of independent steps not all with sleep sets, and few with reduce as well.
func NewTree(bound int, sleep, reduce bool) Systematic { return newTree(bound, sleep, reduce) }

func newTree(bound int, sleep, reduce bool) *tree {
	return &tree{bound: bound, sleep: sleep, reduce: reduce}
}

func (t *tree) Traces() int        { return t.ended }
func (t *tree) Difference() string { return t.broken }

func (t *tree) Covered() (all, bounded bool) {
	if t.partial || !t.begun || !t.full && t.Begin() { // begin: the budget may have ended with the last run there is
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
		t.width -= len(t.path[n].transitions)
		t.spare = append(t.spare, t.path[n])
		t.path = t.path[:n]
	}
	t.full = t.broken == ""
	return false
}

// advance goes on to the next transition in the backtrack set of n.
func (t *tree) advance(n *node) bool {
	for i := range n.transitions {
		if n.transitions[i].state == backtrack && t.allowed(n, i) {
			n.cur = i
			n.transitions[i].state = done
			return true
		}
	}
	return false
}

// allowed reports whether the i'th transition of n is within the bound of preemptions.
func (t *tree) allowed(n *node, i int) bool {
	return t.bound < 0 || n.switches+n.preempts(i) <= t.bound
}

// preempts returns 1 if the i'th transition of n puts aside a task that could go on.
func (n *node) preempts(i int) int {
	d := n.transitions[n.def]
	if d.task == n.running && n.transitions[i].task != d.task {
		return 1
	}
	return 0
}

func (t *tree) Choose(v *View) int {
	if t.depth < len(t.path) { // what the steps before did is known
		n := t.path[t.depth]
		if !t.same(n, v) {
			return -1
		}
		t.depth++
		return n.cur
	}
	if t.depth > 0 {
		t.learn(v)
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
	n.transitions[i].state = done
	t.path = append(t.path, n)
	t.width += len(n.transitions)
	t.depth++
	return i
}

// learn notes what the last step did.
func (t *tree) learn(v *View) {
	if !t.sleep || t.depth != len(t.path) {
		return
	}
	b := &t.path[t.depth-1].transitions[t.path[t.depth-1].cur]
	if b.accesses == nil {
		b.accesses = append(make([]Access, 0, 2), v.AccessesOf(t.depth-1)...)
	}
}

// same checks that the program is where it was in an earlier run.
func (t *tree) same(n *node, v *View) bool {
	ok := len(n.transitions) == len(v.Transitions)
	for i := 0; ok && i < len(v.Transitions); i++ {
		b, m := &n.transitions[i], v.Transitions[i]
		ok = b.task == m.Task && b.alt == m.Alt && (m.Alt == GiveUp || b.op == *v.Operations[m.Task])
	}
	if !ok {
		t.broken = fmt.Sprintf("at step %d the program could do %s in one run and %s in another, after the same steps",
			t.depth+1, n.text(v), transitionsText(v))
	}
	return ok
}

// grow makes the node of the state of x, which has not been seen before.
func (t *tree) grow(v *View) *node {
	var n *node
	if k := len(t.spare) - 1; k >= 0 {
		n, t.spare = t.spare[k], t.spare[:k]
	} else {
		n = new(node)
	}
	*n = node{transitions: n.transitions[:0], def: v.Default, running: v.Last}
	first := backtrack
	if t.reduce {
		first = idle
	}
	for _, m := range v.Transitions {
		n.transitions = append(n.transitions, nodeTransition{task: m.Task, alt: m.Alt, op: *v.Operations[m.Task], state: first})
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

// inherit puts those of n's transitions into its sleep set that were done at its parent p, or slept there, and that the
// step from p to n has nothing to do with.
func inherit(n, p *node) {
	last := &p.transitions[p.cur]
	for i := range p.transitions {
		b := &p.transitions[i]
		if i == p.cur || b.state != done && b.state != sleeping || b.task == last.task || Dependent(b.accesses, last.accesses) {
			continue
		}
		for j := range n.transitions {
			if c := &n.transitions[j]; c.task == b.task && c.alt == b.alt {
				c.state, c.accesses = sleeping, b.accesses
			}
		}
	}
}

// firstChoice returns the default if that is awake, else another, less than 0 if all sleep.
func (t *tree) firstChoice(n *node) int {
	pick := -1
	if n.transitions[n.def].state != sleeping {
		pick = n.def
	}
	if t.random != nil {
		if i := t.random.intn(len(n.transitions)); n.transitions[i].state != sleeping && t.allowed(n, i) {
			pick = i
		}
	}
	for i := 0; pick < 0 && i < len(n.transitions); i++ {
		if n.transitions[i].state != sleeping && t.allowed(n, i) {
			pick = i
		}
	}
	if pick >= 0 && t.reduce { // the others of this task are no matter of order
		for i := range n.transitions {
			if b := &n.transitions[i]; b.task == n.transitions[pick].task && b.state == idle {
				b.state = backtrack
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
			if p.Obj == q.Obj && (p.Mode != hook.AccessRead || q.Mode != hook.AccessRead) {
				return true
			}
		}
	}
	return false
}

// text names what can be done at n.
func (n *node) text(v *View) string {
	var all []string
	for _, b := range n.transitions {
		all = append(all, fmt.Sprintf("task %d: %s", b.task, v.VerbName(b.op.Verb)))
	}
	return strings.Join(all, " | ")
}

func transitionsText(v *View) string {
	var all []string
	for _, m := range v.Transitions {
		all = append(all, fmt.Sprintf("task %d: %s", m.Task, v.VerbName(v.Operations[m.Task].Verb)))
	}
	return strings.Join(all, " | ")
}
