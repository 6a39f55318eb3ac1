package main

import "sync"

// A condBarrier is the barrier of the textbooks: a count, a generation and a sync.Cond.
type condBarrier struct {
	mu         sync.Mutex
	cond       sync.Cond
	parties    int
	arrived    int
	generation int
}

func newCondBarrier(parties int) *condBarrier {
	b := &condBarrier{parties: parties}
	b.cond.L = &b.mu
	return b
}

func (b *condBarrier) wait() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.arrived++
	if b.arrived == b.parties {
		b.arrived = 0
		b.generation++
		b.cond.Broadcast()
		return
	}
	for g := b.generation; g == b.generation; {
		b.cond.Wait()
	}
}

// A chanBarrier closes a channel for each cycle.
type chanBarrier struct {
	mu      sync.Mutex
	parties int
	arrived int
	open    chan struct{}
}

func (b *chanBarrier) wait() {
	b.mu.Lock()
	b.arrived++
	open := b.open
	if b.arrived == b.parties {
		b.arrived = 0
		b.open = make(chan struct{})
		close(open)
	}
	b.mu.Unlock()
	<-open
}
