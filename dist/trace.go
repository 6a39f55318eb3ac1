package dist

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

// Trace sends sink a trace, in the format of package trace, of what happens in the space, in all processes: who waits for what, who
// holds it, and what is in the queues. Each process appears as a goroutine with the name of the process, see [WithName]; one that
// waits for several things at a time appears as several. A sink is, for instance, a Writer of package tracefile, whose file
// "turnstile play" shows.
//
// The trace goes on until stop is called, ctx ends, or the space is closed. The function stop waits until everything
// that happened before has been sent.
//
// Items that are in a queue at the start appear when they are taken. If a connection is lost, changes may be missing; the next change
// of the same primitive shows its state again. Trace panics if ctx or sink is nil.
func (s *Space) Trace(ctx context.Context, sink trace.Sink) (stop func(), err error) {
	checkContext(ctx, "Space.Trace")
	if sink == nil {
		misuse("Space.Trace", "the sink is nil")
	}
	ctx, end, err := s.use(ctx)
	if err != nil {
		return nil, err
	}
	t := &tracer{
		s: s, sink: sink, start: time.Now(), lanes: make(map[string][]*lane), objs: make(map[string]*traced), waits: make(map[string]*wait),
		in: make(chan *nats.Msg, 1<<14), stop: make(chan struct{}), done: make(chan struct{}),
	}
	for _, subject := range []string{s.news(">"), s.told(), s.items("*")} {
		sub, err := s.nc.ChanSubscribe(subject, t.in)
		if err != nil {
			t.unsubscribe()
			end()
			return nil, fmt.Errorf("dist: %w", err)
		}
		t.subs = append(t.subs, sub)
	}
	if err := t.begin(ctx); err != nil {
		t.unsubscribe()
		end()
		return nil, err
	}
	go func() {
		defer close(t.done)
		defer end()
		defer t.unsubscribe()
		t.run(ctx)
	}()
	var stopped atomic.Bool
	return func() {
		if !stopped.Swap(true) {
			_ = s.nc.FlushTimeout(attempt) // then what was sent before is in the channel
			close(t.stop)
		}
		<-t.done
	}, nil
}

// A tracer turns documents and notes into events. All its fields except the channels belong to its goroutine.
type tracer struct {
	s     *Space
	sink  trace.Sink
	start time.Time
	seq   uint64
	last  struct {
		g   int64
		obj trace.ID
	}
	subs  []*nats.Subscription
	in    chan *nats.Msg
	stop  chan struct{} // closed when it is to stop
	done  chan struct{} // closed when it has
	lanes map[string][]*lane
	objs  map[string]*traced
	waits map[string]*wait // by their ids
	early []*early
}

// A lane is a process, as far as it waits for one thing at a time.
type lane struct {
	g  int64
	at *wait // nil: it does not wait
}

// A wait is what a lane does.
type wait struct {
	id   string
	lane *lane
	at   *traced
	verb string
	n    int64
}

// A traced is a primitive or a queue.
type traced struct {
	id      trace.ID // 0: it has not been defined
	name    string
	rev     uint64
	waits   []*wait // oldest first
	pool    pool
	holders map[string]*lane
	flag    flag
	meeting meeting
	trips   int64
	count   count

	// Of a queue.
	list       []uint64          // the items in it
	taken      map[uint64]*lane  // which process has each item that was taken and is not done
	texts      map[uint64]string // of both
	numbers    map[uint64]int64  // what the trace calls them
	number     int64             // the last of these
	unfinished int64
}

// An early is a note about an item that is not the next of its queue: the note about the next one is on its way, or was lost.
type early struct {
	note note
	o    *traced
	by   time.Time // until when it waits
}

// patient is how long early notes wait.
const patient = 200 * time.Millisecond

func (t *tracer) unsubscribe() {
	for _, sub := range t.subs {
		_ = sub.Unsubscribe()
	}
}

// begin emits events for the initial state.
func (t *tracer) begin(ctx context.Context) error {
	t.send(trace.Event{Kind: trace.KindBegin, N: t.start.UnixNano()})
	keys, err := t.s.keys(ctx)
	for _, key := range keys {
		if data, rev, err := t.s.read(ctx, key); err == nil && data != nil {
			t.document(key, data, rev)
		}
	}
	return err
}

