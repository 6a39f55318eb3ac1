package sync2

import (
	"slices"

	"github.com/turnstile-go/turnstile/sync2/internal/hook"
	"github.com/turnstile-go/turnstile/sync2/internal/waitq"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A group is one goroutine that waits for several futures. While it does, each future that is not settled has a
// watcher; the mutex of a future is locked before that of a group, never after.
type group struct {
	verb    string
	members []watcher // does not change once a member has joined

	q      waitq.Queue         // the goroutine, while it waits; its mutex guards what follows
	order  []*watcher          // the members whose futures are settled, in order
	failed int                 // number of them that failed
	enough func(g *group) bool // the condition that it waits for
}

// A watcher is a future's membership in a group.
type watcher struct {
	future     *future
	group      *group
	index      int      // of the future, for the group's owner
	next, prev *watcher // in the future's list, guarded by its mutex
	listed     bool     // it is in that list
}

// settled returns the number of settled members. The mutex must be held.
func (g *group) settled() int { return len(g.order) }

// size returns the number of members.
func (g *group) size() int { return len(g.members) }

// at returns the index of the member that was settled as the i'th.
func (g *group) at(i int) int {
	g.q.Lock()
	defer g.q.Unlock()
	return g.order[i].index
}

// join begins to watch the members. It sorts those that are already settled by the order in which they were.
func (g *group) join() {
	for i := range g.members {
		w := &g.members[i]
		w.future.watch(w)
	}
	g.q.Lock()
	defer g.q.Unlock()
	slices.SortStableFunc(g.order, func(a, b *watcher) int {
		if a.future.place < b.future.place {
			return -1
		}
		return 1
	})
}

// leave stops watching the members that are not settled. The group will not be used again, and a running trace forgets it.
func (g *group) leave() {
	for i := range g.members {
		w := &g.members[i]
		w.future.unwatch(w)
	}
	o := g.q.Object()
	o.Emit(trace.Event{Kind: trace.KindForget})
	o.Forget()
}

// wait waits until enough(g) returns true, which is called with the mutex held. It succeeds if enough(g) is already true, even
// if lim has ended.
func (g *group) wait(lim *waitq.Limit, enough func(*group) bool) (granted bool) {
	g.q.Point(g.verb)
	g.q.Lock()
	if !enough(g) && !lim.Canceled() {
		g.define()
	}
	switch {
	case enough(g):
		granted = true
	case !lim.Canceled():
		g.enough = enough
		w := waitq.NewWaiter(lim)
		g.q.List().Register(&g.q, g, g.verb)
		if granted = g.q.Park(w, lim, g.verb, false); granted {
			w.Free()
		}
		return granted
	}
	g.q.Unlock()
	return granted
}

// define defines the group in a running trace, by the name of its operation, with its futures. The mutex must be held. define
// releases it meanwhile if there is anything to emit, because the mutexes of futures are locked before it.
func (g *group) define() {
	o := g.q.Object()
	if !hook.On(hook.Trace) || o.ID() != 0 {
		return
	}
	trace.Name(o, g.verb)
	g.q.Define(trace.ClassGroup, int64(len(g.members)), nil)
	g.q.Unlock()
	for i := range g.members {
		g.members[i].future.tell(o)
	}
	g.q.Lock()
}

// tell emits that the group waits for f, if the trace knows the group: f's task may have begun since the group was defined.
func (f *future) tell(group *trace.Object) {
	f.q.Lock()
	defer f.unlock()
	f.define()
	if id := group.ID(); id != 0 {
		f.q.EmitFor(trace.KindWatch, 0, int64(id), int64(f.now()), "")
	}
}

// note adds w's future, which is being settled, to the order. If that is enough, it grants the group's goroutine.
func (g *group) note(w *watcher, wakes *waitq.WakeList) {
	g.q.Lock()
	defer g.q.Unlock()
	w.listed = false
	g.add(w)
	if waiter := g.q.Front(); waiter != nil && g.enough(g) {
		g.q.Grant(waiter, wakes)
	}
}

func (g *group) add(w *watcher) {
	g.order = append(g.order, w)
	if w.future.now() == Failed {
		g.failed++
	}
}

// watch makes f notify w's group when it is settled, or at once if it already is.
func (f *future) watch(w *watcher) {
	f.q.Lock()
	defer f.q.Unlock()
	if !f.hear() {
		w.group.q.Lock()
		w.group.add(w)
		w.group.q.Unlock()
		return
	}
	a := f.listeners()
	w.listed, w.next = true, a.watchers
	if w.next != nil {
		w.next.prev = w
	}
	a.watchers = w
}

// unwatch undoes watch.
func (f *future) unwatch(w *watcher) {
	f.q.Lock()
	defer f.q.Unlock()
	if !w.listed {
		return
	}
	w.listed = false
	if w.prev != nil {
		w.prev.next = w.next
	} else {
		f.audience.watchers = w.next
	}
	if w.next != nil {
		w.next.prev = w.prev
	}
}
