package engine

// Threads keeps threads that have no task, for the tasks to come. No two tasks of a run have the same: primitives, traces
// and the race detector know goroutines, and one that has ended, with a lock maybe, must not be taken for one that came
// later.
type Threads struct {
	idle  []*Thread
	ended []*Thread // whose task was one of this run
	Deep  bool      // there are some that are to retire
	made  uint64    // how many there have been

	retired []*Thread // those that were the last to retire
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

// Put takes a thread whose task has ended. It may still be on its way to its pause.
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

// Retire ends those that have been through too many Goexits.
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
