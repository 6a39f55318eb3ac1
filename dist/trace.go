package dist

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

// Trace sends sink a trace, in the format of package trace, of what happens in the space, in all processes: which processes wait
// for which primitives and hold them, and what is in the queues. Each process appears as a goroutine with the name of the process, see [WithName]; one that
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
	for _, subject := range []string{s.news(">"), s.notes(), s.items("*")} {
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

// A traced is a primitive or a queue.
type traced struct {
	id          trace.ID // 0: it has not been defined
	name        string
	rev         uint64
	waits       []*wait // oldest first
	pool        pool
	holders     map[string]*lane
	flag        flag
	meeting     meeting
	generations int64
	count       count

	// Of a queue.
	list       []uint64          // the items in it
	taken      map[uint64]*lane  // which process has each item that was taken and is not done
	texts      map[uint64]string // of both
	numbers    map[uint64]int64  // what the trace calls them
	number     int64             // the last of these
	unfinished int64
}

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

// note emits the events of a process's note.
func (t *tracer) note(n *note) {
	kind, _, _ := strings.Cut(n.Key, ".")
	switch n.Kind {
	case noteWaits:
		if kind == "barrier" { // its document shows it
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
