package trace

import (
	"fmt"
	"slices"
)

// What is particular to Events, locks, semaphores, Conds, queues and futures.

// The numbers of sync2.State that are needed here.
const (
	vPending   = 1
	vStarted   = 2
	vSucceeded = 3
	vCanceled  = 5
)

// set: all who wait are released. A timer goes off later.
func (v *Validator) set(ev *Event, _ *vGoroutine, o *vObject) string {
	if o.class == ClassWatch {
		return v.setWatch(ev, o)
	}
	o.set, o.setKnown = true, true
	if o.class == ClassTimer {
		return ""
	}
	o.pending = len(o.queue)
	if ev.N < int64(len(o.queue)) {
		return fmt.Sprintf("%d wait, but it releases %d", len(o.queue), ev.N)
	}
	return ""
}

func (v *Validator) clear(_ *Event, _ *vGoroutine, o *vObject) string {
	o.set, o.setKnown = false, true
	return ""
}

// pass: the way is open.
func (v *Validator) pass(ev *Event, _ *vGoroutine, o *vObject) string {
	switch {
	case o.class == ClassWatch || o.class == ClassTaskGroup:
		return o.passNew(ev)
	case o.class == ClassEvent && o.setKnown && !o.set:
		return "the event is not set"
	case o.class == ClassFuture && o.progress != 0 && o.progress < vSucceeded:
		return "the future is not settled"
	case o.class == ClassGoroutine && (v.status(o.of) == vRunning || v.status(o.of) == vWaiting || v.status(o.of) == vReleased):
		return "the goroutine has not ended"
	case o.vague:
	case o.class == ClassWaitGroup && o.counter > 0:
		return fmt.Sprintf("the counter is %d", o.counter)
	case o.class == ClassOnce && !o.done:
		return "the function has not run"
	case o.class == ClassChan && !o.items.closed:
		return "the channel is not closed"
	case o.class == ClassChan && len(o.items.list) > 0:
		return fmt.Sprintf("there are %d items in it", len(o.items.list))
	case o.items.counted && o.items.unfinished > 0: // a Join
		return fmt.Sprintf("%d items are unfinished", o.items.unfinished)
	}
	return ""
}

func (v *Validator) acquire(ev *Event, g *vGoroutine, o *vObject) string {
	switch o.class {
	case ClassSemaphore:
		return v.acquirePermits(ev, g, o)
	case ClassMutex, ClassReentrantLock:
		return v.acquireLock(ev, g, o)
	case ClassRWMutex:
		return v.acquireRW(ev, g, o)
	default:
		return ""
	}
}

// acquireLock: nobody gets a lock that another holds. Who holds a ReentrantLock gets one deeper; who gets it anew may
// come back to any depth, from a Cond.
func (v *Validator) acquireLock(ev *Event, g *vGoroutine, o *vObject) (wrong string) {
	switch {
	case ev.N < 1 || ev.N > 1 && o.class == ClassMutex:
		wrong = fmt.Sprintf("it holds it %d deep", ev.N)
	case o.vague || o.depth == 0: // or may be
	case o.owner == 0 && o.class == ClassReentrantLock: // its owner is not known: this tells
	case o.owner != g.id || o.class == ClassMutex:
		wrong = fmt.Sprintf("%s holds it", v.holder(o))
	case ev.N != o.depth+1:
		wrong = fmt.Sprintf("it held it %d deep, and now %d", o.depth, ev.N)
	}
	o.owner, o.depth, o.vague = g.id, ev.N, false
	return wrong
}

func (v *Validator) holder(o *vObject) string {
	if o.owner == 0 {
		return "somebody"
	}
	return v.gName(o.owner)
}

// acquirePermits: there are never less than no permits, and nobody overtakes those who queue, but for Drain, which
// takes whatever there is. One that was not known when it was released has got its permits already.
func (v *Validator) acquirePermits(ev *Event, g *vGoroutine, o *vObject) (wrong string) {
	if ev.Peer == -1 {
		if o.owed -= max(0, ev.N); o.owed < 0 || ev.N < 1 {
			o.owed = 0
			if !o.vague {
				wrong = fmt.Sprintf("it got %d permits, but nobody unknown did", ev.N)
			}
		}
		return wrong
	}
	granted := v.mayBeGranted(g, o.id)
	switch {
	case ev.N < 1:
		wrong = fmt.Sprintf("it takes %d permits", ev.N)
	case granted && g.want != 0 && g.want != ev.N:
		wrong = fmt.Sprintf("it takes %d permits, but asked for %d", ev.N, g.want)
	case o.vague:
	case ev.N > o.permits:
		wrong = fmt.Sprintf("there are %d permits", o.permits)
	case !granted && len(o.queue) > 0 && ev.N < o.permits:
		wrong = fmt.Sprintf("%s has waited longer", o.queue[0].name)
	}
	o.permits = max(0, o.permits-ev.N)
	return wrong
}

