package process

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/internal/goid"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A desk serves the requests of a child, each in a goroutine, the clerk. While a trace is running, each goroutine of the
// child has a clerk of its own, which represents it in the trace.
type desk struct {
	c      *child
	life   context.Context // ends with the child
	end    context.CancelCauseFunc
	served sync.WaitGroup
	merger *merger // belongs to the goroutine that receives the child's messages

	mu      sync.Mutex // guards what follows
	errands map[uint32]*errand
	idle    []*clerk
	own     map[int64]*clerk // by goroutine of the child
	closed  bool
	touched map[object]struct{} // objects that the child may hold
}

// An errand is a request of a worker.
type errand struct {
	m      *message
	ctx    context.Context
	cancel context.CancelCauseFunc
}

// A clerk is a goroutine that serves requests, one after the other.
type clerk struct {
	next chan *errand // closed when there will be no more
	own  bool         // it serves one goroutine of the child

	id      int64  // of the goroutine; set if own
	session uint64 // of the trace that knows it; belongs to the goroutine that receives the child's messages
}

func newDesk(c *child) *desk {
	d := &desk{c: c, errands: make(map[uint32]*errand), own: make(map[int64]*clerk), touched: make(map[object]struct{})}
	d.merger = newMerger(d)
	d.life, d.end = context.WithCancelCause(context.Background())
	return d
}

// serve serves a request. It does not wait.
func (d *desk) serve(m *message) {
	e := &errand{m: m}
	e.ctx, e.cancel = context.WithCancelCause(d.life)
	d.served.Add(1)
	if t := hook.Outer(); t != nil {
		d.c.asks.Add(1)
		d.mu.Lock()
		d.errands[m.id] = e
		d.mu.Unlock()
		t.Serve(d.c.ObjectName(), func() {
			d.answer(e)
			d.rest(e, nil)
			d.c.asks.Add(-1)
			d.c.stir()
		})
		return
	}
	g := int64(0)
	if trace.Running() {
		head := reader{b: m.head[2:]}
		g = head.varint()
		d.merger.g(g)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.errands[m.id] = e
	k := d.own[g]
	if n := len(d.idle); k == nil && n > 0 {
		k = d.idle[n-1]
		d.idle = d.idle[:n-1]
	}
	if k == nil {
		k = &clerk{next: make(chan *errand, 1)}
		go d.work(k)
	}
	k.next <- e // it has no other errand
}

// represent returns the id of the goroutine that represents one of the child's in the running trace. The name is "" if it
// is unknown or has been given before.
func (d *desk) represent(g int64, name string) int64 {
	d.mu.Lock()
	k := d.own[g]
	if k == nil {
		k = &clerk{next: make(chan *errand, 1), own: true}
		d.own[g] = k
		id := make(chan int64)
		go func() {
			id <- goid.Get()
			d.work(k)
		}()
		k.id = <-id
	}
	d.mu.Unlock()
	if session := trace.Session(); k.session != session {
		k.session = session
		if name == "" {
			name = fmt.Sprintf("goroutine-%d of %s", g, d.c.title())
		}
		var none *trace.Object
		none.Emit(trace.Event{Kind: trace.KindDefineG, G: k.id, Text: name})
	}
	return k.id
}

// maxIdle is the number of idle clerks that a desk keeps.
const maxIdle = 4

// work is the loop of a clerk.
func (d *desk) work(k *clerk) {
	for e := range k.next {
		d.answer(e)
		if !d.rest(e, k) {
			return
		}
	}
}

// rest makes the clerk available for another errand, unless there are enough idle clerks.
func (d *desk) rest(e *errand, k *clerk) bool {
	defer d.served.Done()
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.errands, e.m.id)
	switch {
	case k == nil:
		return false
	case k.own:
		return true
	case d.closed || len(d.idle) >= maxIdle:
		return false
	}
	d.idle = append(d.idle, k)
	return true
}

