package sync2

import (
	"sync"
	"sync/atomic"

	"github.com/turnstile-go/turnstile/sync2/internal/goid"
)

// slots holds one value for each goroutine that has one.
//
// It is an open hash table whose keys are goid.Slot, the addresses of the runtime's g structures. The runtime reuses
// those and never frees them, so the table is bounded by the peak number of goroutines alive, although it is
// not notified when one ends; with ids as keys it would grow without bound. A cell holds the id of its goroutine: the cell
// of an earlier goroutine in the same slot counts as empty.
//
// Only the owner reads and writes a cell, so that needs no synchronization. Finding one is lock-free. A cell is put in,
// replaced or dropped under mu, since the table may be growing.
type slots[V any] struct {
	table atomic.Pointer[[]slot[V]] // its length is a power of two; at most half of it is used
	mu    sync.Mutex                // guards what follows, and every change of table; in every synctest bubble
	used  int                       // slots with a key
}

type slot[V any] struct {
	key  atomic.Uintptr // 0 if never used
	cell atomic.Pointer[cell[V]]
}

type cell[V any] struct {
	id    int64
	value V
}

const smallestTable = 16

// find returns the cell of the calling goroutine, nil if it has none.
func (s *slots[V]) find() *cell[V] {
	t := s.table.Load()
	if t == nil {
		return nil
	}
	key, id := goid.Self()
	if sl := probe(*t, key); sl != nil {
		if c := sl.cell.Load(); c != nil && c.id == id {
			return c
		}
	}
	return nil
}

// probe returns the slot with the given key, nil if there is none.
func probe[V any](t []slot[V], key uintptr) *slot[V] {
	mask := uintptr(len(t) - 1)
	for i := spread(key); ; i++ {
		sl := &t[i&mask]
		switch sl.key.Load() {
		case key:
			return sl
		case 0:
			return nil
		}
	}
}

// spread hashes an address, whose low bits are all alike (Fibonacci hashing, Knuth vol. 3, 6.4).
func spread(key uintptr) uintptr {
	return uintptr(uint64(key) * 0x9E3779B97F4A7C15 >> 20)
}

// put makes a cell with the value v for the calling goroutine, which has none.
func (s *slots[V]) put(v V) {
	key, id := goid.Self()
	c := &cell[V]{id: id, value: v}
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.table.Load()
	if t == nil || 2*(s.used+1) > len(*t) {
		t = s.grow()
	}
	mask := uintptr(len(*t) - 1)
	for i := spread(key); ; i++ {
		sl := &(*t)[i&mask]
		switch sl.key.Load() {
		case 0:
			s.used++
			sl.cell.Store(c)
			sl.key.Store(key)
			return
		case key:
			sl.cell.Store(c)
			return
		}
	}
}

// drop drops the cell of the calling goroutine.
func (s *slots[V]) drop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t := s.table.Load(); t != nil {
		if sl := probe(*t, goid.Slot()); sl != nil {
			sl.cell.Store(nil)
		}
	}
}

// grow makes a table that has room for twice the cells in use. Where keys are ids, which are never reused, it leaves
// out the cells of goroutines that have ended; to find these out is dear in proportion to those alive, and so it makes
// room for as many before it has to do so again. The mutex must be held.
func (s *slots[V]) grow() *[]slot[V] {
	var alive map[int64]bool
	if !goid.SlotsAreReused() {
		alive = goid.Alive()
	}
	var keep []*slot[V]
	if old := s.table.Load(); old != nil {
		for i := range *old {
			sl := &(*old)[i]
			if c := sl.cell.Load(); c != nil && (alive == nil || alive[c.id]) {
				keep = append(keep, sl)
			}
		}
	}
	size := smallestTable
	for size < 4*(max(len(keep), len(alive))+1) {
		size *= 2
	}
	t := make([]slot[V], size)
	mask := uintptr(size - 1)
	for _, sl := range keep {
		i := spread(sl.key.Load())
		for t[i&mask].key.Load() != 0 {
			i++
		}
		t[i&mask].cell.Store(sl.cell.Load())
		t[i&mask].key.Store(sl.key.Load())
	}
	s.used = len(keep)
	s.table.Store(&t)
	return &t
}
