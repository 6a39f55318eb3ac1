package explore

import "math/bits"

// repeat does the last run once more, and says what it did otherwise than the first time, "" if nothing. What an
// exploration says of a program that does not always do the same is worth nothing, so that is looked for: after the
// first run, the second, the fourth and so on, which costs next to nothing. What DPOR and DFS see by themselves is where
// the beginnings of two of their orders should be the same, and that is not much.
func (ex *explorer) repeat() string {
	x := &ex.x
	if x.cut || x.pruned || ex.o.token != "" || bits.OnesCount(uint(ex.res.Runs)) != 1 {
		return ""
	}
	res := ex.res
	defer func() { ex.res = res }()
	t := token{steps: len(x.steps), whole: true}
	t.hash, t.samples = x.digest(stride(t.steps))
	f := ex.replay(deviationsOf(x))
	if d := t.divergence(x); d != "" {
		return "two runs in the same order differ " + d
	}
	if f != nil {
		return "a run held, and in the same order a second one failed with " + f.Error()
	}
	return ""
}
