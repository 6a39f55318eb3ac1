package engine

// Threads is a pool of threads that have no task. No two tasks of a run get the same thread: primitives, traces and the
// race detector identify goroutines, and a task that has ended, perhaps holding a lock, must not be taken for a later
// one.
type Threads struct {
	idle  []*Thread
	ended []*Thread // that had a task of this run
	Deep  bool      // some threads have to retire
	made  uint64    // number of threads so far

	retired []*Thread // the last to retire
}

// begin begins a run.
func (p *Threads) begin() {
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
	return NewThread()
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
