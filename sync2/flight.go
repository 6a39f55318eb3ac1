package sync2

import (
	"cmp"
	"context"

	"github.com/turnstile-go/turnstile/sync2/internal/goid"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
	"github.com/turnstile-go/turnstile/sync2/internal/waitq"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A Flight suppresses duplicate calls: a caller that asks for a key while a call for that key is in progress waits for
// its result instead of making a call of its own. It is for results that are expensive to compute, such as a page that
// is not in the cache. A Flight caches no results: once a call has returned, the next Do calls its function.
//
// The zero value for a Flight has no calls in progress. A Flight must not be copied after first use.
//
// In the terminology of the Go memory model, a call of Do “synchronizes before” the start of the function that it calls,
// and the end of that “synchronizes before” the return of every Do that returns its result. A Do that gives up
// establishes no such relation.
type Flight[K comparable, V any] struct {
	q     waitq.Queue // nothing waits in it; its mutex guards what follows, and is taken before that of a call
	calls map[K]*flightCall[V]
	most  int // maximum number of simultaneous calls since calls was made
	begun int // the number of calls that have begun
}

// A flightCall is one call of a function. The callers wait in its queue. In traces it is a future that belongs
// to the Flight.
type flightCall[V any] struct {
	ctx    flightContext           // of the function
	cancel context.CancelCauseFunc // ends the function's context if, because of an observer, that is not ctx

	callers int  // the number of callers that have not given up; guarded by the Flight's mutex
	landed  bool // every caller gets the result, even if its context ends now; guarded by the Flight's mutex

	q      waitq.Queue // its mutex guards what follows
	state  State
	result flightResult[V] // once the state is final
}

// A flightResult is the result of a call.
type flightResult[V any] struct {
	v        V
	err      error
	panicked *PanicError // nil if the function did not panic
}

// Do calls fn and returns its result. If a call for key is already in progress, Do waits for that call and returns its
// result instead. The result shared reports whether more than one caller got this result.
//
// fn runs in a goroutine of its own, named call-1, call-2 and so on, or pages-1 if the Flight was given the name pages by
// [trace.Name]. Its context has the values of the caller's context but no deadline; it ends when every caller has given
// up, with the cause of the last one. A call that every caller has given up is forgotten: the next Do calls its own fn,
// and if the forgotten call panics later, the panic is reported to the function given to [OnPanic], if any, and
// otherwise discarded.
//
// Do gives up when ctx ends, and then returns its cause; the other callers continue to wait. If ctx has already ended,
// Do fails even if a call is in progress. If fn panics, every caller that waits for it panics with the same
// [*PanicError]; if it calls runtime.Goexit, all of them get an error. Do panics if ctx or fn is nil, or if key is not
// equal to itself, like NaN.
//
// A call of Do “synchronizes before” the start of its fn, and the end of that “synchronizes before” the return of every Do
// that returns its result.
func (f *Flight[K, V]) Do(ctx context.Context, key K, fn func(ctx context.Context) (V, error)) (v V, shared bool, err error) {
	if fn == nil {
		misuse("Flight.Do", "the function is nil")
	}
	checkContext(ctx, "Flight.Do")
	checkKey(key, "Flight.Do")
	lim := waitq.Until(ctx)
	if lim.Ended() {
		return v, false, lim.Cause()
	}
	c, granted := f.join(ctx, key, fn, &lim)
	if !granted {
		landed, last := f.leave(c, key)
		if last {
			return v, false, c.abandon(ctx, &lim)
		}
		if !landed {
			return v, false, lim.Cause()
		}
		c.q.Lock()
		c.wait(f, &forever)
	}
	if c.result.panicked != nil {
		panic(c.result.panicked)
	}
	return c.result.v, c.callers > 1, c.result.err
}

// Forget makes the next Do for key call its function even if a call is in progress. Callers that wait for the call in
// progress still get its result. Forget panics if key is not equal to itself, like NaN.
func (f *Flight[K, V]) Forget(key K) {
	checkKey(key, "Flight.Forget")
	f.lock("Forget")
	defer f.q.Unlock()
	f.remove(key)
}

// Len returns the number of calls in progress that have not been forgotten.
func (f *Flight[K, V]) Len() int {
	f.q.Inspect("Len")
	defer f.q.Unlock()
	return len(f.calls)
}

// checkKey panics if key is not equal to itself, or cannot be compared.
func checkKey[K comparable](key K, op string) {
	if key != key { //nolint:gocritic // this is what NaN is
		misuse(op, "the key is not equal to itself")
	}
}

// join waits for the call for key, which it begins if there is none. It returns the call, and whether it has a result.
func (f *Flight[K, V]) join(ctx context.Context, key K, fn func(ctx context.Context) (V, error), lim *waitq.Limit) (c *flightCall[V], granted bool) {
	text := describe(key) // before anything is locked, because it may call the caller's code
	f.lock("Do")
	if c := f.calls[key]; c != nil {
		c.callers++
		c.q.Lock()
		f.q.Unlock()
		return c, c.wait(f, lim)
	}
	c = &flightCall[V]{callers: 1, state: Running}
	if f.calls == nil {
		f.calls = make(map[K]*flightCall[V])
	}
	f.calls[key] = c
	f.most = max(f.most, len(f.calls))
	f.begun++
	number := f.begun
	if hook.On(hook.Trace) {
		c.state = Pending
		c.announce(f, text)
	}
	f.q.Unlock()
	// The last caller to give up needs cancel, which cannot be before this caller waits.
	its := context.Context(&c.ctx)
	c.ctx.from = ctx
	if hook.Controlled() {
		its, c.cancel = hook.WithCancelCause(context.WithoutCancel(ctx))
	}
	f.launch(number, func() { f.fly(its, c, key, fn) })
	f.q.Point("Do")
	c.q.Lock()
	return c, c.wait(f, lim)
}

// launch starts the goroutine of the call with the given number, counting from 1.
func (f *Flight[K, V]) launch(number int, fly func()) {
	name := cmp.Or(f.q.Object().GivenName(), "call")
	if hook.Controlled() {
		launch(numbered(name, number), fly)
		return
	}
	release(&registry.order)
	parent := goid.Get()
	go func() {
		id := briefs.enter(name, number, parent, nil)
		defer func() {
			handle := briefs.leave(id)
			ReleaseLocals()
			if handle != nil {
				handle.end()
			}
		}()
		fly()
	}()
}

// leave notes that a caller of c, whose context has ended, gives up, unless c has landed. It reports whether c has landed, and
// whether that was the last caller.
func (f *Flight[K, V]) leave(c *flightCall[V], key K) (landed, last bool) {
	f.lock("leave")
	defer f.q.Unlock()
	if c.landed {
		return true, false
	}
	c.callers--
	if c.callers > 0 {
		return false, false
	}
	if f.calls[key] == c {
		f.remove(key)
	}
	return false, true
}

// remove forgets the call for key, if there is one. The mutex must be held.
func (f *Flight[K, V]) remove(key K) {
	delete(f.calls, key)
	if len(f.calls) == 0 && f.most > fewCalls { // a map never shrinks
		f.calls, f.most = nil, 0
	}
}

// fewCalls is the number of simultaneous calls up to which the memory of the map is kept.
const fewCalls = 64

// fly runs the goroutine of c.
func (f *Flight[K, V]) fly(ctx context.Context, c *flightCall[V], key K, fn func(ctx context.Context) (V, error)) {
	if c.state == Pending { // only this goroutine changes it
		c.begin(f)
	}
	var r flightResult[V]
	returned := false
	defer func() {
		if !returned {
			r.err = died(recover())
			r.panicked, _ = r.err.(*PanicError) //nolint:errorlint // it is what died returns
		}
		f.land(c, key, r)
	}()
	r.v, r.err = fn(ctx)
	returned = true
}

// land gives all callers of c its result.
func (f *Flight[K, V]) land(c *flightCall[V], key K, r flightResult[V]) {
	to, text := Succeeded, describe(r.v)
	if r.err != nil {
		to, text = Failed, trace.ErrorText(r.err)
	}
	var wakes waitq.WakeList
	f.lock("land")
	c.landed = true
	forgotten := c.callers == 0
	if f.calls[key] == c {
		f.remove(key)
	}
	c.q.Lock()
	f.q.Unlock()
	c.define(f)
	c.state, c.result = to, r
	c.q.EmitFor(trace.KindSettle, 0, 0, int64(to), text)
	for w := c.q.Front(); w != nil; w = c.q.Front() {
		c.q.Grant(w, &wakes)
	}
	c.unlock()
	wakes.Wake()
	c.end(nil)
	if forgotten && r.panicked != nil {
		lost(r.panicked)
	}
}

// lock begins the operation verb: it notifies observers, and takes the mutex.
func (f *Flight[K, V]) lock(verb string) {
	f.q.Begin(verb, trace.ClassFlight, 0)
}

func (f *Flight[K, V]) traced() *trace.Object { return f.q.Object() }

// wait waits for the result of c. The mutex must be held; wait returns without it.
func (c *flightCall[V]) wait(f owner, lim *waitq.Limit) (granted bool) {
	c.define(f)
	switch {
	case c.state.settled():
		c.q.Emit(trace.KindPass, 0)
		granted = true
	case !lim.Canceled():
		w := waitq.NewWaiter(lim)
		c.q.List().Register(&c.q, f, "Do")
		if granted = c.q.Park(w, lim, "Do", false); granted {
			w.Free()
		}
		return granted
	}
	c.unlock()
	return granted
}

// abandon ends the context of c, whose last caller has given up because ctx has ended, and returns the error for that. The
// context ends even if a method of ctx, which is the caller's code, does not return.
func (c *flightCall[V]) abandon(ctx context.Context, lim *waitq.Limit) error {
	var cause error
	defer func() { c.end(cause) }()
	err := lim.Cause()
	cause = context.Cause(ctx)
	return err
}

// end ends the context of the function.
func (c *flightCall[V]) end(cause error) {
	if c.cancel != nil {
		c.cancel(cause)
		return
	}
	c.ctx.end(cause)
}

// announce defines c in a running trace, under the name text. The Flight's mutex must be held.
func (c *flightCall[V]) announce(f traceable, text string) {
	o := f.traced()
	trace.Name(c.q.Object(), o.ShownName()+"["+text+"]")
	c.q.Lock()
	defer c.q.Unlock()
	c.define(f)
	c.q.EmitFor(trace.KindSubmit, 0, int64(o.ID()), 0, "")
}

// begin emits that the function of c begins, which a trace has shown as pending.
func (c *flightCall[V]) begin(f traceable) {
	c.q.Lock()
	defer c.unlock()
	c.define(f)
	c.state = Running
	c.q.Emit(trace.KindTaskStart, 0)
}

func (c *flightCall[V]) define(f traceable) {
	if hook.On(hook.Trace) && c.q.Define(trace.ClassFuture, int64(c.state), f.traced()) {
		c.q.FoundWaiting(c.q.List(), "Do")
	}
}

// unlock releases the mutex. A running trace forgets a call that has its result.
func (c *flightCall[V]) unlock() {
	if hook.Enabled() && c.state.settled() {
		c.q.Object().Forget()
	}
	c.q.Unlock()
}
