package explore

import "math/rand/v2"

// A strategy is an oracle: it says in what order things happen.
type strategy interface {
	// begin prepares the next run. It returns false if there is nothing left to try.
	begin() bool
	// choose returns the place in x.moves of the one to be made, less than 0 if the run is not worth going on with, and
	// giveUpRun if it has become too large.
	choose(x *execution) int
	// end learns from a run.
	end(x *execution)
	// fair reports whether every task that can go on does so before long, so that a run without end is a fault of the
	// program.
	fair() bool
}

// giveUpRun is what a strategy chooses that cannot go on.
const giveUpRun = -2

// byDefault goes on with the task that goes already, or else with the oldest.
type byDefault struct{}

func (byDefault) begin() bool             { return true }
func (byDefault) choose(x *execution) int { return x.def }
func (byDefault) end(*execution)          {}
func (byDefault) fair() bool              { return false }

// A randomWalk makes every choice with the same probability.
type randomWalk struct {
	walk
	pcg rand.PCG
}

// A walk is one run of a randomWalk.
type walk struct{ seed, run uint64 }

// again returns the strategy whose next run is w once more.
func (w walk) again() *randomWalk { return &randomWalk{walk: walk{w.seed, w.run - 1}} }

// walkOf returns the walk that s has just made; ok is false if it was none.
func walkOf(s strategy) (w walk, ok bool) {
	switch s := s.(type) {
	case *randomWalk:
		return s.walk, true
	case *replay:
		if s.walk != nil {
			return s.walk.walk, true
		}
	}
	return walk{}, false
}

func (r *randomWalk) begin() bool {
	r.run++
	r.pcg.Seed(r.seed, r.run)
	return true
}

func (r *randomWalk) choose(x *execution) int {
	n := uint64(len(x.moves))
	if n == 1 {
		return 0
	}
	return int(uint64(uint32(r.pcg.Uint64())) * n >> 32) // as intn does
}

// intn returns a number in [0, n). The few high values that make it a little uneven do not matter here.
func (r *randomWalk) intn(n int) int { return int(uint64(uint32(r.pcg.Uint64())) * uint64(n) >> 32) }

func (r *randomWalk) end(*execution) {}
func (r *randomWalk) fair() bool     { return true }

// A pct is probabilistic concurrency testing (Burckhardt et al., ASPLOS 2010): every task has a priority, the highest
// goes on, and at depth-1 steps chosen at random the one that goes is put last. A bug that needs depth orderings is
// found with a probability of at least 1/(n·k^(depth-1)) for n tasks and k steps.
type pct struct {
	randomWalk
	depth    int
	length   int     // the longest run so far
	priority []int64 // by task
	changes  []int   // steps
	lowest   int64
}

// unfairFor is how many steps a pct goes by priorities; then it goes on at random, so that one that spins while it
// waits for another does not spin for ever.
const unfairFor = 5000

func (p *pct) begin() bool {
	p.randomWalk.begin()
	p.priority, p.changes, p.lowest = p.priority[:0], p.changes[:0], 0
	for range min(p.depth-1, unfairFor) { // there are no more steps at which it matters
		p.changes = append(p.changes, p.intn(max(p.length, 1)))
	}
	return true
}

func (p *pct) choose(x *execution) int {
	if len(x.steps) > unfairFor {
		return p.randomWalk.choose(x)
	}
	for len(p.priority) < len(x.tasks) {
		p.priority = append(p.priority, int64(p.pcg.Uint64()>>2))
	}
	best := p.highest(x)
	for _, at := range p.changes {
		if at == len(x.steps) {
			p.lowest--
			p.priority[x.moves[best].task] = p.lowest
			best = p.highest(x)
		}
	}
	n := 1 // alternatives of that task follow it
	for best+n < len(x.moves) && x.moves[best+n].task == x.moves[best].task {
		n++
	}
	if n > 1 {
		best += p.intn(n)
	}
	return best
}

// highest returns the first move of the task with the highest priority.
func (p *pct) highest(x *execution) int {
	best := 0
	for i, m := range x.moves {
		if p.priority[m.task] > p.priority[x.moves[best].task] {
			best = i
		}
	}
	return best
}

func (p *pct) end(x *execution) { p.length = max(p.length, len(x.steps)) }

// A replay makes the default move except where a deviation says otherwise. Of a run without end it does again what a
// random walk did, since the deviations would be thousands.
type replay struct {
	walk       *randomWalk // nil: the deviations count
	deviations []deviation
	at         int   // of the deviations
	token      token // that it replays, if it is one
	endless    bool  // the order is that of a run without end
}

// A deviation is a step at which not the default move was made.
type deviation struct {
	step int
	pick int // its place among the moves, counted from the default
}

func (r *replay) begin() bool {
	r.at = 0
	if r.walk != nil {
		return r.walk.begin()
	}
	return true
}

func (r *replay) choose(x *execution) int {
	if r.walk != nil {
		return r.walk.choose(x)
	}
	if r.at == len(r.deviations) || r.deviations[r.at].step != len(x.steps) {
		return x.def
	}
	d := r.deviations[r.at]
	r.at++
	if d.pick >= len(x.moves) {
		return x.def
	}
	return (x.def + d.pick) % len(x.moves)
}

func (r *replay) end(*execution) {}
func (r *replay) fair() bool     { return r.endless }

// deviationsOf returns where the run was not the default.
func deviationsOf(x *execution) []deviation {
	var d []deviation
	for i := range x.steps {
		if dev := x.steps[i].dev; dev != 0 {
			d = append(d, deviation{i, int(dev)})
		}
	}
	return d
}