func (t *tracer) run(ctx context.Context) {
	defer func() { t.send(trace.Event{Kind: trace.KindEnd}) }()
	for {
		var timeout <-chan time.Time
		if len(t.early) > 0 {
			timeout = time.After(time.Until(t.early[0].by))
		}
		select {
		case m := <-t.in:
			t.message(m)
		case <-timeout:
			t.late(t.early[0])
		case <-ctx.Done():
			return
		case <-t.stop:
			for {
				select {
				case m := <-t.in:
					t.message(m)
					continue
				default:
				}
				break
			}
			for len(t.early) > 0 {
				t.late(t.early[0])
			}
			return
		}
	}
}

func (t *tracer) message(m *nats.Msg) {
	if key, ok := strings.CutPrefix(m.Subject, t.s.news("")); ok {
		if rev, err := strconv.ParseUint(m.Header.Get(jetstream.SequenceHeader), 10, 64); err == nil {
			t.document(key, m.Data, rev)
		}
		return
	}
	if token, ok := strings.CutPrefix(m.Subject, t.s.items("")); ok {
		if seq, err := strconv.ParseUint(m.Header.Get(jetstream.SequenceHeader), 10, 64); err == nil {
			t.put(t.object("queue."+token), seq, m.Header.Get(byHeader), m.Header.Get(jetstream.MsgIDHeader), string(m.Data))
		}
		return
	}
	var n note
	if json.Unmarshal(m.Data, &n) == nil {
		t.note(&n)
	}
}

// send gives ev to the sink.
func (t *tracer) send(ev trace.Event) {
	t.seq++
	ev.Seq, ev.Time = t.seq, int64(time.Since(t.start))
	t.sink.Event(ev)
}

// emit emits an event of lane l, nil if it is unknown, at object o, nil if there is none.
func (t *tracer) emit(o *traced, l *lane, ev trace.Event) {
	if o != nil {
		ev.Obj = o.id
	}
	if l != nil {
		ev.G = l.g
	}
	t.send(ev)
}

// define defines o unless that was done, and reports whether it did.
func (t *tracer) define(o *traced, class trace.Class, n int64) bool {
	if o.id != 0 {
		return false
	}
	t.last.obj++
	o.id = t.last.obj
	t.send(trace.Event{Kind: trace.KindDefineObj, Obj: o.id, Class: class, N: n, Text: o.name})
	return true
}

// lane returns a lane of the given process that does not wait.
func (t *tracer) lane(who string) *lane {
	for _, l := range t.lanes[who] {
		if l.at == nil {
			return l
		}
	}
	t.last.g++
	l := &lane{g: t.last.g}
	name := who
	if n := len(t.lanes[who]); n > 0 {
		name = fmt.Sprintf("%s #%d", who, n+1)
	}
	t.lanes[who] = append(t.lanes[who], l)
	t.emit(nil, l, trace.Event{Kind: trace.KindDefineG, Text: name})
	return l
}

// idle returns a lane of the given process that does not wait, or nil if it has lanes and all of them wait.
func (t *tracer) idle(who string) *lane {
	i := slices.IndexFunc(t.lanes[who], func(l *lane) bool { return l.at == nil })
	if i < 0 && len(t.lanes[who]) > 0 {
		return nil
	}
	return t.lane(who)
}

// classes has the classes of the primitives, by the first part of their keys.
var classes = map[string]trace.Class{
	"mutex": trace.ClassMutex, "semaphore": trace.ClassSemaphore, "event": trace.ClassEvent, "barrier": trace.ClassBarrier,
	"waitgroup": trace.ClassWaitGroup, "queue": trace.ClassQueue,
}

// object returns the object of the key. It is not defined yet if there was no event about it, unless it is a queue.
func (t *tracer) object(key string) *traced {
	o := t.objs[key]
	if o == nil {
		kind, token, _ := strings.Cut(key, ".")
		o = &traced{name: decodeName(token), holders: make(map[string]*lane), taken: make(map[uint64]*lane), texts: make(map[uint64]string), numbers: make(map[uint64]int64)}
		t.objs[key] = o
		if kind == "queue" {
			t.define(o, trace.ClassQueue, 0)
		}
	}
	return o
}

