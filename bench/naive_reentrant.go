package main

import (
	"sync"
	"sync/atomic"

	"github.com/petermattis/goid"
)

// An ownedMutex is a sync.Mutex that remembers who holds it, and how often.
type ownedMutex struct {
	mu    sync.Mutex
	owner atomic.Int64
	depth int
}

func (m *ownedMutex) lock() {
	id := goid.Get()
	if m.owner.Load() != id {
		m.mu.Lock()
		m.owner.Store(id)
	}
	m.depth++
}

func (m *ownedMutex) unlock() {
	if m.owner.Load() != goid.Get() {
		panic("not held")
	}
	if m.depth--; m.depth == 0 {
		m.owner.Store(0)
		m.mu.Unlock()
	}
}

// ownedPairs is reentrantPairs with an ownedMutex.
//
//go:noinline
func ownedPairs(depth int) func(n int) {
	m := new(ownedMutex)
	return func(n int) {
		for range depth {
			m.lock()
			defer m.unlock()
		}
		for range n {
			m.lock()
			m.unlock()
		}
	}
}
