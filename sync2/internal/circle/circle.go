// Package circle finds circles of waiting.
package circle

import (
	"maps"
	"slices"
)

// A Need says who could end a wait.
type Need[K comparable] struct {
	Of  []K  // those who could
	All bool // each of them has to; otherwise one is enough
}

// Find returns the circles among those who wait, in the order of who: each waits for the next, and the last for the
// first. None of them can come apart unless somebody gives up: who waits for one of several is in none as long as one of
// these can go on. Nobody is in more than one of those returned.
func Find[K comparable](who []K, needs map[K]Need[K]) [][]K {
	stuck := stuckOf(needs)
	next := func(k K) K { // k must be stuck
		of := needs[k].Of
		return of[slices.IndexFunc(of, func(h K) bool { return stuck[h] })]
	}
	var found [][]K
	seen := make(map[K]int) // the number of the walk that came by
	for i, k := range who {
		for stuck[k] && seen[k] == 0 {
			seen[k] = i + 1
			k = next(k)
		}
		if !stuck[k] || seen[k] != i+1 {
			continue
		}
		c := []K{k} // this walk has come back to where it was
		for n := next(k); n != k; n = next(n) {
			c = append(c, n)
		}
		found = append(found, c)
	}
	return found
}

// stuckOf returns who can never go on.
func stuckOf[K comparable](needs map[K]Need[K]) map[K]bool {
	stuck := make(map[K]bool, len(needs))
	for k := range needs {
		stuck[k] = true
	}
	can := func(k K) bool { return !stuck[k] }
	for n := -1; n != len(stuck); { // until nobody more is found who can be helped
		n = len(stuck)
		maps.DeleteFunc(stuck, func(k K, _ bool) bool {
			of := needs[k].Of
			if len(of) == 0 || needs[k].All {
				return !slices.ContainsFunc(of, func(h K) bool { return stuck[h] })
			}
			return slices.ContainsFunc(of, can)
		})
	}
	return stuck
}
