package trace

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"sync"
)

// A Recorder is a [Sink] that keeps the most recent events of a trace in bounded memory.
//
// When it is full, the oldest events are overwritten. Readers then get a [KindDropped] event with the Seq of the last
// lost event. Definitions of names and positions ([KindBegin], [KindDefineG], [KindDefineObj], [KindDefinePC] and
// [KindRename]) are kept separately when they are overwritten, as long as they are needed. A definition is no longer
// needed if it is of a goroutine whose end was overwritten too, the handle of such a goroutine, a settled future, or a
// group without waiters, or if it gives a goroutine its default name, such as "goroutine-7".
//
// A Recorder may be read while it records. It must not be copied, and can record only one trace.
type Recorder struct {
	mu    sync.Mutex // guards what follows; held only briefly, since the sink waits for it
	ring  []Event
	head  uint64       // events received so far; event i is at ring[i % len(ring)]
	pos   int          // head % len(ring)
	defs  []kept       // definitions that were overwritten, in order
	named lives[int64] // the goroutines defined there
	short lives[ID]    // the futures and groups defined there
	drain cursor
	armed bool          // the next event must signal Wake
	wake  chan struct{} // nil until Wake is called
}

// A kept is a definition with its position among the events received.
type kept struct {
	at uint64
	ev Event
}

// A cursor is the position of a reader.
type cursor struct {
	next uint64 // the next event to read
}

// batch is the maximum number of events copied while the sink has to wait.
const batch = 1024

// NewRecorder returns a Recorder for capacity events, in addition to the definitions. It allocates memory as events
// arrive, about 100 bytes for each. NewRecorder panics if capacity is less than 1.
func NewRecorder(capacity int) *Recorder {
	if capacity < 1 {
		panic(fmt.Sprintf("trace: NewRecorder: a capacity of %d events; must be 1 or more", capacity))
	}
	return &Recorder{ring: make([]Event, capacity), armed: true}
}

// Event implements [Sink]. It records ev.
func (r *Recorder) Event(ev Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	slot := &r.ring[r.pos]
	if ends(slot.Kind) || defines(slot.Kind) { // false where nothing was recorded yet
		r.keep(slot)
	}
	*slot = ev
	r.head++
	if r.pos++; r.pos == len(r.ring) {
		r.pos = 0
	}
	if r.armed {
		r.signal()
	}
}

// keep keeps ev, which is about to be overwritten, as long as it is needed, or, if ev ends something, forgets the
// definition of that. The caller holds r.mu.
func (r *Recorder) keep(ev *Event) {
	switch {
	case ends(ev.Kind):
		if ev.Kind == KindExit {
			r.named.end(ev.G)
		} else {
			r.short.end(ev.Obj)
		}
		if n := r.named.ended + r.short.ended; n > len(r.defs)/4 && n > batch {
			r.forget()
		}
		return
	case ev.Kind == KindDefineG:
		if ev.Text == defaultName(ev.G) && ev.Peer == 0 {
			return
		}
		r.named.begin(ev.G)
	case ev.Kind == KindDefineObj && ev.Class == ClassGoroutine && !r.named.alive[ev.N],
		ev.Kind == KindDefineObj && ev.Class == ClassFuture && ev.N >= vSucceeded:
		return // it has ended, and is defined again whenever it is mentioned
	case ev.Kind == KindDefineObj && (ev.Class == ClassFuture || ev.Class == ClassGroup):
		r.short.begin(ev.Obj)
	}
	r.defs = append(r.defs, kept{r.head - uint64(len(r.ring)), *ev})
}

// forget drops the definitions of whatever has ended. The caller holds r.mu.
func (r *Recorder) forget() {
	handles := make(map[ID]bool)
	r.defs = slices.DeleteFunc(r.defs, func(d kept) bool {
		switch {
		case d.ev.Kind == KindDefineG:
			return !r.named.alive[d.ev.G]
		case d.ev.Kind == KindDefineObj && d.ev.Class == ClassGoroutine:
			if r.named.alive[d.ev.N] {
				return false
			}
			handles[d.ev.Obj] = true
			return true
		case d.ev.Kind == KindDefineObj:
			return r.short.over(d.ev.Obj)
		case d.ev.Kind == KindRename:
			return handles[d.ev.Obj] || r.short.over(d.ev.Obj)
		}
		return false
	})
	r.named.forget()
	r.short.forget()
}

