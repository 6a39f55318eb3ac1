package search

import (
	"fmt"
	"strings"

	"github.com/turnstile-go/turnstile/sync2/internal/hook"
)

// A tree tries all schedules, depth first. It keeps the path of the present run: at each node the transitions that are
// possible there, and which of them have been done or are in its backtrack set.
//
// With sleep sets (Godefroid) it does not try schedules again that differ only in the order of independent steps. With
// reduce it is dynamic partial-order reduction: at first the backtrack set of each node holds one transition, and every
// run is searched for races, pairs of dependent steps that could have come in the other order; for each race, a
// transition that reverses it is added to a backtrack set. See analysis.
type tree struct {
	sleep  bool
	reduce bool
	bound  int         // the greatest number of preemptions in a run; negative: no limit
	random *randomWalk // nil, or the strategy for new nodes, instead of the default
	path   []*node
	spare  []*node
	depth  int // of the present run
	width  int // number of transitions of the nodes of the path
	begun  bool
	an     analysis

	full    bool   // everything has been covered
	partial bool   // some runs were too long to complete
	ended   int    // completed runs
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

// maxWidth is the maximum number of transitions of the nodes of a path. A run with more is abandoned as too long: it
// takes as much memory as a long one.
const maxWidth = 1 << 20

// A nodeTransition is a transition that is possible at a node, and what is known about it there.
type nodeTransition struct {
	task, alt int32
	op        Operation
	state     transitionState
	accesses  []Access // of its step, once it was taken
}

// A transitionState is the state of a transition of a node.
type transitionState uint8

const (
	idle      transitionState = iota // there is no reason to take it
	backtrack                        // in the backtrack set: to be taken
	done                             // it has been taken
	sleeping                         // in the sleep set: what it leads to has been covered elsewhere
)

// NewTree returns a strategy that tries all schedules with at most bound preemptions, or any number if bound is
// negative. Among schedules that differ only in the order of independent steps, it skips some with sleep sets, and most
// with reduce as well.
func NewTree(bound int, sleep, reduce bool) Systematic { return newTree(bound, sleep, reduce) }

func newTree(bound int, sleep, reduce bool) *tree {
	return &tree{bound: bound, sleep: sleep, reduce: reduce}
}

func (t *tree) Traces() int        { return t.ended }
func (t *tree) Difference() string { return t.broken }

func (t *tree) Covered() (all, bounded bool) {
	if t.partial || !t.begun || !t.full && t.Begin() { // begin here, since the budget may end with the last possible run
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

// preempts returns 1 if the i'th transition of n preempts a task that could continue.
func (n *node) preempts(i int) int {
	d := n.transitions[n.def]
	if d.task == n.running && n.transitions[i].task != d.task {
		return 1
	}
	return 0
}

func (t *tree) Choose(v *View) int {
	if t.depth < len(t.path) { // the effects of the earlier steps are known
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

// learn records what the last step did.
func (t *tree) learn(v *View) {
	if !t.sleep || t.depth != len(t.path) {
		return
	}
	b := &t.path[t.depth-1].transitions[t.path[t.depth-1].cur]
	if b.accesses == nil {
		b.accesses = append(make([]Access, 0, 2), v.AccessesOf(t.depth-1)...)
	}
}

// same checks that the program is in the same state as in an earlier run.
func (t *tree) same(n *node, v *View) bool {
	ok := len(n.transitions) == len(v.Transitions)
	for i := 0; ok && i < len(v.Transitions); i++ {
		b, m := &n.transitions[i], v.Transitions[i]
		ok = b.task == m.Task && b.alt == m.Alt && (m.Alt == GiveUp || b.op == *v.Operations[m.Task])
	}
	if !ok {
		t.broken = fmt.Sprintf("at step %d the program could do %s in one run and %s in another, after the same steps", t.depth+1, n.text(v), other(n, v))
	}
	return ok
}

// grow adds the node of the state of x, which is new.
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

// inherit puts those of n's transitions into its sleep set that were taken or asleep at its parent p, and that are
// independent of the step from p to n.
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

// firstChoice returns the default if it is awake, or else another transition, or a negative number if all are asleep.
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
	if pick >= 0 && t.reduce { // the others of this task do not differ in order
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

// Dependent reports whether two steps are dependent: whether their order matters.
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

// text lists the transitions that are possible at n.
func (n *node) text(v *View) string {
	var all []string
	for _, b := range n.transitions {
		all = append(all, fmt.Sprintf("task %d: %s", b.task, v.VerbName(b.op.Verb)))
	}
	return strings.Join(all, " | ")
}

// other describes what v could do where n was expected.
func other(n *node, v *View) string {
	if s := transitionsText(v); s != n.text(v) {
		return s
	}
	return "the same with other objects"
}

func transitionsText(v *View) string {
	var all []string
	for _, m := range v.Transitions {
		all = append(all, fmt.Sprintf("task %d: %s", m.Task, v.VerbName(v.Operations[m.Task].Verb)))
	}
	return strings.Join(all, " | ")
}
