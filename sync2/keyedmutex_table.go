package sync2

import (
	"hash/maphash"
	"runtime"
	"slices"

	"github.com/turnstile-go/turnstile/sync2/internal/hook"
	"github.com/turnstile-go/turnstile/sync2/internal/steps"
	"github.com/turnstile-go/turnstile/sync2/internal/waitq"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A keyTable holds the keys of a KeyedMutex that are held or waited for. It consists of shards, each with a mutex that is
// held for some nanoseconds, so that different keys rarely meet.
type keyTable[K comparable] struct {
	shards []keyShard[K] // a power of two
}

// A keyShard is a hash table with chaining. A map would do, but takes longer, and never gives memory back.
type keyShard[K comparable] struct {
	mu     waitq.Mutex    // guards the rest, and the entries except their locks. No other lock is taken under it
	chains []*keyEntry[K] // a power of two, or none
	spare  *keyEntry[K]   // free entries, chained by next
	came   int            // number of entries ever made
	used   int32          // number of entries in use
	idle   int32          // number of those that exist only for observers
	spares int32          // number of spare entries

	_ [68]byte // the fields above share a cache line, and the next shard is two lines away
}

// A keyEntry is a key that is held or waited for, and the lock for it.
//
// It counts the goroutines that hold it, wait for it or look at it, and leaves the table with the last of them. But
// observers know a key by its entry. So while there is an observer, an entry stays, and is idle.
type keyEntry[K comparable] struct {
	key     K
	hash    uint64
	next    *keyEntry[K]
	refs    int
	place   int  // in the order in which the keys were added
	watched bool // observers may know it, so it is not reused
	lock    lock
}

const (
	fewestChains = 8
	maxSpares    = 16  // of a shard
	maxIdle      = 256 // of a shard
)

// keySeed makes the hashes of this process differ from those of other processes.
var keySeed = maphash.MakeSeed()

// shard returns the shard of k, and the hash of k. It panics, in the operation op, if k is not equal to itself.
func (m *KeyedMutex[K]) shard(k K, op string) (*keyShard[K], uint64) {
	h := maphash.Comparable(keySeed, k) // panics if k cannot be compared
	if k != k {                         //nolint:gocritic // this is what NaN is
		misuse(op, "the key is not equal to itself")
	}
	t := m.table.Load()
	if t == nil {
		t = m.newTable()
	}
	return &t.shards[h&uint64(len(t.shards)-1)], h
}

// newTable makes the table of m, unless another goroutine has made it.
func (m *KeyedMutex[K]) newTable() *keyTable[K] {
	n := 1
	if !steps.Instrumented && !hook.On(hook.Explore) { // hashes differ between processes, and schedules must not
		for n < 8*runtime.GOMAXPROCS(0) && n < 128 {
			n *= 2
		}
	}
	m.table.CompareAndSwap(nil, &keyTable[K]{make([]keyShard[K], n)})
	return m.table.Load()
}

// watched returns the entries in the order in which the keys were added.
func (t *keyTable[K]) watched() []*keyEntry[K] {
	var all []*keyEntry[K]
	for i := range t.shards {
		s := &t.shards[i]
		s.mu.Lock()
		for _, e := range s.chains {
			for ; e != nil; e = e.next {
				all = append(all, e)
			}
		}
		s.mu.Unlock()
	}
	slices.SortFunc(all, func(a, b *keyEntry[K]) int { return a.place - b.place })
	return all
}

// join returns the entry of k in its shard s, and increments its count. It notifies observers of a new entry, which changes Len.
func (m *KeyedMutex[K]) join(s *keyShard[K], h uint64, k K) *keyEntry[K] {
	if hook.Enabled() && !s.knows(h, k) {
		m.q.PointRead("Lock")
	}
	e := s.join(h, k)
	m.introduce(e)
	return e
}

// joined returns e, which a fast path has joined, or the result of join if e is nil.
func (m *KeyedMutex[K]) joined(s *keyShard[K], e *keyEntry[K], h uint64, k K) *keyEntry[K] {
	if e == nil {
		return m.join(s, h, k)
	}
	m.introduce(e)
	return e
}

// find is like join, but returns nil if k is neither held nor waited for, unless there is an observer, which must know the key.
func (m *KeyedMutex[K]) find(s *keyShard[K], h uint64, k K) *keyEntry[K] {
	if hook.Enabled() {
		return m.join(s, h, k)
	}
	return s.find(h, k)
}

// knows reports whether k has an entry.
func (s *keyShard[K]) knows(h uint64, k K) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lookup(h, k) != nil
}

// take is the fast path: it locks k if nothing holds it, waits for it or observes it, and reports whether it did. Otherwise, if
// join is set and there is no observer, it returns the entry of k and increments its count.
func (s *keyShard[K]) take(h uint64, k K, join bool) (e *keyEntry[K], free bool) {
	if hook.Enabled() {
		return nil, false
	}
	s.mu.Lock()
	e = s.lookup(h, k)
	switch {
	case e == nil:
		s.add(h, k).lock.state.Store(held)
		free = true
	case join:
		s.count(e)
	}
	s.mu.Unlock()
	return e, free
}