// block emits that a lane of the process who begins to wait.
func (t *tracer) block(o *traced, who, id, verb string, n int64) {
	t.ask(&wait{id, t.lane(who), o, verb, n})
}

// ask emits that w begins, perhaps again.
func (t *tracer) ask(w *wait) {
	w.lane.at, t.waits[w.id], w.at.waits = w, w, append(w.at.waits, w)
	t.emit(w.at, w.lane, trace.Event{Kind: trace.KindBlock, N: w.n, Text: w.verb})
}

// unblock emits that w has what it waited for. Waiters that have waited longer for the same have asked again meanwhile.
func (t *tracer) unblock(w *wait) *lane {
	o := w.at
	for _, other := range slices.Clone(o.waits) {
		if other == w {
			break
		}
		if other.verb == w.verb {
			t.giveUp(other, trace.ReasonTimedOut)
			t.ask(other)
		}
	}
	t.forget(w)
	t.emit(o, w.lane, trace.Event{Kind: trace.KindUnblock})
	return w.lane
}

// forget removes w.
func (t *tracer) forget(w *wait) {
	w.lane.at = nil
	delete(t.waits, w.id)
	w.at.waits = slices.DeleteFunc(w.at.waits, func(other *wait) bool { return other == w })
}

// giveUp emits that w has ended without success.
func (t *tracer) giveUp(w *wait, why trace.Reason) {
	t.forget(w)
	t.emit(w.at, w.lane, trace.Event{Kind: trace.KindGiveUp, N: int64(why)})
}

// release emits that all waiters at o with verb go on.
func (t *tracer) release(o *traced, verb string) {
	for _, w := range slices.Clone(o.waits) {
		if w.verb == verb {
			l := t.unblock(w)
			t.emit(o, l, trace.Event{Kind: trace.KindResume})
		}
	}
}

// document emits what has changed in a document.
func (t *tracer) document(key string, data []byte, rev uint64) {
	kind, _, _ := strings.Cut(key, ".")
	var d document[json.RawMessage]
	o := t.object(key)
	if rev <= o.rev || classes[kind] == trace.ClassNone || json.Unmarshal(data, &d) != nil {
		return
	}
	o.rev = rev
	switch kind {
	case "mutex", "semaphore":
		var p pool
		if json.Unmarshal(d.State, &p) == nil {
			t.pool(o, kind, &p, d.By)
		}
	case "event":
		var f flag
		if json.Unmarshal(d.State, &f) == nil {
			t.flag(o, f, d.By)
		}
	case "barrier":
		var m meeting
		if json.Unmarshal(d.State, &m) == nil {
			t.meeting(o, &m, d.By)
		}
	case "waitgroup":
		var c count
		if json.Unmarshal(d.State, &c) == nil && (t.define(o, trace.ClassWaitGroup, 0) || c.N != o.count.N) {
			o.count = c
			t.emit(o, t.lane(d.By), trace.Event{Kind: trace.KindAdd, N: int64(c.N)})
			if c.N == 0 {
				t.release(o, "Wait")
			}
		}
	}
}

