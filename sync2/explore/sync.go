package explore

import (
	"github.com/turnstile-go/turnstile/sync2/explore/internal/engine"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A WaitGroup is the counterpart of sync.WaitGroup for programs under exploration.
type WaitGroup struct {
	core    core
	e       *E
	count   int
	waiting []*engine.Task
}

// NewWaitGroup returns a WaitGroup whose counter is 0. Its name is for reports.
func NewWaitGroup(e *E, name string) *WaitGroup {
	return &WaitGroup{core: newCoreOf(e, "NewWaitGroup", name, trace.ClassWaitGroup, 0), e: e}
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
	wg.count += delta
	wg.core.tell(trace.Event{Kind: trace.KindAdd, N: int64(wg.count)})
	if wg.count == 0 {
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
	} else {
		wg.core.tell(trace.Event{Kind: trace.KindPass})
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
	state   uint8        // 0: new, 1: fn runs, 2: it has run
	runner  *engine.Task // who runs fn, or has run it
	waiting []*engine.Task
}

// NewOnce returns a Once. Its name is for reports.
func NewOnce(e *E, name string) *Once {
	o := &Once{core: newCoreOf(e, "NewOnce", name, trace.ClassOnce, 0)}
	e.knows(o)
	return o
}

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
		o.state, o.runner = 1, t
		o.core.tell(trace.Event{Kind: trace.KindActionBegin})
		return true
	case 1:
		o.waiting = append(o.waiting, t)
		o.core.park(t, "Do")
	default:
		o.core.tell(trace.Event{Kind: trace.KindPass})
	}
	return false
}

//go:norace
func (o *Once) leave() {
	o.core.do("done")
	o.state = 2
	o.core.tell(trace.Event{Kind: trace.KindActionEnd})
	o.core.wakeAll(&o.waiting)
}

func (o *Once) at() *core { return &o.core }

//go:norace
func (o *Once) blame(*engine.Task) blame { return blame{by: []*engine.Task{o.runner}, how: runs} }
