package search

// The limits of the search for a shorter schedule.
const maxShrinks = 2000 // runs

// A Prober runs a failing program, to find out whether it fails in the same way under another schedule.
type Prober interface {
	// Replay runs the schedule with the given deviations, and returns those that had an effect. The argument best is the
	// number of deviations of the best schedule so far.
	Replay(ds []Deviation, best int) (got []Deviation, same bool)
	// Try runs a schedule that s chooses.
	Try(s Strategy) (got []Deviation, same bool)
	// Enough reports whether the search has to end.
	Enough() bool
}

// Shorten returns a schedule with fewer deviations, if it finds one, under which the program fails in the same way.
func Shorten(ds []Deviation, p Prober) []Deviation { return search(shrink(ds, p), p) }

// shrink omits as many deviations as it can: delta debugging (Zeller and Hildebrandt, 2002).
func shrink(ds []Deviation, p Prober) []Deviation {
	runs := 0
	enough := func() bool { return runs >= maxShrinks || p.Enough() }
	fails := func(try []Deviation) ([]Deviation, bool) {
		runs++
		got, same := p.Replay(try, len(ds))
		return got, same && len(got) <= len(try) // some may have had no effect
	}
	for size := max(len(ds)/2, 1); len(ds) > 0 && !enough(); {
		before := len(ds)
		for at := 0; at < len(ds) && !enough(); {
			try := append(append([]Deviation(nil), ds[:at]...), ds[min(at+size, len(ds)):]...)
			if got, ok := fails(try); ok {
				ds = got
				continue
			}
			at += max(size/2, 1) // overlapping, since related deviations may lie across a boundary
		}
		switch {
		case size > 1:
			size /= 2
		case len(ds) == before:
			return ds
		default:
			size = min(4, len(ds)) // the rest may now depend on each other in another way
		}
	}
	return ds
}

// The number of deviations from which another schedule is searched for, the number of runs of each strategy, and the
// number of random strategies.
const (
	manyDeviations = 8
	searchRuns     = 300
	searchWalks    = 6
)

// search looks for another schedule with fewer deviations: among those with few preemptions, and at random.
func search(ds []Deviation, p Prober) []Deviation {
	var all []Strategy
	for bound := range maxBound {
		all = append(all, NewTree(bound+1, true, true))
	}
	for i := range searchWalks {
		all = append(all, NewRandom(^uint64(i)))
	}
	for _, s := range all {
		for n := 0; n < searchRuns && len(ds) > manyDeviations && !p.Enough() && s.Begin(); n++ {
			got, same := p.Try(s)
			if !same {
				continue
			}
			if got = shrink(got, p); len(got) < len(ds) {
				ds = got
			}
			break
		}
	}
	return ds
}
