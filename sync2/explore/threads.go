package explore

// threads keeps threads that have no task, for the tasks to come.
type threads struct {
	idle []*thread
	deep bool // there are some that are to retire
}

func (p *threads) get() *thread {
	if n := len(p.idle) - 1; n >= 0 {
		th := p.idle[n]
		p.idle = p.idle[:n]
		return th
	}
	return newThread()
}

// put takes a thread whose task has ended. It may still be on its way to its pause.
func (p *threads) put(th *thread) { p.idle = append(p.idle, th) }

// stop ends all threads.
func (p *threads) stop() {
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