// resize: the permits in use may be more than there are now.
func (v *Validator) resize(ev *Event, _ *vGoroutine, o *vObject) string {
	if o.class == ClassSemaphore {
		o.permits = max(0, ev.N)
	}
	if ev.N < 0 {
		return fmt.Sprintf("it makes the size %d", ev.N)
	}
	return ""
}

func (v *Validator) release(ev *Event, g *vGoroutine, o *vObject) (wrong string) {
	if o.class == ClassSemaphore {
		if ev.N < 1 {
			wrong = fmt.Sprintf("it gives back %d permits", ev.N)
		}
		o.permits += max(0, ev.N)
		return wrong
	}
	if o.class == ClassRWMutex {
		return v.releaseRW(ev, o)
	}
	if !slices.Contains(vLocks, o.class) {
		return ""
	}
	switch {
	case ev.N < 0 || ev.N > 0 && o.class == ClassMutex:
		wrong = fmt.Sprintf("it holds it %d deep", ev.N)
	case o.vague:
	case o.depth == 0:
		wrong = "nobody holds it"
	case o.owner == 0 || o.class == ClassMutex:
	case o.owner != g.id:
		wrong = fmt.Sprintf("%s holds it", v.holder(o))
	case ev.N != 0 && ev.N != o.depth-1: // 0: a Cond takes it whole
		wrong = fmt.Sprintf("it held it %d deep, and now %d", o.depth, ev.N)
	}
	o.owner, o.depth, o.vague = g.id, ev.N, false
	if ev.N <= 0 {
		o.owner, o.depth = 0, 0
	}
	return wrong
}

// notify: nobody is notified who does not wait, and those who are, are released at once.
func (v *Validator) notify(ev *Event, _ *vGoroutine, o *vObject) string {
	n := int64(len(o.queue))
	o.pending = int(min(max(0, ev.N), n))
	if ev.N > n && !o.vague || ev.N < 0 {
		return fmt.Sprintf("%d wait, but it notifies %d", n, ev.N)
	}
	return ""
}

// vItems is what is in a queue, the next to be taken first.
type vItems struct {
	capacity   int64
	list       []int64
	puts       bool  // a Put was seen …
	oldest     int64 // … and this was its item: those with lower numbers are older than the trace
	taken      map[int64]bool
	closed     bool
	counted    bool  // unfinished is known
	unfinished int64 // items put and not accounted for
}

// put: an item's number is new, there is room, and no producer is overtaken.
func (v *Validator) put(ev *Event, g *vGoroutine, o *vObject) (wrong string) {
	q := &o.items
	place := int(min(max(0, ev.Peer), int64(len(q.list))))
	if o.class == ClassChan {
		place = len(q.list)
	}
	switch {
	case q.closed && o.class == ClassChan:
		wrong = "the channel is closed"
	case q.closed:
		wrong = "the queue is closed"
	case ev.N != 0 && slices.Contains(q.list, ev.N):
		wrong = fmt.Sprintf("item %d is in it already", ev.N)
	case q.capacity > 0 && int64(len(q.list)) >= q.capacity && o.class != ClassChan: // which another may take at once
		wrong = fmt.Sprintf("the queue is full, with %d items", len(q.list))
	case o.class == ClassQueue && place < len(q.list), o.class == ClassStack && ev.Peer != 0 && ev.N != 0:
		wrong = fmt.Sprintf("item %d comes to place %d", ev.N, ev.Peer)
	default:
		wrong = v.overtakes(g, o, "Put")
	}
	g.room = 0
	o.vague = o.vague || ev.Peer > int64(place) // behind items that are older than the trace
	if !q.puts && ev.N != 0 {
		q.puts, q.oldest = true, ev.N
	}
	q.list = slices.Insert(q.list, place, ev.N)
	q.unfinished++
	return wrong
}

// requeue: it may be past the capacity, and past those who wait to put. What a queue takes back by itself may come before younger items.
func (v *Validator) requeue(ev *Event, _ *vGoroutine, o *vObject) (wrong string) {
	q := &o.items
	place := int(min(max(0, ev.Peer), int64(len(q.list))))
	switch {
	case q.closed:
		wrong = "the queue is closed"
	case slices.Contains(q.list, ev.N):
		wrong = fmt.Sprintf("item %d is in it already", ev.N)
	case o.class == ClassQueue && place < len(q.list) && ev.G != 0, o.class == ClassStack && ev.Peer != 0:
		wrong = fmt.Sprintf("item %d comes to place %d", ev.N, ev.Peer)
	}
	o.vague = o.vague || ev.Peer > int64(place) // behind items that are older than the trace
	if !q.puts {
		q.puts, q.oldest = true, ev.N
	}
	q.list = slices.Insert(q.list, place, ev.N)
	return wrong
}