// pool emits what has changed in the pool of a mutex or a semaphore, and by whom.
func (t *tracer) pool(o *traced, kind string, p *pool, by string) {
	permits, verb := int64(0), "Lock"
	if kind == "semaphore" {
		permits, verb = int64(p.Permits), "Acquire"
	}
	t.define(o, classes[kind], permits)
	winners := make(map[string]*lane)
	for _, h := range p.Holders {
		if w := t.waits[h.ID]; w != nil && kind == "mutex" { // it may take the lock from one whose lease is over
			winners[h.ID] = t.unblock(w)
			t.emit(o, w.lane, trace.Event{Kind: trace.KindResume})
		}
	}
	for _, h := range o.pool.Holders {
		if p.holder(h.ID) < 0 {
			t.unheld(o, kind, h, by)
		}
	}
	for _, old := range o.pool.Queue {
		if w := t.waits[old.ID]; w != nil && p.place(old.ID) < 0 && p.holder(old.ID) < 0 {
			why := trace.ReasonCanceled
			if old.Who != by {
				why = trace.ReasonTimedOut // it did not come when it was its turn
			}
			t.giveUp(w, why)
		}
	}
	for _, w := range p.Queue {
		if t.waits[w.ID] == nil && p.holder(w.ID) < 0 {
			t.block(o, w.Who, w.ID, verb, int64(w.N))
		}
	}
	for _, h := range p.Holders {
		if o.pool.holder(h.ID) >= 0 {
			continue
		}
		w := t.waits[h.ID]
		l := winners[h.ID]
		switch {
		case l != nil:
		case w != nil:
			l = t.unblock(w)
		default:
			l = t.lane(h.Who)
		}
		o.holders[h.ID] = l
		t.emit(o, l, trace.Event{Kind: trace.KindAcquire, N: int64(h.N)})
		if w != nil {
			t.emit(o, l, trace.Event{Kind: trace.KindResume})
		}
		if kind == "mutex" {
			t.emit(nil, l, trace.Event{Kind: trace.KindLog, Text: fmt.Sprintf("has token %d", h.Token)})
		}
	}
	o.pool = *p
}

// unheld emits that h has released its permits, or that by has taken them over.
func (t *tracer) unheld(o *traced, kind string, h holder, by string) {
	l := o.holders[h.ID]
	delete(o.holders, h.ID)
	ev := trace.Event{Kind: trace.KindRelease}
	if kind == "semaphore" {
		ev.N = int64(h.N)
	}
	if h.Who != by || l == nil || l.at != nil || !slices.Contains(t.lanes[by], l) {
		other := t.idle(by)
		if h.Who != by && other != nil {
			t.emit(nil, other, trace.Event{Kind: trace.KindLog, Text: "the lease of " + h.Who + " is over"})
		}
		if l != nil {
			ev.Peer = l.g
		}
		l = other
	}
	t.emit(o, l, ev)
}

func (t *tracer) flag(o *traced, f flag, by string) {
	if t.define(o, trace.ClassEvent, 0) && !f.On { // it may have been set at any time before
		o.flag.Sets = f.Sets
	}
	if f.Sets > o.flag.Sets {
		l := t.lane(by)
		if o.flag.On {
			t.emit(o, l, trace.Event{Kind: trace.KindClear})
		}
		t.emit(o, l, trace.Event{Kind: trace.KindSet, N: int64(len(o.waits))})
		o.flag.On = true
		t.release(o, "Wait")
	}
	if o.flag.On && !f.On {
		t.emit(o, t.lane(by), trace.Event{Kind: trace.KindClear})
	}
	o.flag = f
}

func (t *tracer) meeting(o *traced, m *meeting, by string) {
	first := t.define(o, trace.ClassBarrier, int64(m.Parties))
	old := o.meeting
	if first || m.Gen > old.Gen+1 { // what came between is not known
		old.Gen = m.Gen
	}
	failed := len(m.Failed) > 0 && m.Failed[len(m.Failed)-1].Gen == old.Gen
	switch {
	case m.Gen > old.Gen && !failed: // by the last process to arrive
		l := t.lane(by)
		t.emit(o, l, trace.Event{Kind: trace.KindArrive, N: int64(m.Parties - 1)})
		o.trips++
		t.emit(o, l, trace.Event{Kind: trace.KindTrip, N: o.trips})
		t.release(o, "Wait")
	case m.Gen > old.Gen:
		cause := m.Failed[len(m.Failed)-1].Cause
		why := cause.reason()
		for _, w := range o.waits {
			if slices.Contains(t.lanes[by], w.lane) && why != trace.ReasonReset && why != trace.ReasonAborted { // it gives up
				t.giveUp(w, why)
				break
			}
		}
		if kind := trace.KindBreak; m.Broken != nil {
			t.emit(o, t.lane(by), trace.Event{Kind: kind, N: int64(why), Text: cause.Text})
		} else {
			t.emit(o, t.lane(by), trace.Event{Kind: trace.KindReset})
		}
		t.release(o, "Wait")
	case old.Broken != nil && m.Broken == nil:
		t.emit(o, t.lane(by), trace.Event{Kind: trace.KindReset})
	}
	if m.Gen == old.Gen {
		for i := len(old.Arrived); i < len(m.Arrived); i++ {
			who := by
			if i < len(m.Arrived)-1 {
				who = "somebody" // it was not reported which process
			}
			t.emit(o, t.lane(who), trace.Event{Kind: trace.KindArrive, N: int64(i)})
			t.block(o, who, m.Arrived[i], "Wait", 1)
		}
	}
	o.meeting = *m
}

