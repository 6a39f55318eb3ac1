// Package stock counts what a shop has left.
package stock

import "sync"

// A Stock is the number of each item that is left. It may be used by several goroutines at once.
type Stock struct {
	mu   sync.Mutex
	left map[string]int
}

// New returns a stock of the given items.
func New(left map[string]int) *Stock { return &Stock{left: left} }

// Left returns how many of an item are left.
func (s *Stock) Left(item string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.left[item]
}

// Reserve takes n of an item, and reports whether there were as many.
func (s *Stock) Reserve(item string, n int) bool {
	if s.Left(item) < n {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.left[item] -= n
	return true
}
