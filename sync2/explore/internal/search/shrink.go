package search

// What the search for a shorter order may take.
const maxShrinks = 2000 // runs

// A Prober runs a program that fails, to find out whether it fails in the same way in another order.
type Prober interface {
	// Replay runs the order of the given deviations, of which those that came to something are returned. It is told how many
	// the best order has so far.
	Replay(ds []Deviation, best int) (got []Deviation, same bool)
	// Try runs an order that s chooses.
	Try(s Strategy) (got []Deviation, same bool)
	// Enough reports whether the search has to end.
	Enough() bool
}

// Shorten returns an order with fewer deviations, if it can find one, in which the program fails in the same way.
func Shorten(ds []Deviation, p Prober) []Deviation { return search(shrink(ds, p), p) }

// shrink leaves out what deviations it can: delta debugging (Zeller and Hildebrandt, 2002).
func shrink(ds []Deviation, p Prober) []Deviation {
	runs := 0
	enough := func() bool { return runs >= maxShrinks || p.Enough() }
	fails := func(try []Deviation) ([]Deviation, bool) {
		runs++
		got, same := p.Replay(try, len(ds))
		return got, same && len(got) <= len(try) // some may not have come to anything
	}
	for size := max(len(ds)/2, 1); len(ds) > 0 && !enough(); {
		before := len(ds)
		for at := 0; at < len(ds) && !enough(); {
			try := append(append([]Deviation(nil), ds[:at]...), ds[min(at+size, len(ds)):]...)
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

// search looks for another order with fewer deviations: among those with few preemptions, and at random.
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
