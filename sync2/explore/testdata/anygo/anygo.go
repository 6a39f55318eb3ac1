// Package anygo is ordinary Go, with variables that tests change.
package anygo

import "sync"

// A Counter counts by names.
type Counter struct {
	mu sync.Mutex
	n  map[string]int
}

// Default has no name in the symbol table: what the pointer leads to has to be put back too.
var Default = &Counter{}

// Seen is made by the function that initializes the package.
var Seen = make(map[string]bool)

var calls int

// Add counts name once more, and returns how often it has been counted.
func (c *Counter) Add(name string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.n == nil {
		c.n = make(map[string]int)
	}
	c.n[name]++
	calls++
	Seen[name] = true
	return c.n[name]
}
