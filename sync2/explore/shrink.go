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
	runs, key, last := 0, failure.key(), ex.res.Steps+maxShrinkSteps
	enough := func() bool { return runs >= maxShrinks || ex.res.Steps > last || ex.o.stopped() }
	fails := func(try []deviation) ([]deviation, bool) {
		runs++
		ex.best = fmt.Sprintf("%s, %s", failure.Kind, count(len(ds), "deviation"))
		ex.report()
		f := ex.replay(try)
		if f == nil || f.key() != key {
			return nil, false
		}
		got := deviationsOf(&ex.x) // some may not have come to anything
		if len(got) > len(try) {
			return nil, false
		}
		return got, true
	}
	for size := max(len(ds)/2, 1); size >= 1 && len(ds) > 0; {
		smaller := false
		for at := 0; at < len(ds) && !enough(); {
			try := append(append([]deviation(nil), ds[:at]...), ds[min(at+size, len(ds)):]...)
			if got, ok := fails(try); ok {
				ds, smaller = got, true
				continue
			}
			at += size
		}
		switch {
		case enough(), size == 1 && !smaller:
			return ds
		case size > 1:
			size /= 2
		}
	}
	return ds
}
