package sync2

import (
	"cmp"
	"context"
	"errors"
	"math"
	"slices"
	"time"

	"github.com/turnstile-go/turnstile/sync2/internal/goid"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
	"github.com/turnstile-go/turnstile/sync2/internal/waitq"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A Group is a set of goroutines that work on parts of one task: when one fails, the context of all of them ends, and
// Wait returns the error.
//
// A Group is made by [NewGroup] and must not be copied. It cannot be reused: once a Wait has returned, Go panics.
//
// In the terminology of the Go memory model, a call of Go, TryGo or GoContext “synchronizes before” the start of its
// function, and the end of each function “synchronizes before” the return of any Wait that does not give up.
type Group struct {
	ctx    context.Context // nil if not made by NewGroup
	cancel context.CancelCauseFunc
	limit  int  // maximum number of goroutines at once; 0 if unlimited
	every  bool // every error counts

	q        waitq.Queue      // waits for a place; its mutex guards what follows
	running  int              // goroutines that have not ended, and places assigned to those that will be started
	began    int              // places ever assigned: the next number in the order of Go
	waiting  waitq.NotifyList // waits for the end
	returned bool             // a Wait has returned, or is certain to
	failures []groupError     // without every, the first
	panicked *PanicError      // the first
}

// A groupError is an error, and its place in the order of Go.
type groupError struct {
	number int
	err    error
}

// A GroupOption configures a Group: see [NewGroup].
type GroupOption func(*Group)

// WithLimit limits the group to n running goroutines: Go waits while n are running. WithLimit panics if n is less than
// 1.
func WithLimit(n int) GroupOption {
	if n < 1 {
		misusef("WithLimit", "%d goroutines; must be at least 1", n)
	}
	return func(g *Group) { g.limit = n }
}

// WithAllErrors lets the group continue after an error: its context does not end. Wait then returns all errors, joined
// by errors.Join in the order in which the goroutines were started, followed by the cause given to Cancel.
func WithAllErrors() GroupOption {
	return func(g *Group) { g.every = true }
}

// NewGroup returns an empty group whose context is derived from ctx. It panics if ctx or an option is nil.
func NewGroup(ctx context.Context, opts ...GroupOption) *Group {
	checkContext(ctx, "NewGroup")
	g := new(Group)
	for i, opt := range opts {
		if opt == nil {
			misusef("NewGroup", "option %d is nil", i)
		}
		opt(g)
	}
	g.ctx, g.cancel = hook.WithCancelCause(ctx)
	return g
}

// Context returns the context that is passed to every function of the group. It ends with the first error as its cause
// (except [WithAllErrors]), with the cause given to Cancel, with the context given to NewGroup, and when Wait returns.
func (g *Group) Context() context.Context {
	g.check("Context")
	return g.ctx
}

// Go starts a goroutine with the given name, as [Go] does, that calls fn with the context of the group. If the group
// has a limit and is full, Go first waits for a place; waiting calls are served in FIFO order. fn is called even if the
// context has ended. If every goroutine of a full group calls Go, they wait forever.
//
// If fn returns an error, the context of the group ends, unless the group was made [WithAllErrors]. If fn panics, the
// context ends with a [*PanicError] as its cause, and Wait panics with that. A call of runtime.Goexit in fn counts as
// an error. Go panics if fn is nil, or if a Wait has returned.
//
// Go “synchronizes before” the start of fn.
func (g *Group) Go(name string, fn func(ctx context.Context) error) {
	g.checkGo("Go", fn)
	fn = bequeathMember(fn)
	number, _ := g.enter(&forever, "Go")
	g.start(number, name, fn)
}

// TryGo is like [Group.Go], but does not wait for a place: it reports whether it started the goroutine. It returns
// false while other calls wait for a place. TryGo panics if fn is nil, or if a Wait has returned.
func (g *Group) TryGo(name string, fn func(ctx context.Context) error) bool {
	g.checkGo("TryGo", fn)
	fn = bequeathMember(fn)
	lim := waitq.Within(0)
	number, ok := g.enter(&lim, "TryGo")
	if ok {
		g.start(number, name, fn)
	}
	return ok
}

// GoContext is like [Group.Go], but stops waiting for a place when ctx ends; then it returns the cause of ctx and does
// not call fn. If ctx has already ended, it fails even if there is a place. fn is called with the context of the group,
// not with ctx. GoContext panics if ctx or fn is nil, or if a Wait has returned.
func (g *Group) GoContext(ctx context.Context, name string, fn func(ctx context.Context) error) error {
	g.checkGo("GoContext", fn)
	checkContext(ctx, "Group.GoContext")
	lim := waitq.Until(ctx)
	if !lim.Ended() {
		fn = bequeathMember(fn)
	}
	number, ok := g.enter(&lim, "GoContext")
	if !ok {
		return lim.Cause()
	}
	g.start(number, name, fn)
	return nil
}

// Cancel ends the context of the group with cause, which counts as an error of the group: the first one if there was
// none before, or one more if the group was made [WithAllErrors]. So Wait fails even if every function returns nil. A
// nil cause means [ErrCanceled]. Cancel does not wait for the goroutines. After Wait has returned, Cancel does nothing.
func (g *Group) Cancel(cause error) {
	g.check("Cancel")
	if cause == nil {
		cause = &canceledError{context.Canceled}
	}
	text := trace.ErrorText(cause) // before anything is locked, because it may call the caller's code
	g.lock("Cancel")
	if g.returned {
		g.q.Unlock()
		return
	}
	g.add(groupError{math.MaxInt, cause})
	g.q.EmitFor(trace.KindCancel, 0, 0, 0, text)
	g.q.Unlock()
	g.cancel(cause)
}

// Wait waits until every goroutine of the group has ended, including those that wait for a place when it is called. It
// returns the first error, or nil if there is none; if the group was made [WithAllErrors], it returns all errors
// joined. If a function panicked, every Wait of the group panics with the [*PanicError] of the first panic, whatever
// errors there are. The end of the context given to NewGroup is not an error by itself. When Wait returns, the context
// of the group has ended.
//
// The end of every function “synchronizes before” the return of Wait.
func (g *Group) Wait() error {
	return g.wait(&forever, "Wait")
}

// WaitContext is like [Group.Wait], but gives up when ctx ends, and then returns its cause. Giving up has no side
// effects: the goroutines continue, others can be started, and Wait can be called again. If ctx has already ended, it
// fails even if there is nothing to wait for. WaitContext panics if ctx is nil.
func (g *Group) WaitContext(ctx context.Context) error {
	g.check("WaitContext")
	lim := until(ctx, "Group.WaitContext")
	return g.wait(&lim, "WaitContext")
}

// WaitTimeout is like [Group.WaitContext], but gives up after d, and then returns an error that matches
// context.DeadlineExceeded. If d is zero or negative, it does not wait.
func (g *Group) WaitTimeout(d time.Duration) error {
	lim := waitq.Within(d)
	return g.wait(&lim, "WaitTimeout")
}

func (g *Group) wait(lim *waitq.Limit, verb string) error {
	if !g.join(lim, verb) {
		return lim.Cause()
	}
	g.cancel(nil)
	if g.panicked != nil {
		panic(g.panicked)
	}
	if len(g.failures) == 0 {
		return nil
	}
	if !g.every {
		return g.failures[0].err
	}
	all := slices.Clone(g.failures) // there may be several calls of Wait
	slices.SortStableFunc(all, func(a, b groupError) int { return cmp.Compare(a.number, b.number) })
	var errs []error
	for _, f := range all {
		errs = append(errs, f.err)
	}
	return errors.Join(errs...)
}

// join waits until all have ended. After that, the group does not change anymore.
func (g *Group) join(lim *waitq.Limit, verb string) (granted bool) {
	g.lock(verb)
	switch {
	case lim.Canceled():
	case g.running == 0: // then nothing waits for a place
		g.returned = true
		g.q.Emit(trace.KindPass, 0)
		granted = true
	case !lim.Instant():
		g.waiting.Register(&g.q, g, "Wait")
		return g.waiting.Wait(&g.q, lim, verb)
	}
	g.q.Unlock()
	return granted
}

// enter waits for a place, and returns its number in the order of Go, and whether there was one.
func (g *Group) enter(lim *waitq.Limit, verb string) (number int, granted bool) {
	g.lock(verb)
	switch {
	case g.returned:
		g.q.Unlock()
		misuseReturned("Group." + verb)
	case lim.Canceled():
	case g.limit == 0 || g.running < g.limit: // then nothing waits
		number, granted = g.place(), true
	case lim.Instant():
		g.q.EmitFor(trace.KindTryFail, 0, 0, 1, verb)
	default:
		w := waitq.NewWaiter(lim)
		g.q.List().Register(&g.q, g, "Go")
		if granted = g.q.Park(w, lim, verb, false); granted {
			number = int(w.Tag)
			w.Free()
		}
		return number, granted // giving up leaves no place free: all of them are taken
	}
	g.q.Unlock()
	return number, granted
}

// place assigns a place, and returns its number. The mutex must be held.
func (g *Group) place() int {
	g.running++
	g.began++
	return g.began - 1
}

// start starts the goroutine with the given number, which has a place.
func (g *Group) start(number int, name string, fn func(ctx context.Context) error) {
	if hook.Controlled() {
		m := newGoroutine(name)
		m.group = g
		m.start(func() { g.run(number, fn) }, g.leave)
		return
	}
	release(&registry.order)
	parent := goid.Get()
	go g.member(number, name, fn, parent)
}

// member is run by a goroutine of the group that was started without an observer.
func (g *Group) member(number int, name string, fn func(ctx context.Context) error, parent int64) {
	id := briefs.enter(name, 0, parent, g)
	if hook.On(hook.Trace) {
		g.q.Lock()
		g.define()
		g.found(id)
		g.q.Unlock()
	}
	defer func() {
		ReleaseLocals()
		var handle *Goroutine
		g.leave(func() { handle = briefs.leave(id) })
		if handle != nil {
			handle.end()
		}
	}()
	g.run(number, fn)
}

// found emits that the goroutine with the given id belongs to the group, unless the trace knows it. The mutex must be held.
func (g *Group) found(id int64) {
	if now := g.q.Session(); now != 0 && briefs.find(id, now) {
		g.q.Found(trace.KindSpawn, 0, id)
	}
}

// run is run by the goroutines of the group.
func (g *Group) run(number int, fn func(ctx context.Context) error) {
	returned := false
	defer func() {
		if !returned {
			err := died(recover())
			p, _ := err.(*PanicError) //nolint:errorlint // it is what died returns
			g.fail(groupError{number, err}, p)
		}
	}()
	err := fn(g.ctx)
	returned = true
	if err != nil {
		g.fail(groupError{number, err}, nil)
	} else if hook.On(hook.Trace) {
		g.lock("return")
		g.q.Emit(trace.KindSettle, int64(Succeeded))
		g.q.Unlock()
	}
}

// fail notes that a goroutine of the group has failed, with a panic if p is not nil.
func (g *Group) fail(f groupError, p *PanicError) {
	text := trace.ErrorText(f.err)
	g.lock("fail")
	g.add(f)
	if g.panicked == nil {
		g.panicked = p
	}
	g.q.EmitFor(trace.KindSettle, 0, 0, int64(Failed), text)
	g.q.Unlock()
	if !g.every {
		g.cancel(f.err)
	}
}

// add notes an error, if it counts. The mutex must be held.
func (g *Group) add(f groupError) {
	if g.every || len(g.failures) == 0 {
		g.failures = append(g.failures, f)
	}
}

// leave notes that the calling goroutine has ended, and calls gone when a running trace knows that: one that begins before
// finds it in the list of those that run. Its place goes to the first waiter.
func (g *Group) leave(gone func()) {
	var wakes waitq.WakeList
	g.lock("leave")
	g.running--
	g.q.Emit(trace.KindTaskDone, int64(g.running))
	gone()
	if w := g.q.Front(); w != nil {
		w.Tag = uint64(g.place())
		g.q.Grant(w, &wakes)
	} else if g.running == 0 {
		g.returned = g.returned || g.waiting.Waiting() > 0
		g.waiting.NotifyAll(&g.q, &wakes)
	}
	g.q.Unlock()
	wakes.Wake()
}

// check panics if g was not made by NewGroup.
func (g *Group) check(verb string) {
	if g == nil || g.ctx == nil {
		misuseZero("Group."+verb, "NewGroup")
	}
}

// checkGo panics if g was not made by NewGroup, or if fn is nil.
func (g *Group) checkGo(verb string, fn func(ctx context.Context) error) {
	g.check(verb)
	if fn == nil {
		misuse("Group."+verb, "the function is nil")
	}
}

// misuseReturned panics with a UsageError for an operation on a group whose Wait has returned.
func misuseReturned(op string) { misuse(op, "Wait has returned") }

// lock begins the operation verb: it notifies observers, and takes the mutex.
func (g *Group) lock(verb string) {
	if g == nil || g.ctx == nil {
		g.check(verb)
	}
	g.q.Point(verb)
	g.q.Lock()
	g.define()
}

// define defines g in a running trace, with its goroutines. The mutex must be held.
func (g *Group) define() {
	if !g.q.Define(trace.ClassTaskGroup, int64(g.limit), nil) {
		return
	}
	for _, m := range registry.list() {
		if m.group == g {
			g.q.Found(trace.KindSpawn, 0, m.ID())
		}
	}
	for _, id := range briefs.members(g) {
		g.found(id)
	}
	g.q.FoundWaiting(g.q.List(), "Go")
	g.waiting.Found(&g.q, g.waiting.Waiting(), "Wait")
}

func (g *Group) traced() *trace.Object { return g.q.Object() }
