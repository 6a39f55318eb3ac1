package main

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// A row is something that can be done, and those who do it.
type row struct {
	part, what string
	unit       string      // of the values; "" is ns
	procs      []int       // GOMAXPROCS to measure at; nil: 1 and 2
	counts     int         // the greatest number of samples of each; 0: as many as are asked for
	least      bool        // ratios and goals are of minima, see leastTimes
	who        []contender // ours first

	goals []goal
}

// leastTimes is how many times as many samples a row with least has of each. Such a row is about differences of a few percent
// between operations of some nanoseconds, or about what lasts so long that others get the processor meanwhile. A machine that others
// share may have two speeds, and a median says no more than which of them was the more frequent. A minimum says how long the operation
// takes at the higher one, if there are enough samples for each contender to have met it.
const leastTimes = 10

func (r *row) name() string { return r.part + ": " + r.what }

// A goal is a target for our own samples.
type goal struct {
	unit string
	of   func(sample) float64
	max  float64
}

func atMost(value float64, unit string) goal {
	return goal{" " + unit, func(s sample) float64 { return s.Value }, value}
}

// Bytes and allocations that do not amount to one for each operation are those of the measurement.
func noBytes() goal { return bytesAtMost(0) }

func bytesAtMost(n float64) goal {
	return goal{" B", func(s sample) float64 { return math.Floor(s.Bytes) }, n}
}

func allocsAtMost(n float64) goal {
	return goal{" allocs", func(s sample) float64 { return math.Floor(s.Allocs) }, n}
}

// A result is what one contender of a row gave at one GOMAXPROCS.
type result struct {
	p       int
	who     contender
	samples []sample // by value, smallest first
	ratio   float64  // our median to this one's, or our minimum if the row has least; 0 for ours
}

func (r *result) median() sample { return r.samples[len(r.samples)/2] }

// judged returns the sample of our own that is compared with the row's goals.
func (r *row) judged(res *result) sample {
	if r.least {
		return res.samples[0]
	}
	return res.median()
}

// measure takes the samples of a row, the contenders in turns.
func (r *row) measure(counts int, slice time.Duration) []result {
	if r.least {
		counts *= leastTimes
	}
	if r.counts > 0 {
		counts = min(counts, r.counts)
	}
	procs := r.procs
	if procs == nil {
		procs = []int{1, 2}
	}
	var all []result
	for _, p := range procs {
		all = append(all, r.measureAt(p, counts, slice)...)
	}
	return all
}

func (r *row) measureAt(p, counts int, slice time.Duration) []result {
	meters := make([]meter, len(r.who))
	results := make([]result, len(r.who))
	for i, c := range r.who {
		meters[i] = meter{c: c, p: p, slice: slice}
		results[i] = result{p: p, who: c}
	}
	for range counts {
		for i := range meters {
			results[i].samples = append(results[i].samples, meters[i].take())
		}
	}
	for i := range results {
		slices.SortFunc(results[i].samples, func(a, b sample) int { return cmp.Compare(a.Value, b.Value) })
		if i > 0 {
			results[i].ratio = r.typical(results[0].samples) / r.typical(results[i].samples)
		}
	}
	return results
}

// typical returns the value of sorted samples by which contenders are compared.
func (r *row) typical(s []sample) float64 {
	if r.least {
		return s[0].Value
	}
	return middle(s)
}

// middle returns the median value of sorted samples.
func middle(s []sample) float64 {
	n := len(s)
	return (s[(n-1)/2].Value + s[n/2].Value) / 2
}
