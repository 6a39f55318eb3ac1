package sync2

import (
	"context"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/turnstile-go/turnstile/sync2/internal/goid"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
	"github.com/turnstile-go/turnstile/sync2/internal/steps"
	"github.com/turnstile-go/turnstile/sync2/internal/waitq"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A Goroutine is a handle to a goroutine: it has its name, reports whether it is still running, and can wait for its
// end.
//
// In the terminology of the Go memory model, the end of a goroutine that [Go] started “synchronizes before” the
// return of any Join that succeeds, before a call to [Goroutine.Alive] that returns false, and before the completion of
// a receive from the channel of [Goroutine.Done].
type Goroutine struct {
	name     string
	parent   int64
	made     bool // it is not the zero value
	foreign  bool // not started by Go: only its id is known
	nameless bool // its name is made from its id on demand

	id      atomic.Int64   // 0 until it runs
	started sync.WaitGroup // done once id is set, and the name in a running trace
	ended   steps.Bool     // written under q's mutex
	q       waitq.Queue
	joiners waitq.NotifyList

	group *Group    // to which it belongs; nil if it belongs to none
	pool  *Executor // of which it is a worker; nil if it is none

	older, newer, chain *Goroutine // guarded by registry.mu
}

// Go starts a goroutine that calls fn, and gives it a name by which it appears in traces and in the terminal UI. If name is
// empty, that is "goroutine-<id>".
//
// A panic in fn crashes the program, as with the go statement, and neither Done nor Join reports the end of the
// goroutine before that. When fn has returned, or has called runtime.Goexit, the goroutine's values of every [Local]
// are dropped; then it counts as ended. It starts with the values that it inherits: see [Local]. Go panics if fn is
// nil.
//
// The call of Go “synchronizes before” the start of fn.
func Go(name string, fn func()) *Goroutine {
	if fn == nil {
		misuse("Go", "the function is nil")
	}
	return launch(name, bequeath(fn))
}

// launch is Go for a goroutine of this package, which inherits nothing.
func launch(name string, fn func()) *Goroutine {
	g := newGoroutine(name)
	g.start(fn, nil)
	return g
}

// newGoroutine returns the handle of a goroutine that the calling one is about to start.
func newGoroutine(name string) *Goroutine {
	g := &Goroutine{name: name, parent: goid.Get(), made: true, nameless: name == ""}
	g.started.Add(1)
	return g
}

// start starts the goroutine. It calls then, which may be nil, when fn has ended without a panic; then must call gone, which
// takes the goroutine from the list of those that run.
func (g *Goroutine) start(fn func(), then func(gone func())) {
	if hook.Controlled() {
		g.startWatched(fn, then)
		return
	}
	registry.add(g)
	go g.run(fn, then, nil)
}

// startWatched starts the goroutine so that a trace defines it before any of its events.
func (g *Goroutine) startWatched(fn func(), then func(gone func())) {
	in := (*trace.Object)(nil)
	if g.group != nil { // it cannot leave before it has joined
		in = g.group.traced()
		g.group.q.Lock()
		defer g.group.q.Unlock()
		g.group.define()
	}
	registry.add(g)
	spawned := make(chan struct{})
	if t := hook.Explored(); t != nil {
		close(spawned)
		t.Go(g.name, func() { g.run(fn, then, spawned) })
	} else {
		go g.run(fn, then, spawned)
		defer close(spawned)
	}
	g.started.Wait() // it has its name now, and the caller of Go may give it another
	in.Emit(trace.Event{Kind: trace.KindSpawn, Peer: g.ID()})
}

func (g *Goroutine) run(fn func(), then func(gone func()), spawned <-chan struct{}) {
	registry.started(g, goid.Get())
	if spawned != nil {
		trace.Name(g, g.Name())
	}
	g.started.Done()
	if spawned != nil {
		<-spawned
	}
	returned := false
	defer func() {
		if !returned {
			crash(recover())
		}
		ReleaseLocals()
		if then == nil {
			registry.remove(g)
		} else {
			then(func() { registry.remove(g) })
		}
		g.end()
	}()
	fn()
	returned = true
}

// crash panics with r, the result of recover, unless r is nil. It is called during the first panic, so the program crashes before
// the end of the goroutine can be observed.
func crash(r any) {
	if r != nil {
		panic(r)
	}
}

// end makes the goroutine count as ended.
func (g *Goroutine) end() {
	var wakes waitq.WakeList
	g.lock("end")
	g.ended.Store(true)
	g.joiners.NotifyAll(&g.q, &wakes)
	g.q.Emit(trace.KindExit, 0) // before a goroutine that was waiting for it can stop the trace
	g.q.Object().Forget()
	g.q.Unlock()
	wakes.Wake()
}

// Current returns the handle of the calling goroutine. It is never nil: a goroutine that was not started by [Go] gets a
// handle named "goroutine-<id>" that is always alive, whose Done returns nil, and whose Join panics.
func Current() *Goroutine {
	id := goid.Get()
	if g := registry.get(id); g != nil {
		return g
	}
	if g := briefs.get(id); g != nil {
		return g
	}
	g := &Goroutine{made: true, foreign: true, nameless: true}
	g.id.Store(id)
	return g
}

// namelessGoroutine returns the name of a goroutine that was not given one.
func namelessGoroutine(id int64) string { return "goroutine-" + strconv.FormatInt(id, 10) }

// Goroutines returns the running goroutines that were started by [Go], oldest first, and the goroutines of WaitGroups,
// Groups and Flights that have begun to run, in the order of their ids.
func Goroutines() []*Goroutine {
	all, more := registry.list(), briefs.list()
	if len(more) == 0 {
		return all
	}
	merged := make([]*Goroutine, 0, len(all)+len(more))
	for _, g := range all {
		id := g.id.Load() // 0 if it has not begun, and so is younger
		for len(more) > 0 && id != 0 && more[0].id.Load() < id {
			merged, more = append(merged, more[0]), more[1:]
		}
		merged = append(merged, g)
	}
	return append(merged, more...)
}

// Name returns the name given to [Go], or "goroutine-<id>" if that was empty.
func (g *Goroutine) Name() string {
	g.check("Name")
	if g.nameless {
		return g.nameOf(g.ID())
	}
	return g.name
}

// nameOf is Name for a goroutine whose id is known.
func (g *Goroutine) nameOf(id int64) string {
	if g.nameless {
		return namelessGoroutine(id)
	}
	return g.name
}

// ID returns the id of the goroutine, as shown in stack traces. Ids are positive and never reused. If the goroutine has
// not begun to run, ID waits until it has.
func (g *Goroutine) ID() int64 {
	g.check("ID")
	if id := g.id.Load(); id != 0 {
		return id
	}
	g.started.Wait()
	return g.id.Load()
}

// Alive reports whether the goroutine has not ended.
func (g *Goroutine) Alive() bool {
	g.check("Alive")
	g.q.PointRead("Alive")
	return !g.ended.Load()
}

// Done returns a channel that is closed when the goroutine ends. It is nil for a goroutine that was not started by
// [Go].
func (g *Goroutine) Done() <-chan struct{} {
	g.check("Done")
	if g.foreign {
		return nil
	}
	g.lock("Done")
	defer g.q.Unlock()
	if g.ended.Load() {
		return closed
	}
	return g.joiners.Chan()
}

// Join waits until the goroutine has ended. It panics if the goroutine is the caller itself, or was not started by [Go].
//
// The end of the goroutine “synchronizes before” the return of Join.
func (g *Goroutine) Join() {
	g.join(&forever, "Join")
}

// JoinContext is like [Goroutine.Join], but gives up when ctx ends and then returns its cause. JoinContext panics if
// ctx is nil.
func (g *Goroutine) JoinContext(ctx context.Context) error {
	g.check("JoinContext")
	lim := until(ctx, "Goroutine.JoinContext")
	return outcome(g.join(&lim, "JoinContext"), &lim)
}

// JoinTimeout is like [Goroutine.Join], but gives up after d and then returns false. If d is zero or negative, it does
// not wait, and reports whether the goroutine has ended.
func (g *Goroutine) JoinTimeout(d time.Duration) bool {
	lim := waitq.Within(d)
	return g.join(&lim, "JoinTimeout")
}

func (g *Goroutine) join(lim *waitq.Limit, verb string) (granted bool) {
	g.check(verb)
	switch {
	case g.foreign:
		misusef("Goroutine."+verb, "%s was not started by sync2.Go", g.Name())
	case g.id.Load() == goid.Get():
		misusef("Goroutine."+verb, "%s cannot wait for its own end", g.Name())
	}
	g.lock(verb)
	switch {
	case lim.Canceled():
	case g.ended.Load():
		g.q.Emit(trace.KindPass, 0)
		g.q.Object().Forget()
		granted = true
	case !lim.Instant():
		g.joiners.Register(&g.q, g, "Join")
		return g.joiners.Wait(&g.q, lim, verb)
	}
	g.q.Unlock()
	return granted
}

// check panics if g is nil or a zero value.
func (g *Goroutine) check(verb string) {
	if g == nil || !g.made {
		misuseZero("Goroutine."+verb, "Go")
	}
}

// lock begins the operation verb: it notifies observers, and takes the mutex.
func (g *Goroutine) lock(verb string) {
	g.q.Point(verb)
	g.q.Lock()
	if !hook.On(hook.Trace) {
		return
	}
	// It may have been started when no trace was running, and not have come to say its id. It takes no lock for that.
	if g.q.Define(trace.ClassGoroutine, g.ID(), nil) {
		g.joiners.Found(&g.q, g.joiners.Waiting(), "Join")
	}
}

func (g *Goroutine) traced() *trace.Object { return g.q.Object() }