// get: the item is the next, and no consumer is overtaken.
func (v *Validator) get(ev *Event, g *vGoroutine, o *vObject) (wrong string) {
	q := &o.items
	i := slices.Index(q.list, ev.N)
	if i < 0 && len(q.list) > 0 && q.list[0] == 0 && (!q.puts || ev.N < q.oldest) {
		i = 0 // one that was there before the trace
	}
	switch {
	case i < 0 && (o.vague || !q.puts || ev.N < q.oldest) && !q.taken[ev.N]: // older than the trace
		if q.taken == nil {
			q.taken = make(map[int64]bool)
		}
		q.taken[ev.N] = true
		o.vague = true
	case i < 0:
		wrong = fmt.Sprintf("item %d is not in it", ev.N)
	case i > 0 && !o.vague:
		wrong = fmt.Sprintf("item %d is the next, not %d", q.list[0], ev.N)
	default:
		wrong = v.overtakes(g, o, "Get")
	}
	if i >= 0 {
		q.list = slices.Delete(q.list, i, i+1)
	}
	return wrong
}

// overtakes checks that nobody waits to do verb, unless g is the one who has waited.
func (v *Validator) overtakes(g *vGoroutine, o *vObject, verb string) string {
	if v.mayBeGranted(g, o.id) || g.room == o.id {
		return ""
	}
	for _, w := range o.queue {
		if o.family(w.verb) == o.family(verb) {
			return fmt.Sprintf("%s has waited longer", w.name)
		}
	}
	return ""
}

// taskDone: each accounts for one item.
func (v *Validator) taskDone(ev *Event, _ *vGoroutine, o *vObject) (wrong string) {
	if o.class == ClassTaskGroup {
		return o.leaves(ev)
	}
	q := &o.items
	q.unfinished--
	if ev.N < 0 || q.counted && ev.N != q.unfinished {
		wrong = fmt.Sprintf("%d items are unfinished, not %d", max(0, q.unfinished), ev.N)
	}
	q.counted, q.unfinished = true, ev.N
	return wrong
}

// close: a queue drops all or nothing.
func (v *Validator) close(ev *Event, _ *vGoroutine, o *vObject) (wrong string) {
	q := &o.items
	n := int64(len(q.list))
	if o.class == ClassChan {
		return v.closeChan(ev, o)
	}
	if slices.Contains(vQueues, o.class) && ev.N != 0 && ev.N < n || ev.N < 0 {
		wrong = fmt.Sprintf("there are %d items, but it drops %d", n, ev.N)
	}
	if ev.N != 0 {
		q.list = nil
		q.unfinished = max(0, q.unfinished-ev.N) // some may have been accounted for before they were taken
	}
	q.closed = true
	return wrong
}

func (v *Validator) submit(ev *Event, _ *vGoroutine, o *vObject) (wrong string) {
	if o.handedIn || o.progress > vPending {
		wrong = "it was submitted before"
	}
	o.progress, o.handedIn = vPending, true
	if ev.Peer != 0 {
		_, w := v.object(ID(ev.Peer))
		first(&wrong, w)
	}
	return wrong
}

// watch: for a group, and the future is as far as is known; or for a select.
func (v *Validator) watch(ev *Event, _ *vGoroutine, o *vObject) string {
	group, wrong := v.object(ID(ev.Peer))
	switch {
	case wrong != "":
	case o.class != ClassFuture:
		return v.watchChan(o, group)
	case group.class != ClassGroup && !v.lost:
		wrong = fmt.Sprintf("%s is not a group", group.name)
	case ev.N < vPending || ev.N > vCanceled:
		wrong = fmt.Sprintf("%d is no state", ev.N)
	case o.progress != 0 && ev.N != o.progress && !v.lost:
		wrong = fmt.Sprintf("the future is in state %d, not %d", o.progress, ev.N)
	}
	return wrong
}

func (v *Validator) taskStart(_ *Event, _ *vGoroutine, o *vObject) (wrong string) {
	if o.progress > vPending {
		wrong = "it has begun or is settled"
	}
	o.progress = vStarted
	return wrong
}

// settle: once.
func (v *Validator) settle(ev *Event, _ *vGoroutine, o *vObject) (wrong string) {
	switch {
	case o.class == ClassFuture && o.progress >= vSucceeded:
		wrong = "it is settled"
	case ev.N < vSucceeded || ev.N > vCanceled:
		wrong = fmt.Sprintf("%d is no state of something settled", ev.N)
	}
	o.progress = max(vSucceeded, ev.N)
	return wrong
}
