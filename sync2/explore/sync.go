package explore

// An RWMutex is the counterpart of sync.RWMutex for programs under exploration: a writer that waits keeps new readers
// out, and an Unlock lets all readers in that wait.
type RWMutex struct {
	core    core
	readers int
	writer  bool
	waitR   []*task
	waitW   []*task
}

// NewRWMutex returns an unlocked RWMutex. Its name is for reports.
func NewRWMutex(e *E, name string) *RWMutex { return &RWMutex{core: newCore(e, "NewRWMutex", name)} }

// Lock locks rw for writing.
//
//go:norace
func (rw *RWMutex) Lock() {
	t := rw.core.do("Lock")
	if !rw.writer && rw.readers == 0 {
		rw.writer = true
		return
	}
	rw.waitW = append(rw.waitW, t)
	rw.core.park(t, "Lock")
}

// TryLock locks rw for writing if nobody holds it, and reports whether it did.
//
//go:norace
func (rw *RWMutex) TryLock() bool {
	rw.core.do("TryLock")
	if rw.writer || rw.readers > 0 {
		return false
	}
	rw.writer = true
	return true
}

// Unlock undoes a Lock. It panics if rw is not locked for writing.
//
//go:norace
func (rw *RWMutex) Unlock() {
	rw.core.do("Unlock")
	if !rw.writer {
		panic("explore: RWMutex.Unlock: not locked for writing")
	}
	rw.writer = false
	if rw.readers = len(rw.waitR); rw.readers > 0 {
		rw.core.wakeAll(&rw.waitR)
		return
	}
	rw.nextWriter()
}

// RLock locks rw for reading.
//
//go:norace
func (rw *RWMutex) RLock() {
	t := rw.core.do("RLock")
	if !rw.writer && len(rw.waitW) == 0 {
		rw.readers++
		return
	}
	rw.waitR = append(rw.waitR, t)
	rw.core.park(t, "RLock")
}

// TryRLock locks rw for reading if no writer holds it or waits, and reports whether it did.
//
//go:norace
func (rw *RWMutex) TryRLock() bool {
	rw.core.do("TryRLock")
	if rw.writer || len(rw.waitW) > 0 {
		return false
	}
	rw.readers++
	return true
}

// RUnlock undoes an RLock. It panics if rw is not locked for reading.
//
//go:norace
func (rw *RWMutex) RUnlock() {
	rw.core.do("RUnlock")
	if rw.readers == 0 {
		panic("explore: RWMutex.RUnlock: not locked for reading")
	}
	if rw.readers--; rw.readers == 0 {
		rw.nextWriter()
	}
}

//go:norace
func (rw *RWMutex) nextWriter() {
	if len(rw.waitW) > 0 {
		w := rw.waitW[0]
		rw.waitW, rw.writer = rw.waitW[1:], true
		rw.core.wake(w)
	}
}

// A WaitGroup is the counterpart of sync.WaitGroup for programs under exploration.
type WaitGroup struct {
	core    core
	e       *E
	count   int
	waiting []*task
}

// NewWaitGroup returns a WaitGroup whose counter is 0. Its name is for reports.
func NewWaitGroup(e *E, name string) *WaitGroup {
	return &WaitGroup{core: newCore(e, "NewWaitGroup", name), e: e}
}

// Add adds delta to the counter. It panics if that becomes less than 0.
//
//go:norace
func (wg *WaitGroup) Add(delta int) { wg.add("Add", delta) }

// Done takes 1 off the counter.
//
//go:norace
func (wg *WaitGroup) Done() { wg.add("Done", -1) }

//go:norace
func (wg *WaitGroup) add(verb string, delta int) {
	wg.core.do(verb)
	if wg.count+delta < 0 {
		panic("explore: WaitGroup." + verb + ": the counter would be less than 0")
	}
	if wg.count += delta; wg.count == 0 {
		wg.core.wakeAll(&wg.waiting)
	}
}

// Wait waits until the counter is 0.
//
//go:norace
func (wg *WaitGroup) Wait() {
	t := wg.core.do("Wait")
	if wg.count > 0 {
		wg.waiting = append(wg.waiting, t)
		wg.core.park(t, "Wait")
	}
}

// Go starts fn as a task of the given name, and counts it until it returns.
func (wg *WaitGroup) Go(name string, fn func()) {
	wg.Add(1)
	wg.e.Go(name, func() {
		defer wg.Done()
		fn()
	})
}

// A Once is the counterpart of sync.Once for programs under exploration.
type Once struct {
	core    core
	state   uint8 // 0: new, 1: fn runs, 2: it has run
	waiting []*task
}

// NewOnce returns a Once. Its name is for reports.
func NewOnce(e *E, name string) *Once { return &Once{core: newCore(e, "NewOnce", name)} }

// Do calls fn if it is the first call of Do; the others return when fn has returned, or has panicked.
func (o *Once) Do(fn func()) {
	if o.enter() {
		defer o.leave()
		fn()
	}
}

//go:norace
func (o *Once) enter() (first bool) {
	t := o.core.do("Do")
	switch o.state {
	case 0:
		o.state = 1
		return true
	case 1:
		o.waiting = append(o.waiting, t)
		o.core.park(t, "Do")
	}
	return false
}

//go:norace
func (o *Once) leave() {
	o.core.do("done")
	o.state = 2
	o.core.wakeAll(&o.waiting)
}
