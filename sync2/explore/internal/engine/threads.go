package engine

import (
	"cmp"
	"slices"
)

// Threads is a pool of threads that have no task. No two tasks of a run get the same thread: primitives, traces and the
// race detector identify goroutines, and a task that has ended, perhaps holding a lock, must not be taken for a later
// one. In every run the tasks get threads in the order in which these were made, so that a program that chooses by the
// numbers of its goroutines, such as one of several locks, chooses the same each time.
type Threads struct {
	idle  []*Thread // the last one made first
	ended []*Thread // that had a task of this run; all were made before those in idle
	Deep  bool      // some threads have to retire
	made  uint64    // number of threads so far

	retired []*Thread // the last to retire
}

// begin begins a run.
func (p *Threads) begin() {
	slices.SortFunc(p.ended, func(a, b *Thread) int { return cmp.Compare(b.number, a.number) })
	if len(p.idle) == 0 {
		p.idle, p.ended = p.ended, p.idle
		return
	}
	p.idle = append(p.idle, p.ended...)
	p.ended = p.ended[:0]
}

func (p *Threads) get() *Thread {
	if n := len(p.idle) - 1; n >= 0 {
		th := p.idle[n]
		p.idle = p.idle[:n]
		return th
	}
	p.made++
	th := NewThread()
	th.number = p.made
	return th
}

// Put adds a thread whose task has ended. It may still be on its way to its pause.
func (p *Threads) Put(th *Thread) { p.ended = append(p.ended, th) }

// Stop ends all threads, and returns when their goroutines are gone.
func (p *Threads) Stop() {
	p.begin()
	for _, th := range p.idle {
		th.stop()
	}
	awaitEnd(append(p.retired, p.idle...))
	p.idle, p.retired = nil, nil
}

// Retire ends the threads that have been through too many Goexits.
func (p *Threads) Retire() {
	if !p.Deep {
		return
	}
	p.Deep = false
	p.begin()
	keep := p.idle[:0]
	p.retired = nil
	for _, th := range p.idle {
		if th.Depth < MaxDepth {
			keep = append(keep, th)
		} else {
			th.stop()
			p.retired = append(p.retired, th)
		}
	}
	p.idle = keep
}
