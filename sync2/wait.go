package sync2

import (
	"context"
	"iter"
)

// WaitAll waits until all of fs are settled or ctx ends. It returns the settled and the pending futures, both in the
// order of fs and each future once. The error is the cause of ctx if ctx ended, and nil otherwise; it does not depend
// on how the futures were settled. If ctx has already ended, WaitAll fails even if there is nothing to wait for. It
// panics if ctx or one of fs is nil.
//
// The call that settles a future “synchronizes before” the return that lists it as done.
func WaitAll[T any](ctx context.Context, fs ...*Future[T]) (done, pending []*Future[T], err error) {
	return waitFor(ctx, "WaitAll", fs, func(g *group) bool { return g.settled() == g.size() })
}

// WaitAny waits until at least one of fs is settled or ctx ends; if fs is empty, it returns at once. Like [WaitAll], it
// returns the settled and the pending futures, and the cause of ctx if ctx ended, and panics if ctx or one of fs is
// nil.
func WaitAny[T any](ctx context.Context, fs ...*Future[T]) (done, pending []*Future[T], err error) {
	return waitFor(ctx, "WaitAny", fs, func(g *group) bool { return g.settled() > 0 || g.size() == 0 })
}

// WaitFirstError waits until at least one of fs has failed, all are settled, or ctx ends. A canceled future has not
// failed. Like [WaitAll], it returns the settled and the pending futures, and the cause of ctx if ctx ended, and panics
// if ctx or one of fs is nil.
func WaitFirstError[T any](ctx context.Context, fs ...*Future[T]) (done, pending []*Future[T], err error) {
	return waitFor(ctx, "WaitFirstError", fs, func(g *group) bool { return g.failed > 0 || g.settled() == g.size() })
}

func waitFor[T any](ctx context.Context, op string, fs []*Future[T], enough func(*group) bool) (done, pending []*Future[T], err error) {
	g := newGroup(op, fs)
	lim := until(ctx, op)
	if lim.Ended() {
		err = lim.Cause()
	} else {
		g.join()
		granted := g.wait(&lim, enough)
		g.leave()
		err = outcome(granted, &lim)
	}
	for _, w := range g.members {
		if f := fs[w.index]; f.now().settled() {
			done = append(done, f)
		} else {
			pending = append(pending, f)
		}
	}
	return done, pending, err
}

// AsCompleted returns an iterator over fs in the order in which they are settled, starting with those that already are.
// It yields each future once, with a nil error. If ctx ends, it yields the futures settled by then, followed by a nil
// future with the cause of ctx. The error does not depend on how the futures were settled: call their Result.
// AsCompleted panics if ctx or one of fs is nil.
//
// The call that settles a future “synchronizes before” the iteration that yields it.
func AsCompleted[T any](ctx context.Context, fs ...*Future[T]) iter.Seq2[*Future[T], error] {
	checkContext(ctx, "AsCompleted")
	checkFutures("AsCompleted", fs)
	return func(yield func(*Future[T], error) bool) {
		g := newGroup("AsCompleted", fs)
		g.join()
		defer g.leave()
		for i := range g.members {
			lim := until(ctx, "AsCompleted")
			if !g.wait(&lim, func(g *group) bool { return g.settled() > i }) {
				break
			}
			if !yield(fs[g.at(i)], nil) {
				return
			}
		}
		if lim := until(ctx, "AsCompleted"); lim.Ended() {
			yield(nil, lim.Cause())
		}
	}
}

// checkFutures panics if one of fs is nil or a zero value.
func checkFutures[T any](op string, fs []*Future[T]) {
	for i, f := range fs {
		if f == nil || !f.made {
			misusef(op, "future %d is nil or not made by Submit or by a Promise", i)
		}
	}
}

// newGroup returns a group with each of fs once.
func newGroup[T any](op string, fs []*Future[T]) *group {
	checkFutures(op, fs)
	g := &group{verb: op, members: make([]watcher, 0, len(fs))}
	seen := make(map[*Future[T]]struct{}, len(fs))
	for i, f := range fs {
		if _, again := seen[f]; !again {
			seen[f] = struct{}{}
			g.members = append(g.members, watcher{future: &f.future, group: g, index: i})
		}
	}
	return g
}
