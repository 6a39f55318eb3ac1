// Package waitgraph finds cycles in a wait-for graph.
package waitgraph

import (
	"maps"
	"slices"
)

// A Need describes which waiters could end a wait.
type Need[K comparable] struct {
	Of  []K  // the waiters that could
	All bool // whether all of them must act; otherwise one is enough
}

// Find returns the cycles among the waiters, in the order of who: each member waits for the next, and the last for the
// first. No cycle can be broken unless a wait is given up: a waiter that any one of several can help is not in a cycle
// as long as one of these can continue. Each waiter is in at most one of the cycles returned.
func Find[K comparable](who []K, needs map[K]Need[K]) [][]K {
	stuck := Stuck(needs)
	next := func(k K) K { // k must be stuck
		of := needs[k].Of
		return of[slices.IndexFunc(of, func(h K) bool { return stuck[h] })]
	}
	var found [][]K
	seen := make(map[K]int) // the number of the walk that visited it
	for i, k := range who {
		for stuck[k] && seen[k] == 0 {
			seen[k] = i + 1
			k = next(k)
		}
		if !stuck[k] || seen[k] != i+1 {
			continue
		}
		c := []K{k} // this walk came back to a node of its own
		for n := next(k); n != k; n = next(n) {
			c = append(c, n)
		}
		found = append(found, c)
	}
	return found
}

// Stuck returns the waiters that can never continue unless a wait is given up: those in a cycle, and those that only they
// could help.
func Stuck[K comparable](needs map[K]Need[K]) map[K]bool {
	stuck := make(map[K]bool, len(needs))
	for k := range needs {
		stuck[k] = true
	}
	can := func(k K) bool { return !stuck[k] }
	for n := -1; n != len(stuck); { // until no more waiters are found that can be helped
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