// A lives records, for defined things, whether they are still alive.
type lives[K comparable] struct {
	alive map[K]bool
	ended int // the number that have ended
}

func (l *lives[K]) begin(k K) {
	if l.alive == nil {
		l.alive = make(map[K]bool)
	}
	if l.over(k) {
		l.ended-- // it was mentioned after its end
	}
	l.alive[k] = true
}

func (l *lives[K]) end(k K) {
	if l.alive[k] {
		l.alive[k] = false
		l.ended++
	}
}

// over reports whether k is known to have ended.
func (l *lives[K]) over(k K) bool {
	alive, known := l.alive[k]
	return known && !alive
}

// forget removes the entries of things that have ended.
func (l *lives[K]) forget() {
	maps.DeleteFunc(l.alive, func(_ K, alive bool) bool { return !alive })
	l.ended = 0
}

// signal wakes the reader if it is waiting. The caller holds r.mu.
func (r *Recorder) signal() {
	if r.wake == nil {
		return
	}
	r.armed = false
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// ends reports whether an event of kind k ends something that later events mention only after defining it again.
func ends(k Kind) bool { return k == KindExit || k == KindSettle || k == KindForget }

// defines reports whether events of kind k are needed to understand later ones.
func defines(k Kind) bool {
	return k >= KindDefineG && k <= KindRename || k == KindBegin
}

// Events returns all recorded events, in order. It does not affect [Recorder.Drain].
func (r *Recorder) Events() []Event {
	var c cursor
	r.mu.Lock()
	have := min(r.head, uint64(len(r.ring)))
	r.mu.Unlock()
	return r.read(&c, make([]Event, 0, have))
}

// Drain appends the events since the last Drain to buf, and returns the extended buffer; given buf[:0] of the last
// result, it usually does not allocate. It is meant for a single reader that follows a running trace.
func (r *Recorder) Drain(buf []Event) []Event {
	r.mu.Lock()
	c := r.drain
	r.mu.Unlock()
	buf = r.read(&c, buf)
	r.drained(c)
	return buf
}

// drained records the position of Drain, and makes later events wake the reader.
func (r *Recorder) drained(c cursor) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.drain = c
	r.armed = true
	if c.next < r.head { // more events arrived before Wake was armed again
		r.signal()
	}
}

// Wake returns a channel that receives a value when there may be events to Drain. Drain may still find none.
//
//	for range rec.Wake() {
//		buf = rec.Drain(buf[:0])
//		…
//	}
func (r *Recorder) Wake() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	// The channel is made here, not with the Recorder, so that a Recorder whose Wake is not used can be used anywhere:
	// a channel made in a testing/synctest bubble must not be touched from outside.
	if r.wake == nil {
		r.wake = make(chan struct{}, 1)
		if r.drain.next < r.head {
			r.signal()
		}
	}
	return r.wake
}

// read appends to buf all events from c on that had been received when read was called.
func (r *Recorder) read(c *cursor, buf []Event) []Event {
	r.mu.Lock()
	end := r.head
	for c.next < end {
		buf = r.readBatch(c, buf, end)
		r.mu.Unlock() // let the sink go on
		r.mu.Lock()
	}
	r.mu.Unlock()
	return buf
}

// readBatch appends to buf at most one batch of the events from c on, up to event number end. The caller holds r.mu.
func (r *Recorder) readBatch(c *cursor, buf []Event, end uint64) []Event {
	size := uint64(len(r.ring))
	if oldest := r.head - min(r.head, size); c.next < oldest {
		i, _ := slices.BinarySearchFunc(r.defs, c.next, func(d kept, next uint64) int { return cmp.Compare(d.at, next) })
		for n := 0; i < len(r.defs); i++ {
			if n++; n > batch {
				return buf
			}
			d := &r.defs[i]
			buf = append(c.skip(buf, d.at, &d.ev), d.ev)
			c.next++
		}
		buf = c.skip(buf, oldest, &r.ring[oldest%size])
	}
	for to := min(end, c.next+batch); c.next < to; c.next++ {
		buf = append(buf, r.ring[c.next%size])
	}
	return buf
}

// skip advances c to event number to, which is ev, and reports the events lost in between.
func (c *cursor) skip(buf []Event, to uint64, ev *Event) []Event {
	if n := to - c.next; n > 0 {
		c.next = to
		buf = append(buf, Event{Seq: ev.Seq - 1, Time: ev.Time, Kind: KindDropped, N: int64(n)})
	}
	return buf
}
