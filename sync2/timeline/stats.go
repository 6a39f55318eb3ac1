package timeline

import (
	"cmp"
	"slices"
	"time"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

// Stats collects statistics of waiting and holding in one pass over a trace. The zero value is ready to use. A Stats
// must not be copied.
type Stats struct {
	s      State
	n      int // events so far
	objs   map[trace.ID]*objectRecord
	gs     map[int64]*goroutineRecord
	orders lockOrders
	signs  signs
}

// A Span is an interval in which a goroutine waited or held an object.
type Span struct {
	Took    time.Duration // its duration
	G       int64         // the goroutine
	At      int           // the position of the trace at which it ends
	Ongoing bool          // it has not ended: At is the last position
}

// ObjectStats describes the cost of waiting for one object, and of holding it.
type ObjectStats struct {
	Obj   trace.ID
	Class trace.Class
	Name  string

	Waits    int           // number of waits, including current ones
	Waiting  int           // number of current waiters
	WaitTime time.Duration // total waiting time
	P50, P99 time.Duration // half of the waits were no longer than P50, and 99 of 100 no longer than P99
	Longest  Span          // the longest wait

	Holds      int // number of times it was held, including current holders
	HoldMedian time.Duration
	LongestUse Span // the longest time it was held

	MaxQueue int // maximum number of simultaneous waiters
	queue    *spark
	now      time.Duration
}

// Queue returns the maximum number of waiters in each of n equal intervals of the trace, up to the time end.
func (o *ObjectStats) Queue(n int, end time.Duration) []int { return o.queue.parts(n, o.now, end) }

// GoroutineStats describes how one goroutine spent its time.
type GoroutineStats struct {
	G       int64
	Name    string
	Waits   int           // number of waits, including a current one
	Waiting time.Duration // total waiting time
	Running time.Duration // total time not spent waiting, from its first event to its end or to now
	Longest Span
	Status  Status
}

// An objectRecord holds the statistics of an object.
type objectRecord struct {
	class    trace.Class
	name     string
	inner    bool            // internal to the standard library
	waits    []time.Duration // durations of waits that have ended
	waitTime time.Duration
	longest  Span
	holds    []time.Duration // likewise
	use      Span
	maxQueue int
	queue    spark
}

// A goroutineRecord holds the statistics of a goroutine.
type goroutineRecord struct {
	name        string
	born, ended time.Duration
	over        bool
	last        int // the position after its last event
	waits       int
	waiting     time.Duration
	longest     Span
}

// Len returns the number of events so far.
func (t *Stats) Len() int { return t.n }

// Now returns the State after the events so far. The caller must not modify it.
func (t *Stats) Now() *State { return &t.s }

// Start makes the statistics begin at s, for the events that follow it; see [Timeline.Start]. It panics if events have
// been added.
func (t *Stats) Start(s *State) {
	if t.n > 0 {
		panic("timeline: Start: there were events already")
	}
	t.s = *s.Clone()
	t.gs, t.objs = make(map[int64]*goroutineRecord), make(map[trace.ID]*objectRecord)
	for _, g := range s.gs {
		t.gs[g.ID] = &goroutineRecord{name: g.Name, born: s.now, over: g.Status == StatusEnded, ended: s.now}
	}
}

// Add adds the next event of the trace.
func (t *Stats) Add(ev trace.Event) {
	use, held := t.holdBefore(&ev)
	was := t.s.now
	_ = t.s.Apply(ev) // an inconsistent event is counted as is
	t.n++
	if t.gs == nil {
		t.gs, t.objs = make(map[int64]*goroutineRecord), make(map[trace.ID]*objectRecord)
	}
	if ev.G != 0 {
		t.goroutine(&ev, was)
	}
	switch ev.Kind {
	case trace.KindDefineObj, trace.KindRename:
		if r := t.objs[ev.Obj]; r != nil {
			r.name = t.s.Words().ObjName(ev.Obj)
		}
	case trace.KindBlock, trace.KindUnblock, trace.KindGiveUp:
		t.wait(&ev)
	case trace.KindRelease:
		if held {
			t.released(&ev, use)
		}
	default:
	}
	t.orders.add(&t.s, &ev)
	t.signs.add(t, &ev)
}

// object returns the record of object id.
func (t *Stats) object(id trace.ID) *objectRecord {
	r := t.objs[id]
	if r == nil {
		r = &objectRecord{name: t.s.Words().ObjName(id)}
		if o := t.s.Object(id); o != nil {
			r.class, r.inner = o.Class, o.Inner
		}
		t.objs[id] = r
	}
	return r
}

// goroutine accounts for ev at its goroutine, whose record ended at was.
func (t *Stats) goroutine(ev *trace.Event, was time.Duration) {
	r := t.gs[ev.G]
	if r == nil {
		r = &goroutineRecord{name: t.s.Words().GName(ev.G), born: t.s.now}
		if t.n == 1 {
			r.born = was
		}
		t.gs[ev.G] = r
	}
	r.last = t.n
	switch ev.Kind {
	case trace.KindDefineG:
		r.name = t.s.Words().GName(ev.G)
		r.over = false
	case trace.KindExit:
		r.over, r.ended = true, t.s.now
	default:
	}
}

// wait accounts for the beginning or the end of a wait.
func (t *Stats) wait(ev *trace.Event) {
	o := t.s.Object(ev.Obj)
	if o == nil {
		return
	}
	r := t.object(ev.Obj)
	r.queue.note(t.s.now, len(o.Queue))
	r.maxQueue = max(r.maxQueue, len(o.Queue))
	g := t.s.Goroutine(ev.G)
	if ev.Kind == trace.KindBlock || g == nil {
		return
	}
	r.waits = append(r.waits, g.Waited)
	r.waitTime = plus(r.waitTime, g.Waited)
	span := Span{Took: g.Waited, G: ev.G, At: t.n}
	r.longest.longer(span)
	x := t.gs[ev.G]
	x.waits++
	x.waiting = plus(x.waiting, g.Waited)
	x.longest.longer(span)
}

// longer sets s to than if that is longer; of equal spans the first stays.
func (s *Span) longer(than Span) {
	if than.Took > s.Took || s.At == 0 {
		*s = than
	}
}

// holdBefore returns the hold that ev, which has not been applied, releases, if that is known.
func (t *Stats) holdBefore(ev *trace.Event) (Hold, bool) {
	if ev.Kind != trace.KindRelease {
		return Hold{}, false
	}
	o := t.s.Object(ev.Obj)
	if o == nil || o.Signals {
		return Hold{}, false
	}
	i := holdOf(o.Holders, cmp.Or(ev.Peer, ev.G))
	if i < 0 {
		return Hold{}, false
	}
	return o.Holders[i], true
}

// released accounts for ev, which released h, all of it or in part.
func (t *Stats) released(ev *trace.Event, h Hold) {
	if o := t.s.Object(ev.Obj); o == nil || holdOf(o.Holders, h.G) >= 0 {
		return
	}
	r, took := t.object(ev.Obj), t.s.now-h.Since
	r.holds = append(r.holds, took)
	r.use.longer(Span{Took: took, G: h.G, At: t.n})
}

// Objects returns the statistics of the objects that goroutines have waited for or held, the most expensive first.
func (t *Stats) Objects() []ObjectStats {
	for _, o := range t.s.objs {
		if len(o.Holders) > 0 && !o.Signals {
			t.object(o.ID) // a goroutine has held it all the time
		}
	}
	all := make([]ObjectStats, 0, len(t.objs))
	for id, r := range t.objs {
		if !t.internal(id) {
			all = append(all, t.objectStats(id, r))
		}
	}
	slices.SortFunc(all, func(a, b ObjectStats) int {
		return cmp.Or(cmp.Compare(b.WaitTime, a.WaitTime), cmp.Compare(b.Waits, a.Waits), cmp.Compare(a.Obj, b.Obj))
	})
	return all
}

// internal reports whether object id is [Object.Internal], or was until the State forgot it.
func (t *Stats) internal(id trace.ID) bool {
	if o := t.s.Object(id); o != nil {
		return o.Internal()
	}
	r := t.objs[id]
	return r != nil && r.inner && len(r.waits) == 0
}

func (t *Stats) objectStats(id trace.ID, r *objectRecord) ObjectStats {
	st := ObjectStats{Obj: id, Class: r.class, Name: r.name, WaitTime: r.waitTime, Longest: r.longest, LongestUse: r.use, MaxQueue: r.maxQueue, queue: &r.queue, now: t.s.now}
	waits, holds := r.waits, r.holds
	if o := t.s.Object(id); o != nil {
		st.Waiting = len(o.Queue)
		for _, g := range o.Queue {
			if x := t.s.Goroutine(g); x != nil {
				took := t.s.now - x.Since
				waits = append(slices.Clip(waits), took)
				st.WaitTime = plus(st.WaitTime, took)
				st.Longest.longer(Span{took, g, t.n, true})
			}
		}
		if !o.Signals {
			for _, h := range o.Holders {
				took := t.s.now - h.Since
				holds = append(slices.Clip(holds), took)
				st.LongestUse.longer(Span{took, h.G, t.n, true})
			}
		}
	}
	st.Waits, st.Holds = len(waits), len(holds)
	ranks := ranked(waits, 50, 99)
	st.P50, st.P99 = ranks[0], ranks[1]
	st.HoldMedian = ranked(holds, 50)[0]
	return st
}

// ranked returns the given percentiles of ds.
func ranked(ds []time.Duration, percents ...int) []time.Duration {
	out := make([]time.Duration, len(percents))
	if len(ds) == 0 {
		return out
	}
	sorted := slices.Sorted(slices.Values(ds))
	for i, p := range percents {
		out[i] = sorted[max(0, (len(sorted)*p+99)/100-1)]
	}
	return out
}

// Goroutines returns the statistics of the goroutines, those that have waited longest first.
func (t *Stats) Goroutines() []GoroutineStats {
	all := make([]GoroutineStats, 0, len(t.gs))
	for id, r := range t.gs {
		st := GoroutineStats{G: id, Name: r.name, Waits: r.waits, Waiting: r.waiting, Longest: r.longest, Status: StatusEnded}
		end := t.s.now
		if r.over {
			end = r.ended
		}
		if g := t.s.Goroutine(id); g != nil && !r.over {
			if st.Status = g.Status; g.Status == StatusWaiting {
				took := t.s.now - g.Since
				st.Waits++
				st.Waiting = plus(st.Waiting, took)
				st.Longest.longer(Span{took, id, t.n, true})
			}
		} else if !r.over {
			st.Status = StatusUnknown
		}
		st.Running = max(0, end-r.born-st.Waiting)
		all = append(all, st)
	}
	slices.SortFunc(all, func(a, b GoroutineStats) int {
		return cmp.Or(cmp.Compare(b.Waiting, a.Waiting), cmp.Compare(a.G, b.G))
	})
	return all
}

// A spark records the maximum length of a queue in each of equal intervals of time. The intervals double in length
// each time there would be too many.
type spark struct {
	width time.Duration // of an interval
	top   []int32
	last  int32 // the current length
}

// sparkParts is the maximum number of intervals.
const sparkParts = 128

// note records that the queue has length n from time now on.
func (s *spark) note(now time.Duration, n int) {
	if s.top == nil {
		s.width, s.top = time.Microsecond, make([]int32, 0, 8)
	}
	s.reach(now)
	s.last = int32(min(n, 1<<30))
	i := len(s.top) - 1
	s.top[i] = max(s.top[i], s.last)
}

// reach extends the last interval to time now.
func (s *spark) reach(now time.Duration) {
	for now/s.width >= sparkParts {
		half := s.top[:0]
		for i := 0; i < len(s.top); i += 2 {
			half = append(half, max(s.top[i], s.top[min(i+1, len(s.top)-1)]))
		}
		s.top, s.width = half, 2*s.width
	}
	for len(s.top) <= int(now/s.width) {
		s.top = append(s.top, s.last)
	}
}

// parts returns the maxima of n equal intervals up to end; the queue keeps its length up to now.
func (s *spark) parts(n int, now, end time.Duration) []int {
	out := make([]int, max(n, 0))
	if s == nil || s.top == nil || n <= 0 || end <= 0 {
		return out
	}
	for i := range out {
		from, to := time.Duration(float64(end)*float64(i)/float64(n)), time.Duration(float64(end)*float64(i+1)/float64(n))
		if from > now {
			break
		}
		a, b := int(from/s.width), max(int(from/s.width), int((to-1)/s.width))
		for j := a; j <= b && j < len(s.top); j++ {
			out[i] = max(out[i], int(s.top[j]))
		}
		if b >= len(s.top) { // since the last change
			out[i] = max(out[i], int(s.last))
		}
	}
	return out
}
