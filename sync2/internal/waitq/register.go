//go:build !deadlock && !turnstile_steps

package waitq

import (
	"runtime"
	"sync"
	"unsafe"

	"github.com/turnstile-go/turnstile/sync2/internal/hook"
)

// A registry, which [Waits] reads, has the lists in which goroutines wait, or have waited a moment ago. The first waiter
// registers its WaitList or NotifyList, which stays registered when it is empty: so goroutines that take turns waiting in
// one list only pay for a check whether it is registered. Empty lists are removed: a few with each new entry, and all of
// them after each garbage collection, so the registry retains no object beyond the next one.
//
// The mutex of a Queue is locked before that of a shard of the registry; in the other order, only TryLock is used.

// An entry of the registry is for a WaitList or a NotifyList, whichever is not nil.
type entry struct {
	q       *Queue // nil: the entry is free
	waiters *WaitList
	list    *NotifyList
	owner   Owner
	verb    string
}

// A shard is one part of the registry. It must not order the actions of waiters: see lock.
type shard struct {
	mu      sync.Mutex // not a Mutex: it belongs to no synctest bubble
	entries []entry
	free    []uint32 // the indices of the free ones
	hand    int      // the entry to check next
	armed   bool     // it is swept after the next garbage collection
	order   byte     //nolint:unused // its address stands for the one order that the race detector sees; see release
	_       [64]byte // others are on other cache lines
}

const (
	shardBits = 4
	// looks is the number of old entries that are checked for each new one. With two, free ones are found faster than
	// new ones come.
	looks = 2
)

var registry [1 << shardBits]shard

// shardOf returns the shard of the registry for the lists of q.
func shardOf(q *Queue) *shard {
	at := uintptr(unsafe.Pointer(q)) //nolint:gosec // only a number is wanted
	return &registry[(at>>6^at>>12)%uintptr(len(registry))]
}

// Register puts the list in the registry: a goroutine is about to wait there for verb. The mutex of q must be held.
func (l *WaitList) Register(q *Queue, owner Owner, verb string) {
	if l.entry == 0 {
		l.register(q, owner, verb)
	}
}

// register is outlined: the frame of each goroutine that waits would be larger by an entry, and some would need a larger stack.
//
//go:noinline
func (l *WaitList) register(q *Queue, owner Owner, verb string) {
	register(entry{q, l, nil, owner, verb})
}

// Register puts the list in the registry, as [WaitList.Register] does.
func (l *NotifyList) Register(q *Queue, owner Owner, verb string) {
	if l.entry == 0 {
		l.register(q, owner, verb)
	}
}

// register is outlined as that of a WaitList is.
//
//go:noinline
func (l *NotifyList) register(q *Queue, owner Owner, verb string) {
	register(entry{q, nil, l, owner, verb})
}

// register does nothing under an explorer, whose runs leave their goroutines behind.
//
//go:noinline
//go:norace
func register(e entry) {
	if hook.On(hook.Explore) {
		return
	}
	p := shardOf(e.q)
	p.release()
	p.lock()
	defer p.unlock()
	for range looks {
		if p.hand >= len(p.entries) {
			p.hand = 0
		}
		if p.hand < len(p.entries) {
			p.drop(p.hand, e.q)
			p.hand++
		}
	}
	at := uint32(len(p.entries))
	if n := len(p.free); n > 0 {
		at, p.free = p.free[n-1], p.free[:n-1]
		p.entries[at] = e
	} else {
		p.entries = append(p.entries, e)
	}
	e.mark(at + 1)
	if !p.armed {
		p.armed = true
		p.arm()
	}
}

// mark records in the list where its entry is, or with 0 that it has none.
//
//go:norace
func (e *entry) mark(n uint32) {
	if e.waiters != nil {
		e.waiters.entry = n
	} else {
		e.list.entry = n
	}
}

// empty reports whether no goroutine waits there. The mutex must be held.
//
//go:norace
func (e *entry) empty() bool {
	if e.waiters != nil {
		return e.waiters.n == 0
	}
	return e.list.count == 0
}

// drop removes the entry if no goroutine waits there or is about to. The mutex of the Queue mine is already
// held: its places stay.
//
//go:norace
func (p *shard) drop(at int, mine *Queue) {
	e := &p.entries[at]
	if e.q == nil || e.q == mine || !e.q.mu.TryLock() {
		return
	}
	q := e.q
	if e.empty() {
		e.mark(0)
		*e = entry{}
		p.free = append(p.free, uint32(at))
	}
	q.mu.Unlock()
}

// arm makes sure that the shard is swept after the next garbage collection.
func (p *shard) arm() {
	runtime.SetFinalizer(&sentinel{shard: p}, func(s *sentinel) { s.shard.sweep() })
}

// A sentinel is garbage from the start.
type sentinel struct{ shard *shard }

// sweep removes empty places.
//
//go:norace
func (p *shard) sweep() {
	p.lock()
	defer p.unlock()
	for at := range p.entries {
		p.drop(at, nil)
	}
	if p.armed = len(p.free) < len(p.entries); p.armed {
		p.arm()
	} else {
		p.entries, p.free = nil, nil
	}
}

// all appends the entries to to.
//
//go:norace
func (p *shard) all(to []entry) []entry {
	p.lock()
	defer p.acquire()
	defer p.unlock()
	for at := range p.entries {
		if p.entries[at].q != nil {
			to = append(to, p.entries[at])
		}
	}
	return to
}

// Waits returns the current waits. Those at one place are adjacent, in queue order. No lock may be held.
func Waits() []Wait {
	var entries []entry
	for i := range registry {
		entries = registry[i].all(entries)
	}
	var all []Wait
	for i := range entries {
		all = entries[i].waits(all)
	}
	return all
}

// waits appends the waits at that place.
func (e *entry) waits(all []Wait) []Wait {
	e.q.mu.Lock()
	defer e.q.mu.Unlock()
	if e.list != nil {
		for i := range e.list.count {
			w := Wait{Owner: e.owner, Verb: e.verb}
			if i < len(e.list.seen) && len(e.list.seen) == e.list.count {
				w.G = e.list.seen[i].G
			}
			all = append(all, w)
		}
		return all
	}
	position := 0
	for w := e.waiters.head; w != nil; w = w.next {
		for range w.size() {
			position++
			if w.Details != nil && w.enqueued {
				continue
			}
			one := Wait{Owner: e.owner, Verb: e.verb, Position: position}
			if w.Details != nil {
				one.G, one.Tag = w.G, w.Tag
			}
			all = append(all, one)
		}
	}
	return all
}