// dismiss ends the clerk of a goroutine of the child that has ended.
func (d *desk) dismiss(g int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if k := d.own[g]; k != nil {
		close(k.next)
		delete(d.own, g)
	}
}

// cancel cancels a request.
func (d *desk) cancel(m *message) {
	d.mu.Lock()
	e := d.errands[m.id]
	d.mu.Unlock()
	if e != nil {
		e.cancel(decodeError(m, d.c.name, d.c.pid, nil))
	}
}

// close gives back what the child held. The child has ended, and may have failed.
func (d *desk) close(death, failure error) {
	d.end(death)
	await(d.c, "end the requests of", func() bool { return d.c.asks.Load() == 0 })
	d.served.Wait()
	d.mu.Lock()
	d.closed = true
	for _, k := range d.idle {
		close(k.next)
	}
	for _, k := range d.own {
		close(k.next)
	}
	var ids []int64
	for _, k := range d.own {
		if k.session == trace.Session() {
			ids = append(ids, k.id)
		}
	}
	d.idle, d.own = nil, nil
	touched := d.touched
	d.touched = nil
	d.mu.Unlock()
	d.merger.end(ids, failure)
	for o := range touched {
		o.abandon(d.c, death)
	}
}

// answer performs the request, and sends the result to the child.
func (d *desk) answer(e *errand) {
	defer e.cancel(nil)
	o, r, err := d.read(e.m)
	var rep reply
	if err == nil {
		if r.verb == verbWait && r.err != nil {
			e.cancel(r.err)
		}
		rep, err = perform(e.ctx, d.c, o, r)
	}
	head, body := encodeReply(e.ctx, rep, err)
	if d.c.conn.send(kindOpReply, 0, e.m.id, head, body) != nil && err == nil && r.verb == verbGet && rep.ok {
		if q, ok := o.(*queueObject); ok {
			q.putBack(d.c, rep.item)
		}
	}
}

// read reads a request.
func (d *desk) read(m *message) (object, request, error) {
	var s spec
	h := reader{b: m.head[2:]}
	_ = h.varint() // the goroutine
	r := request{verb: verb(m.head[0]), try: m.head[1] != 0, n: h.varint()}
	r.item = item{data: m.body, text: h.string()}
	if h.err != nil {
		return nil, r, h.err
	}
	if err := s.parse(h.b); err != nil {
		return nil, r, err
	}
	t, err := s.find()
	if err != nil {
		return nil, r, &sync2.UsageError{Reason: err.Error()}
	}
	if (r.verb == verbAbort || r.verb == verbWait) && len(m.body) > 0 {
		r.err = decodeError(m, d.c.name, d.c.pid, nil)
	}
	d.mu.Lock()
	d.touched[t.local] = struct{}{}
	d.mu.Unlock()
	return t.local, r, nil
}

// perform performs the request. It returns misuse as an error, which panics in the child.
func perform(ctx context.Context, who *child, o object, r request) (rep reply, err error) {
	defer func() {
		if v := recover(); v != nil {
			usage, ok := v.(*sync2.UsageError)
			if !ok {
				panic(v)
			}
			err = usage
		}
	}()
	return o.do(ctx, who, r)
}

// encodeReply encodes the reply to the child.
func encodeReply(ctx context.Context, rep reply, err error) (head, body []byte) {
	st, text := statusOK, ""
	body = rep.item.data
	switch e := err.(type) { //nolint:errorlint // these come as they were made
	case nil:
	case *heldError:
		st, body = statusDied, encodeError(context.Background(), e.death)
	case *sync2.UsageError:
		st, text, body = statusUsage, e.Reason, nil
	case *sync2.BrokenError:
		st, body = statusBroken, encodeError(ctx, e.Cause)
	default:
		if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
			st, body = statusCanceled, nil
		} else {
			st, body = statusError, encodeError(context.Background(), err)
		}
	}
	head = []byte{byte(st), 0}
	if rep.ok {
		head[1] = 1
	}
	return appendString(binary.AppendVarint(head, rep.n), text), body
}
