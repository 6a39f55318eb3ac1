package explore

import "fmt"

// What the search for a shorter order may take.
const (
	maxShrinks     = 2000      // runs
	maxShrinkSteps = 3_000_000 // operations in all of them
)

// shrink returns fewer deviations, if it can, with which the program fails in the same way: delta debugging (Zeller and
// Hildebrandt, 2002).
func (ex *explorer) shrink(ds []deviation, failure *Failure) []deviation {
	runs, last := 0, ex.res.Steps+maxShrinkSteps
	enough := func() bool { return runs >= maxShrinks || ex.res.Steps > last || ex.stopped() }
	fails := func(try []deviation) ([]deviation, bool) {
		runs++
		ex.best = fmt.Sprintf("%s, %s", failure.Kind, count(len(ds), "deviation"))
		ex.report()
		f := ex.replay(try)
		if f == nil || f.id() != failure.id() {
			return nil, false
		}
		got := deviationsOf(&ex.x) // some may not have come to anything
		if len(got) > len(try) {
			return nil, false
		}
		return got, true
	}
	for size := max(len(ds)/2, 1); len(ds) > 0 && !enough(); {
		before := len(ds)
		for at := 0; at < len(ds) && !enough(); {
			try := append(append([]deviation(nil), ds[:at]...), ds[min(at+size, len(ds)):]...)
			if got, ok := fails(try); ok {
				ds = got
				continue
			}
			at += max(size/2, 1) // overlapping, since what belongs together may lie across
		}
		switch {
		case size > 1:
			size /= 2
		case len(ds) == before:
			return ds
		default:
			size = min(4, len(ds)) // what is left may hang together in another way
		}
	}
	return ds
}

// From how many deviations on another order is looked for, how long with each strategy, and with how many that choose at
// random.
const (
	manyDeviations = 8
	searchRuns     = 300
	searchWalks    = 6
)

// search looks for another order with fewer deviations in which the program fails in the same way: among those with few
// preemptions, and at random.
func (ex *explorer) search(ds []deviation, failure *Failure) []deviation {
	var all []strategy
	for bound := range maxBound {
		all = append(all, &tree{bound: bound + 1, sleep: true, reduce: true})
	}
	for i := range searchWalks {
		all = append(all, &randomWalk{walk: walk{seed: ^uint64(i)}})
	}
	for _, s := range all {
		for n := 0; n < searchRuns && len(ds) > manyDeviations && !ex.stopped() && s.begin(); n++ {
			ex.run(s)
			s.end(&ex.x)
			if f := ex.x.failure; f == nil || f.id() != failure.id() {
				continue
			}
			if got := ex.shrink(deviationsOf(&ex.x), failure); len(got) < len(ds) {
				ds = got
			}
			break
		}
	}
	return ds
}
