package sync2

import (
	"context"
	"iter"
)

// WaitAll waits until all of fs are settled. It returns those that are, and those that are not because ctx ended; both in
// the order of fs, and each future once. The error is the cause of ctx if that ended, else nil; it says nothing of how
// the futures were settled. If ctx has ended already, WaitAll fails even if there is nothing to wait for. It panics if ctx
// or one of fs is nil.
//
// What settled a future “synchronizes before” the return that says it is done.
func WaitAll[T any](ctx context.Context, fs ...*Future[T]) (done, pending []*Future[T], err error) {
	return waitFor(ctx, "WaitAll", fs, func(g *group) bool { return g.settled() == g.size() })
}

// WaitAny waits until at least one of fs is settled; if there are none, it returns at once. Context, results and panics
// are as with [WaitAll].
func WaitAny[T any](ctx context.Context, fs ...*Future[T]) (done, pending []*Future[T], err error) {
	return waitFor(ctx, "WaitAny", fs, func(g *group) bool { return g.settled() > 0 || g.size() == 0 })
}

// WaitFirstError waits until at least one of fs has failed, or all are settled. One that was canceled has not failed.
// Context, results and panics are as with [WaitAll].
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

// AsCompleted returns an iterator over fs in the order in which they are settled, those first that are settled already.
// It yields each future once, with a nil error. If ctx ends, it yields what is settled by then, and after that nil with
// the cause of ctx. How a future was settled makes no difference: ask its Result. AsCompleted panics if ctx or one of fs
// is nil.
//
// What settled a future “synchronizes before” the turn in which it is yielded.
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

// checkFutures panics if one of fs is nil or was made by nobody.
func checkFutures[T any](op string, fs []*Future[T]) {
	for i, f := range fs {
		if f == nil || !f.made {
			misusef(op, "future %d is nil or not made by Submit or by a Promise", i)
		}
	}
}

// newGroup returns a group whose members are fs, each once.
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
