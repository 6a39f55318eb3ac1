package process

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"

	"github.com/turnstile-go/turnstile/sync2"
)

// A desk is where a child's requests are served, each by a goroutine. Idle ones are kept, so that in a trace one goroutine
// stands for a worker that asks for one thing after the other.
type desk struct {
	c      *child
	life   context.Context // ends with the child
	end    context.CancelCauseFunc
	served sync.WaitGroup

	mu      sync.Mutex // guards what follows
	errands map[uint32]*errand
	idle    []chan *errand
	clerks  int
	closed  bool
	touched map[object]struct{} // which the child may hold
}

// An errand is a request of a worker.
type errand struct {
	m      *message
	ctx    context.Context
	cancel context.CancelCauseFunc
}

func newDesk(c *child) *desk {
	d := &desk{c: c, errands: make(map[uint32]*errand), touched: make(map[object]struct{})}
	d.life, d.end = context.WithCancelCause(context.Background())
	return d
}

// serve serves a request. It does not wait.
func (d *desk) serve(m *message) {
	e := &errand{m: m}
	e.ctx, e.cancel = context.WithCancelCause(d.life)
	d.served.Add(1)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.errands[m.id] = e
	if n := len(d.idle); n > 0 {
		d.idle[n-1] <- e
		d.idle = d.idle[:n-1]
		return
	}
	d.clerks++
	name := d.c.title()
	if d.clerks > 1 {
		name = fmt.Sprintf("%s, %d", name, d.clerks)
	}
	sync2.Go(name, func() { d.work(e) })
}

// maxIdle is how many idle goroutines a desk keeps.
const maxIdle = 4

// work is what a goroutine does that serves requests.
func (d *desk) work(e *errand) {
	next := make(chan *errand, 1)
	for ok := true; ok; e, ok = <-next {
		d.answer(e)
		if !d.rest(e, next) {
			return
		}
	}
}

// rest makes the goroutine one that can be given another errand through next, unless there are enough of these.
func (d *desk) rest(e *errand, next chan *errand) bool {
	defer d.served.Done()
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.errands, e.m.id)
	if d.closed || len(d.idle) >= maxIdle {
		d.clerks--
		return false
	}
	d.idle = append(d.idle, next)
	return true
}

// cancel gives up a request.
func (d *desk) cancel(m *message) {
	d.mu.Lock()
	e := d.errands[m.id]
	d.mu.Unlock()
	if e != nil {
		e.cancel(decodeError(m, d.c.name, d.c.pid, nil))
	}
}

// close gives back what the child held, which has ended.
func (d *desk) close(death error) {
	d.end(death)
	d.served.Wait()
	d.mu.Lock()
	d.closed = true
	for _, clerk := range d.idle {
		close(clerk)
	}
	d.idle = nil
	touched := d.touched
	d.mu.Unlock()
	for o := range touched {
		o.abandon(d.c, death)
	}
}

// answer does what is asked for, and tells the child.
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
		o.(*queueObject).putBack(d.c, rep.item) //nolint:errcheck,forcetypeassert // nothing else has that verb
	}
}

// read reads a request.
func (d *desk) read(m *message) (object, request, error) {
	var s spec
	h := reader{b: m.head[2:]}
	r := request{verb: verb(m.head[0]), try: m.head[1] != 0, n: h.varint()}
	r.item = item{data: m.body, text: h.string()}
	if h.err != nil {
		return nil, r, h.err
	}
	if _, err := s.parse(h.b); err != nil {
		return nil, r, err
	}
	o, err := s.find()
	if err != nil {
		return nil, r, &sync2.UsageError{Reason: err.Error()}
	}
	if (r.verb == verbAbort || r.verb == verbWait) && len(m.body) > 0 {
		r.err = decodeError(m, d.c.name, d.c.pid, nil)
	}
	d.mu.Lock()
	d.touched[o] = struct{}{}
	d.mu.Unlock()
	return o, r, nil
}

// perform does what is asked for. Misuse is an error here: it is the child's.
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

// encodeReply returns what the child is told.
func encodeReply(ctx context.Context, rep reply, err error) (head, body []byte) {
	st, text := statusOK, ""
	body = rep.item.data
	switch e := err.(type) { //nolint:errorlint // these come as they were made
	case nil:
	case *heldError:
		st, body = statusDied, encodeError(nil, e.death)
	case *sync2.UsageError:
		st, text, body = statusUsage, e.Reason, nil
	case *sync2.BrokenError:
		st, body = statusBroken, encodeError(ctx, e.Cause)
	default:
		if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
			st, body = statusCanceled, nil
		} else {
			st, body = statusError, encodeError(nil, err)
		}
	}
	head = []byte{byte(st), 0}
	if rep.ok {
		head[1] = 1
	}
	return appendString(binary.AppendVarint(head, rep.n), text), body
}
