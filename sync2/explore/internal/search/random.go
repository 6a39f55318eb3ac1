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

// A Walk is one run of a randomWalk.
type Walk struct{ Seed, Run uint64 }

// again returns the strategy whose next run is w once more.
func (w Walk) again() *randomWalk { return &randomWalk{Walk: Walk{w.Seed, w.Run - 1}} }

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
	switch s := s.(type) {
	case *randomWalk:
		return s.Walk, true
	case *replay:
		if s.walk != nil {
			return s.walk.Walk, true
		}
	}
	return Walk{}, false
}
