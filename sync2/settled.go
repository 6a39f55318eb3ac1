package sync2

import "context"

// Settled is the part of the interface of a Future that does not depend on the type of its value. Every *[Future] implements it, and no other type does.
type Settled interface {
	Done() <-chan struct{} // closed when the future is settled
	State() State          // the state of the future
	Err() error            // the error of a settled future, if any
	String() string

	common() *future
}

// Err returns the error that [Future.Result] would return if the future is settled, and nil otherwise. It never waits.
//
// The call that settles the future “synchronizes before” the return of a non-nil error.
func (f *Future[T]) Err() error {
	f.check("Err")
	f.q.PointRead("Err")
	if !f.now().settled() {
		return nil
	}
	return f.err
}

// common returns the part of f that does not depend on the type of the value, nil if f is nil or a zero value.
func (f *Future[T]) common() *future {
	if f == nil || !f.made {
		return nil
	}
	return &f.future
}

// WaitEach waits until all of fs are settled, whatever the types of their values, and returns the first error in the
// order of fs, of a future that failed or was canceled. If ctx ends first, WaitEach returns its cause; if it has ended
// already, it fails even if there is nothing to wait for. It panics if ctx or one of fs is nil.
//
// The call that settles each future “synchronizes before” a return that is not caused by ctx.
func WaitEach(ctx context.Context, fs ...Settled) error {
	const op = "WaitEach"
	g := &group{verb: op, members: make([]watcher, 0, len(fs))}
	seen := make(map[*future]struct{}, len(fs))
	for i, s := range fs {
		var f *future
		if s != nil {
			f = s.common()
		}
		if f == nil {
			misusef(op, "future %d is nil or not made by Submit or by a Promise", i)
		}
		if _, again := seen[f]; !again {
			seen[f] = struct{}{}
			g.members = append(g.members, watcher{future: f, group: g, index: i})
		}
	}
	lim := until(ctx, op)
	if lim.Ended() {
		return lim.Cause()
	}
	g.join()
	granted := g.wait(&lim, func(g *group) bool { return g.settled() == g.size() })
	g.leave()
	if !granted {
		return lim.Cause()
	}
	for i := range g.members {
		if err := g.members[i].future.err; err != nil {
			return err
		}
	}
	return nil
}
