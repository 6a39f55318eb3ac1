package explore

// threads keeps threads that have no task, for the tasks to come. No two tasks of a run have the same: primitives, traces
// and the race detector know goroutines, and one that has ended, with a lock maybe, must not be taken for one that came
// later.
type threads struct {
	idle  []*thread
	ended []*thread // whose task was one of this run
	deep  bool      // there are some that are to retire
	made  uint64    // how many there have been
}

// begin begins a run.
func (p *threads) begin() {
	if len(p.idle) == 0 {
		p.idle, p.ended = p.ended, p.idle
		return
	}
	p.idle = append(p.idle, p.ended...)
	p.ended = p.ended[:0]
}

func (p *threads) get() *thread {
	if n := len(p.idle) - 1; n >= 0 {
		th := p.idle[n]
		p.idle = p.idle[:n]
		return th
	}
	p.made++
	return newThread()
}

// put takes a thread whose task has ended. It may still be on its way to its pause.
func (p *threads) put(th *thread) { p.ended = append(p.ended, th) }

// stop ends all threads.
func (p *threads) stop() {
	p.begin()
	for _, th := range p.idle {
		th.stop()
	}
	p.idle = nil
}

// retire ends those that have been through too many Goexits.
func (p *threads) retire() {
	if !p.deep {
		return
	}
	p.deep = false
	p.begin()
	keep := p.idle[:0]
	for _, th := range p.idle {
		if th.depth < maxDepth {
			keep = append(keep, th)
		} else {
			th.stop()
		}
	}
	p.idle = keep
}