// free is the fast path of Unlock: it unlocks k if it is held and there is neither a waiter nor an observer, and reports whether
// it did. Otherwise, if k is held and there is no observer, it returns the entry of k and increments its count.
func (s *keyShard[K]) free(h uint64, k K) (e *keyEntry[K], ok bool) {
	if hook.Enabled() {
		return nil, false
	}
	s.mu.Lock()
	if e = s.lookup(h, k); e != nil {
		if ok = e.lock.state.CompareAndSwap(held, 0); ok {
			s.release(e, 1)
		} else {
			s.count(e)
		}
	}
	s.mu.Unlock()
	return e, ok
}

// join returns the entry of k and increments its count.
func (s *keyShard[K]) join(h uint64, k K) *keyEntry[K] {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.lookup(h, k)
	if e == nil {
		e = s.add(h, k)
		e.watched = hook.Enabled()
	} else {
		s.count(e)
	}
	return e
}

// count increments the count of e. The mutex must be held.
func (s *keyShard[K]) count(e *keyEntry[K]) {
	if e.refs == 0 {
		s.idle--
	}
	e.refs++
	e.watched = e.watched || hook.Enabled()
}

// find is like join, but returns nil if k is neither held nor waited for.
func (s *keyShard[K]) find(h uint64, k K) *keyEntry[K] {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.lookup(h, k)
	if e == nil || e.refs == 0 {
		return nil
	}
	e.refs++
	return e
}

// leave subtracts n from the count of e.
func (s *keyShard[K]) leave(e *keyEntry[K], n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.release(e, n)
}

// release is leave with the mutex held.
func (s *keyShard[K]) release(e *keyEntry[K], n int) {
	if e.refs -= n; e.refs > 0 {
		return
	}
	if s.idle < maxIdle && hook.Enabled() {
		e.watched = true
		s.idle++
		return
	}
	s.remove(e)
	if s.idle > 0 {
		s.sweep()
	}
}

// lookup returns the entry of k, or nil. The mutex must be held.
func (s *keyShard[K]) lookup(h uint64, k K) *keyEntry[K] {
	if len(s.chains) == 0 {
		return nil
	}
	for e := *s.chain(h); e != nil; e = e.next {
		if e.hash == h && e.key == k {
			return e
		}
	}
	return nil
}

// chain returns the head of the chain for the hash h. The low bits of h have selected the shard.
func (s *keyShard[K]) chain(h uint64) **keyEntry[K] {
	return &s.chains[h>>32&uint64(len(s.chains)-1)]
}

// add adds an entry with the count 1 for k, which has none. The mutex must be held.
func (s *keyShard[K]) add(h uint64, k K) *keyEntry[K] {
	if int(s.used) >= len(s.chains) {
		s.resize(max(fewestChains, 2*len(s.chains)))
	}
	e := s.spare
	if e != nil {
		s.spare = e.next
		s.spares--
	} else {
		e = new(keyEntry[K])
	}
	at := s.chain(h)
	e.key, e.hash, e.next, e.refs, e.place = k, h, *at, 1, s.came
	*at = e
	s.used++
	s.came++
	return e
}

// remove removes e, whose count is 0. The mutex must be held.
func (s *keyShard[K]) remove(e *keyEntry[K]) {
	at := s.chain(e.hash)
	for *at != e {
		at = &(*at).next
	}
	*at = e.next
	s.used--
	s.discard(e)
	if n := len(s.chains); n > fewestChains && int(s.used) < n/8 {
		s.resize(n / 4)
	}
}

// discard keeps e, which has left the table, for another key, or makes a running trace forget it.
func (s *keyShard[K]) discard(e *keyEntry[K]) {
	switch {
	case e.watched:
		o := e.lock.q.Object()
		o.Emit(trace.Event{Kind: trace.KindForget})
		o.Forget()
	case s.spares < maxSpares:
		var none K
		e.key, e.next = none, s.spare
		s.spare = e
		s.spares++
	}
}

// sweep removes the idle entries. The mutex must be held.
func (s *keyShard[K]) sweep() {
	s.idle = 0
	for i := range s.chains {
		for at := &s.chains[i]; *at != nil; {
			e := *at
			if e.refs > 0 {
				at = &e.next
				continue
			}
			*at = e.next
			s.used--
			s.discard(e)
		}
	}
	n := fewestChains
	for n < int(s.used) {
		n *= 2
	}
	s.resize(n)
}

// resize gives s n chains. The mutex must be held.
func (s *keyShard[K]) resize(n int) {
	old := s.chains
	s.chains = make([]*keyEntry[K], n)
	for _, e := range old {
		for e != nil {
			next, at := e.next, s.chain(e.hash)
			e.next, *at = *at, e
			e = next
		}
	}
}
