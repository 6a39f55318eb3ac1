package waitq

import (
	"runtime"
	"slices"
	"sync"

	"github.com/turnstile-go/turnstile/sync2/internal/goid"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
	"github.com/turnstile-go/turnstile/sync2/internal/steps"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A Crowd is the goroutines that wait for one thing, all of them released at once; then it may gather again. Those who
// wait without a limit share one sync.Cond and cost nothing; those with a limit share one channel, closed once. If many
// wait with the same context, one of them watches it for all, and the others cost half. The zero value is ready. A Crowd
// is guarded by the mutex of a [Queue], always the same, which its methods name.
type Crowd struct {
	cond   sync.Cond       // those without a limit
	ch     chan struct{}   // those with one, and those who asked for Chan
	done   <-chan struct{} // of the context that one of those on ch watches for all who come with it; nil: none
	led    *sync.Cond      // those others; made for the first
	given  bool            // Chan gave ch away
	count  int             // how many wait
	inCh   int             // how many of them have a limit, and so need ch
	rounds steps.Uint64    // how often the crowd was released; written under the mutex
	bound  bool            // see Commit
	seen   []*Waiter       // those of them that came while somebody watched, in order

	// Keeps says that one whose limit has ended is still of the crowd when Gather has returned false: the primitive then
	// decides with Quit or Stay what becomes of it. It may only be set while nobody waits.
	Keeps bool

	// What a trace was told of those who came before it knew of the object: the session in which it was told that they
	// wait, and how many of them still do. They are not told apart.
	told  uint32
	known int
	late  bool // the one who calls Gather next is one of them
}

// knows returns of how many the running trace knows that they wait, but not who they are. The mutex must be held.
func (c *Crowd) knows(q *Queue) int {
	if c.known > 0 && c.told == q.Session() {
		return c.known
	}
	return 0
}

// Found tells a trace that n wait in the crowd, those in [Crowd.Yield] included. The mutex must be held.
func (c *Crowd) Found(q *Queue, n int, verb string) {
	c.told, c.known = q.Session(), n
	for range n {
		q.obj.Emit(trace.Event{Kind: trace.KindBlock, G: trace.Somebody, N: 1, Text: verb})
	}
}

// forgo tells a trace that one of those gave up whom it does not know, if there are any. The mutex must be held.
func (c *Crowd) forgo(q *Queue, lim *Limit) {
	if c.knows(q) > 0 {
		c.known--
		q.Found(trace.KindGiveUp, int64(lim.reason()), 0)
	}
}

// Waiting returns how many wait. The mutex must be held.
func (c *Crowd) Waiting() int { return c.count }

// Chan returns the channel that the next ReleaseAll closes. The mutex must be held.
func (c *Crowd) Chan() <-chan struct{} {
	c.given = true
	return c.channel()
}

func (c *Crowd) channel() <-chan struct{} {
	if c.ch == nil {
		c.ch = make(chan struct{})
	}
	return c.ch
}

// Round returns how often the crowd has been released. The mutex must be held.
func (c *Crowd) Round() uint64 { return c.rounds.Load() }

// Commit makes those who wait now stay until ReleaseAll, whatever becomes of their limits. The mutex must be held.
func (c *Crowd) Commit() { c.bound = true }

// Yield lets other goroutines run, once, and reports whether one of them called ReleaseAll. It is for a wait that will
// be over soon, and then saves the parking and the waking; Gather must follow if it returns false. The mutex must be
// held; Yield lets go of it meanwhile, and holds it again only if it returns false.
func (c *Crowd) Yield(q *Queue) bool {
	if hook.Watched() {
		return false
	}
	round, session := c.rounds.Load(), q.Session()
	q.mu.Unlock()
	runtime.Gosched()
	if c.rounds.Load() != round {
		return true
	}
	q.mu.Lock()
	if c.rounds.Load() != round {
		q.mu.Unlock()
		return true
	}
	c.late = q.Session() != session
	return false
}

// Gather waits until ReleaseAll or until lim ends. The mutex must be held; Gather returns without it. It returns true
// when it was released, and false when it gave up.
func (c *Crowd) Gather(q *Queue, lim *Limit, verb string) (released bool) {
	if lim.Plain() {
		c.Join(q)
		return true
	}
	c.count++
	if hook.Steered() {
		return c.gatherWatched(q, lim, verb)
	}
	c.late = false
	round, open := c.rounds.Load(), c.channel()
	c.inCh++
	ctx, timer := lim.channels()
	if ctx != nil && ctx == c.done {
		c.follow(q)
		if c.rounds.Load() != round {
			return true
		}
	} else {
		if c.done == nil {
			c.done = ctx
		}
		q.mu.Unlock()
		select { // here, not in before: every frame counts on the stacks of those who wait
		case <-open:
			return true
		case <-ctx:
		case <-timer:
		}
	}
	q.mu.Lock()
	if c.rounds.Load() != round || c.bound {
		q.mu.Unlock()
		<-open
		return true
	}
	defer q.mu.Unlock()
	if ctx != nil && ctx == c.done {
		c.disband()
	}
	c.count--
	if !c.Keeps {
		c.forgo(q, lim)
	}
	if c.inCh--; c.inCh == 0 && !c.given {
		c.ch = nil // the next who waits may be in another synctest bubble
	}
	return false
}

// follow waits until the crowd is released or disbanded. The mutex must be held; follow returns without it.
func (c *Crowd) follow(q *Queue) {
	if c.led == nil {
		c.led = sync.NewCond((*handOff)(q))
	}
	c.led.Wait() // lets go of the mutex and does not take it back
}

// disband wakes those for whom somebody watched a context. The mutex must be held.
func (c *Crowd) disband() {
	c.done = nil
	if c.led != nil {
		c.led.Broadcast()
	}
}

// Join is Gather with a Limit that is Plain. It returns without the mutex. To call it in place of Gather leaves the
// stacks of those who wait smaller.
func (c *Crowd) Join(q *Queue) {
	c.count++
	c.late = false
	c.cond.L = (*handOff)(q)
	c.cond.Wait() // lets go of the mutex and does not take it back
	if raced {
		c.rounds.Load() // pairs with the Add of ReleaseAll
	}
}

// gatherWatched is Gather while somebody watches: each has a Waiter of its own, so that all are known.
func (c *Crowd) gatherWatched(q *Queue, lim *Limit, verb string) (released bool) {
	w := &Waiter{N: 1, G: goid.Get(), task: hook.Explored(), ch: make(chan struct{}, 1)}
	c.seen = append(c.seen, w)
	if c.late {
		c.late = false
	} else {
		q.emitBlock(w, verb, false)
	}
	q.mu.Unlock()
	if !w.sleep(q, lim, verb) {
		q.mu.Lock()
		if !w.granted && !c.bound {
			if c.Keeps {
				lim.undecided = w
			} else {
				c.quit(q, w, lim)
			}
			q.mu.Unlock()
			return false
		}
		q.mu.Unlock()
		w.await(q)
	}
	q.emitResume(w)
	return true
}

// quit takes w, whose limit has ended, out of the crowd. The mutex must be held.
func (c *Crowd) quit(q *Queue, w *Waiter, lim *Limit) {
	if i := slices.Index(c.seen, w); i >= 0 {
		c.seen = slices.Delete(c.seen, i, i+1)
	}
	c.count--
	if q.knows(w) {
		q.Emit(trace.KindGiveUp, int64(lim.reason()))
	} else {
		c.forgo(q, lim)
	}
}

// Quit ends the wait of the calling goroutine in a crowd that Keeps: it gives up. The mutex must be held.
func (c *Crowd) Quit(q *Queue, lim *Limit) {
	if w := lim.undecided; w != nil {
		lim.undecided = nil
		c.quit(q, w, lim)
	} else {
		c.forgo(q, lim)
	}
}

// Stay goes on with the wait of the calling goroutine in a crowd that Keeps, which was released meanwhile or will be for
// certain. The mutex must be held; Stay returns without it.
func (c *Crowd) Stay(q *Queue, lim *Limit, released bool) {
	switch w := lim.undecided; {
	case w != nil:
		lim.undecided = nil
		q.mu.Unlock()
		w.await(q)
		q.emitResume(w)
	case released:
		q.mu.Unlock()
	default:
		c.Join(q)
	}
}

// ReleaseAll wakes all who wait. The mutex must be held, and stays so: that keeps those who come for the next round
// out of this one. It synchronizes before the return of every Gather that it releases.
func (c *Crowd) ReleaseAll(q *Queue) {
	c.rounds.Add(1)
	c.count, c.inCh, c.given, c.bound = 0, 0, false, false
	if c.seen != nil || c.known > 0 {
		c.releaseSeen(q)
	}
	if c.ch != nil {
		close(c.ch)
		c.ch = nil
	}
	c.disband()
	c.cond.Broadcast()
}

func (c *Crowd) releaseSeen(q *Queue) {
	c.Tell(q)
	for _, w := range c.seen {
		w.wake()
	}
	c.seen = nil
}

// Tell tells those who watch of the ReleaseAll that must follow, so that something else can be told between that and
// the wake. The mutex must be held.
func (c *Crowd) Tell(q *Queue) {
	for range c.knows(q) {
		q.Found(trace.KindUnblock, 0, goid.Get())
	}
	c.known = 0
	for _, w := range c.seen {
		if !w.granted {
			w.granted = true
			if q.knows(w) {
				q.emitUnblock(w)
			}
		}
	}
}
