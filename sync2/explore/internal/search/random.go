package search

import "math/rand/v2"

// A randomWalk makes every choice with the same probability. With very many tasks it rarely chooses, and continues with the
// same task or the oldest in between, since the cost of each choice is proportional to the number of tasks.
type randomWalk struct {
	Walk
	pcg rand.PCG
}

// NewRandom returns the strategy that makes every choice at random.
func NewRandom(seed uint64) Strategy { return newRandom(seed) }

func newRandom(seed uint64) *randomWalk { return &randomWalk{Walk: Walk{Seed: seed}} }

// A Walk is one run of a strategy that chooses at random, of which it says all that is needed to repeat the run.
type Walk struct {
	Seed, Run uint64

	// The following is for PCT.
	Depth  int // 0: it is not
	Unfair int // number of steps for which priorities decide
	Length int // the longest run before
}

// A walker is a strategy that makes walks.
type walker interface {
	Strategy
	Blind
	walked() Walk // the last one
}

// again returns the strategy whose next run is w once more.
func (w Walk) again() walker {
	w.Run--
	if w.Depth > 0 {
		return &pct{randomWalk: randomWalk{Walk: w}, length: w.Length}
	}
	return &randomWalk{Walk: w}
}

func (r *randomWalk) walked() Walk { return r.Walk }

func (r *randomWalk) Begin() bool {
	r.Run++
	r.pcg.Seed(r.Seed, r.Run)
	return true
}

func (r *randomWalk) Choose(v *View) int {
	n := uint64(len(v.Transitions))
	if n == 1 {
		return 0
	}
	return int(uint64(uint32(r.pcg.Uint64())) * n >> 32) // as intn does
}

// fairFrom is the number of steps after which a walk gives every task a turn even with very many tasks.
const fairFrom = 500_000

// Blind implements [Blind].
func (r *randomWalk) Blind(v *View, tasks int, _ bool) bool {
	return len(v.Steps) < fairFrom && r.intn(tasks) >= Crowd
}

// intn returns a number in [0, n). The few high values that make it a little uneven do not matter here.
func (r *randomWalk) intn(n int) int { return int(uint64(uint32(r.pcg.Uint64())) * uint64(n) >> 32) }

func (r *randomWalk) End(*View)  {}
func (r *randomWalk) Fair() bool { return true }

// WalkOf returns the walk that s has just made; ok is false if s does not make walks.
func WalkOf(s Strategy) (w Walk, ok bool) {
	if r, is := s.(*replay); is && len(r.deviations) == 0 {
		s = r.walk // nil if it makes none
	}
	if s, ok := s.(walker); ok {
		return s.walked(), true
	}
	return Walk{}, false
}