// reason returns why a barrier is broken.
func (w wireCause) reason() trace.Reason {
	for _, m := range w.Matches {
		switch m {
		case context.DeadlineExceeded.Error():
			return trace.ReasonTimedOut
		case context.Canceled.Error():
			return trace.ReasonCanceled
		}
	}
	return trace.ReasonAborted
}

// note emits the events of a process's note.
func (t *tracer) note(n *note) {
	kind, _, _ := strings.Cut(n.Key, ".")
	switch n.Kind {
	case noteWaits:
		if kind == "barrier" { // which its document tells
			return
		}
		o := t.object(n.Key)
		if kind == "queue" && n.Verb == "Join" && o.unfinished == 0 || kind == "event" && o.flag.On || kind == "waitgroup" && o.count.N == 0 {
			return // the wait has ended meanwhile
		}
		if t.define(o, classes[kind], 0) && kind == "waitgroup" {
			return // it is reported with the count
		}
		t.block(o, n.Who, n.ID, n.Verb, 1)
	case noteWoken:
		if w := t.waits[n.ID]; w != nil { // the event it waited for was not reported
			t.giveUp(w, trace.ReasonReset)
		}
	case noteGaveUp:
		if w := t.waits[n.ID]; w != nil {
			t.giveUp(w, trace.ReasonTimedOut)
		}
	case noteGot:
		t.get(t.object(n.Key), n)
	case noteDone, noteBuries:
		t.finish(t.object(n.Key), n)
	case noteRetries:
		t.emit(nil, t.lane(n.Who), trace.Event{Kind: trace.KindLog, Text: "gives " + t.object(n.Key).text(n.Item) + " back"})
	case noteRemarks:
		t.emit(nil, t.lane(n.Who), trace.Event{Kind: trace.KindLog, Text: n.Text})
	case noteExits:
		for _, l := range t.lanes[n.Who] {
			if l.at != nil {
				t.giveUp(l.at, trace.ReasonClosed)
			}
			t.emit(nil, l, trace.Event{Kind: trace.KindExit})
		}
		delete(t.lanes, n.Who)
	}
}

// text returns an item as it is shown.
func (o *traced) text(seq uint64) string {
	return cmp.Or(o.texts[seq], "item "+strconv.FormatUint(seq, 10))
}

// put emits that an item was put.
func (t *tracer) put(o *traced, seq uint64, by, id, text string) {
	if o.numbers[seq] != 0 {
		return
	}
	var plain string
	if json.Unmarshal([]byte(text), &plain) == nil {
		text = plain
	}
	if len(text) > 60 {
		text = text[:57] + "…"
	}
	o.texts[seq] = strings.ToValidUTF8(text, "")
	w := t.waits[id]
	var l *lane
	if w != nil {
		l = t.unblock(w)
	} else if by != "" {
		l = t.lane(by)
	}
	others := t.pass(o, "Put", w != nil)
	o.number++
	o.numbers[seq] = o.number
	o.unfinished++
	t.emit(o, l, trace.Event{Kind: trace.KindPut, N: o.number, Peer: int64(len(o.list)), Text: o.texts[seq]})
	o.list = append(o.list, seq)
	if w != nil {
		t.emit(o, l, trace.Event{Kind: trace.KindResume})
	}
	for _, other := range others {
		t.ask(other)
	}
	t.ripe(o)
}

