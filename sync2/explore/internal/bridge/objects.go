//go:build turnstile_goroot

package bridge

import (
	"strconv"
	"sync/atomic"
	"unsafe"

	"github.com/turnstile-go/turnstile/sync2/explore/internal/engine"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A class is the class of an object.
type class uint8

const (
	classChan class = iota + 1
	classMutex
	classRWMutex
	classWaitGroup
	classOnce
	classCond
	classAtomic
	classMap
	classSemaphore
	classTimer
	classBubble
)

var classNames = [...]string{
	classChan: "chan", classMutex: "mutex", classRWMutex: "rwmutex", classWaitGroup: "waitgroup", classOnce: "once",
	classCond: "cond", classAtomic: "atomic", classMap: "map", classSemaphore: "semaphore", classTimer: "timer", classBubble: "bubble",
}

// An object stands for a channel, a mutex and the like.
type object struct {
	mark  atomic.Uint32
	class class
	n     int // its number among those of its class in the run
	p     unsafe.Pointer

	// While a run is recorded:
	obj   trace.Object
	put   int64   // the number of the last item of a channel
	items []int64 // the items in it
	count int32   // the counter of a WaitGroup
}

// Mark implements [hook.Object].
func (o *object) Mark() *atomic.Uint32 { return &o.mark }

// ObjectName returns the object's name.
func (o *object) ObjectName() string { return classNames[o.class] + "-" + strconv.Itoa(o.n) }

// run is the current run: one program is explored at a time.
var run state

// A state is what is known about a run: its objects by address.
type state struct {
	x      *engine.Execution
	n      uint32 // x's number of the run
	used   int
	counts [len(classNames)]int
	table  []entry
	salted bool
	salt   uint64
	timers *timer

	looks    int // number of looks at the clock without a step in between
	lookedAt int // the number of steps then
}

type entry struct {
	p   unsafe.Pointer
	o   *object
	run uint32
}

// of makes s the state of x's run.
func (s *state) of(x *engine.Execution) {
	if s.x == x && s.n == x.Runs {
		return
	}
	if s.x != x || s.table == nil {
		s.table = make([]entry, 1<<8)
	}
	s.x, s.n, s.used, s.salted, s.timers = x, x.Runs, 0, false, nil
	s.looks = 0
	clear(s.counts[:])
}

// object returns the object for address p.
func (s *state) object(x *engine.Execution, p unsafe.Pointer, c class) *object {
	if s.x == x && s.n == x.Runs { // a fast path for objects found at their first place
		if e := &s.table[spread(p)&uintptr(len(s.table)-1)]; e.p == p && e.run == s.n {
			return e.o
		}
	}
	return s.lookUp(x, p, c)
}

// spread returns the first place to look for p in a table, before it is reduced to the table's size.
func spread(p unsafe.Pointer) uintptr { return uintptr(p) >> 3 * 0x9e3779b1 }

// lookUp is object for addresses that may be unknown.
func (s *state) lookUp(x *engine.Execution, p unsafe.Pointer, c class) *object {
	s.of(x)
	for {
		mask := uintptr(len(s.table) - 1)
		i := spread(p) & mask
		e := &s.table[i]
		for ; e.run == s.n; e = &s.table[i] {
			if e.p == p {
				return e.o
			}
			i = (i + 1) & mask
		}
		if 2*s.used < len(s.table) {
			return s.add(e, p, c)
		}
		s.grow()
	}
}

// find returns the object for address p, nil if there is none.
func (s *state) find(x *engine.Execution, p unsafe.Pointer) *object {
	s.of(x)
	mask := uintptr(len(s.table) - 1)
	for i := spread(p) & mask; s.table[i].run == s.n; i = (i + 1) & mask {
		if s.table[i].p == p {
			return s.table[i].o
		}
	}
	return nil
}

func (s *state) add(e *entry, p unsafe.Pointer, c class) *object {
	if e.o == nil {
		e.o = new(object)
	}
	s.used++
	s.counts[c]++
	e.p, e.run = p, s.n
	e.o.class, e.o.n, e.o.p = c, s.counts[c], p
	*(*uint32)(unsafe.Pointer(&e.o.mark)) = 0 // as package engine does, and faster
	return e.o
}

func (s *state) grow() {
	old := s.table
	s.table = make([]entry, 2*len(old))
	mask := uintptr(len(s.table) - 1)
	for _, e := range old {
		if e.run != s.n {
			continue
		}
		i := spread(e.p) & mask
		for s.table[i].run == s.n {
			i = (i + 1) & mask
		}
		s.table[i] = e
	}
}
