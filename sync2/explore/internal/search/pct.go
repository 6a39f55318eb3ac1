package search

import "slices"

// A pct is probabilistic concurrency testing (Burckhardt et al., ASPLOS 2010): every task has a priority, the highest
// one runs, and at depth-1 random steps the running one is given the lowest priority. A bug that needs depth
// orderings is found with a probability of at least 1/(n·k^(depth-1)) for n tasks and k steps.
type pct struct {
	randomWalk
	length   int     // the longest run so far
	priority []int64 // by task
	changes  []int   // steps
	lowest   int64
	kins     []kin // by task; empty: it does not go by families
}

// NewPCT returns the strategy that looks for bugs of the given depth.
func NewPCT(seed uint64, depth int) Strategy {
	return NewPCTFor(unfairFor, seed, depth)
}

// unfairFor is the number of steps for which priorities decide by default; after that choices are random, so that a task
// that spins while it waits for another does not spin forever.
const unfairFor = 5000

// NewPCTFor is like NewPCT, but priorities decide for the given number of steps, for long runs in which no task spins.
//
// Such a run may have thousands of tasks, few of which depend on each other. So in every other run a task's priority
// begins with the digits of its parent, and only the rest is random: a task and all its descendants end, in some
// order, before the next such family begins. The main task comes last.
func NewPCTFor(steps int, seed uint64, depth int) Strategy {
	return &pct{randomWalk: randomWalk{Walk: Walk{Seed: seed + uint64(depth)<<32, Depth: depth, Unfair: steps}}}
}

// A priority consists of digits, each of digitBits bits.
const (
	digitBits = 20
	digits    = 3
)

// A kin is the part of a priority that a task passes on to those that it starts.
type kin struct {
	first int64 // the digits that all have in common
	n     int   // their number
}

func (p *pct) Begin() bool {
	p.randomWalk.Begin()
	p.Length = p.length
	p.priority, p.changes, p.kins, p.lowest = p.priority[:0], p.changes[:0], p.kins[:0], 0
	for range min(p.Depth-1, p.Unfair) { // no later step matters
		p.changes = append(p.changes, p.intn(max(p.Length, 1)))
	}
	return true
}

func (p *pct) Choose(v *View) int {
	if len(v.Steps) > p.Unfair {
		return p.randomWalk.Choose(v)
	}
	for len(p.priority) < v.TaskCount {
		p.priority = append(p.priority, p.priorityOf(v))
	}
	best := p.highest(v)
	for _, at := range p.changes {
		if at == len(v.Steps) {
			p.lowest--
			p.priority[v.Transitions[best].Task] = p.lowest
			best = p.highest(v)
		}
	}
	n := 1 // alternatives of that task follow it
	for best+n < len(v.Transitions) && v.Transitions[best+n].Task == v.Transitions[best].Task {
		n++
	}
	if n > 1 {
		best += p.intn(n)
	}
	return best
}

// priorityOf returns the priority of the next task that has none.
func (p *pct) priorityOf(v *View) int64 {
	random := int64(p.pcg.Uint64() >> 2)
	if p.Unfair <= unfairFor || p.Run%2 == 0 {
		return random
	}
	random >>= 62 - digits*digitBits
	k, n := kin{}, int32(len(p.kins))
	parent := v.Parent(n)
	if parent >= 0 {
		k = p.kins[parent]
		low := int64(1)<<((digits-k.n)*digitBits) - 1
		random = k.first | random&low
		if k.n < digits-1 {
			k.n++
			low >>= digitBits
			k.first = random &^ low
		}
	} else {
		random = 0
	}
	p.kins = append(p.kins, k)
	return random
}

// Blind implements [Blind]. In a crowd it checks, every as many steps as there are tasks, whether a task with a
// higher priority can run.
func (p *pct) Blind(v *View, tasks int, same bool) bool {
	n := len(v.Steps)
	if n > p.Unfair {
		return p.randomWalk.Blind(v, tasks, same)
	}
	return same && n%tasks != 0 && !slices.Contains(p.changes, n)
}

// highest returns the first transition of the task with the highest priority.
func (p *pct) highest(v *View) int {
	best := 0
	for i, m := range v.Transitions {
		if p.priority[m.Task] > p.priority[v.Transitions[best].Task] {
			best = i
		}
	}
	return best
}

func (p *pct) End(v *View) { p.length = max(p.length, len(v.Steps)) }