// pass removes the waiters at o for verb, and returns them: a process that has not waited is faster, since the order of service is
// not guaranteed. If it has waited, that has been done.
func (t *tracer) pass(o *traced, verb string, waited bool) (others []*wait) {
	for _, other := range slices.Clone(o.waits) {
		if other.verb == verb && !waited {
			t.giveUp(other, trace.ReasonTimedOut)
			others = append(others, other)
		}
	}
	return others
}

// get emits that an item was taken, or keeps the note until it is the next.
func (t *tracer) get(o *traced, n *note) {
	switch {
	case o.numbers[n.Item] == 0: // it was there before
		t.put(o, n.Item, "", "", "")
	case o.taken[n.Item] != nil: // it was given out before
		defer func() {
			t.emit(nil, o.taken[n.Item], trace.Event{Kind: trace.KindLog, Text: o.text(n.Item) + " was given out before, and not finished"})
		}()
		delete(o.taken, n.Item)
		o.number++
		o.numbers[n.Item] = o.number
		t.emit(o, nil, trace.Event{Kind: trace.KindRequeue, N: o.number, Text: o.text(n.Item)})
		o.list = slices.Insert(o.list, 0, n.Item)
	}
	if o.list[0] != n.Item {
		t.early = append(t.early, &early{*n, o, time.Now().Add(patient)})
		return
	}
	t.take(o, n)
	t.ripe(o)
}

// take emits that the next item was taken.
func (t *tracer) take(o *traced, n *note) {
	w := t.waits[n.ID]
	var l *lane
	switch {
	case w != nil:
		l = t.unblock(w)
	case n.Who != "":
		l = t.lane(n.Who)
	}
	others := t.pass(o, "Get", w != nil)
	t.emit(o, l, trace.Event{Kind: trace.KindGet, N: o.numbers[n.Item], Text: o.text(n.Item)})
	o.list = o.list[1:]
	o.taken[n.Item] = cmp.Or(l, &lane{})
	if w != nil {
		t.emit(o, l, trace.Event{Kind: trace.KindResume})
	}
	for _, other := range others {
		t.ask(other)
	}
}

// ripe emits the events of early notes that are next now.
func (t *tracer) ripe(o *traced) {
	for again := true; again; {
		again = false
		for i, e := range t.early {
			if e.o == o && len(o.list) > 0 && o.list[0] == e.note.Item {
				t.early = slices.Delete(t.early, i, i+1)
				t.take(o, &e.note)
				again = true
				break
			}
		}
	}
}

// late emits the events of early notes, after events that give the items that should have come before to an unknown process.
func (t *tracer) late(e *early) {
	for slices.Contains(t.early, e) {
		if len(e.o.list) == 0 {
			t.early = slices.DeleteFunc(t.early, func(other *early) bool { return other == e })
			return
		}
		t.take(e.o, &note{Item: e.o.list[0]})
		t.ripe(e.o)
	}
}

// finish emits that an item is finished, or is a dead letter.
func (t *tracer) finish(o *traced, n *note) {
	for _, e := range slices.Clone(t.early) {
		if e.o == o && e.note.Item == n.Item {
			t.late(e)
		}
	}
	l := o.taken[n.Item]
	if l == nil && o.numbers[n.Item] != 0 {
		for slices.Contains(o.list, n.Item) { // its Get was not reported
			t.take(o, &note{Item: o.list[0]})
		}
	}
	if l == nil || l.at != nil || !slices.Contains(t.lanes[n.Who], l) {
		l = t.lane(n.Who)
	}
	if o.taken[n.Item] == nil {
		return // or that it was put
	}
	if n.Kind == noteBuries {
		t.emit(nil, l, trace.Event{Kind: trace.KindLog, Text: o.text(n.Item) + " is a dead letter: " + n.Text})
	}
	delete(o.taken, n.Item)
	delete(o.texts, n.Item)
	delete(o.numbers, n.Item)
	o.unfinished--
	t.emit(o, l, trace.Event{Kind: trace.KindTaskDone, N: o.unfinished})
	if o.unfinished == 0 {
		t.release(o, "Join")
	}
}
