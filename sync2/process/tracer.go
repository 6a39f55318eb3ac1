package process

import (
	"bytes"
	"encoding/gob"
	"sync"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A tracer sends the events of a worker's trace to the parent, while the parent has a trace running.
type tracer struct {
	conn    *conn
	session uint64 // of the parent's trace, 0 if none is running; belongs to the goroutine that runs the tasks

	sending sync.Mutex // held while events are taken and sent, so that they stay in order
	buf     bytes.Buffer
	enc     *gob.Encoder
	number  uint32 // of the session

	mu      sync.Mutex // guards what follows; the trace calls Event with its own mutex held
	pending []trace.Event
	lost    int64
	some    *sync.Cond // there is something pending, or it is over
	over    bool
}

// maxPending is the number of events that may wait to be sent. More are lost.
const maxPending = 1 << 16

func newTracer(c *conn) *tracer {
	t := &tracer{conn: c}
	t.some = sync.NewCond(&t.mu)
	t.enc = gob.NewEncoder(&t.buf)
	return t
}

// set starts, stops or restarts the worker's trace for the given session of the parent.
func (t *tracer) set(session uint64) {
	if session == t.session {
		return
	}
	if t.session != 0 {
		t.mu.Lock()
		t.over = true
		t.some.Signal()
		t.mu.Unlock()
		trace.Stop()
		t.flush()
	}
	t.session = session
	if session == 0 {
		return
	}
	t.sending.Lock()
	t.number = uint32(session)
	t.sending.Unlock()
	t.mu.Lock()
	t.over = false
	t.mu.Unlock()
	if trace.Start(t) != nil { // the program has a trace of its own in this process
		return
	}
	go t.run()
}

// Event implements trace.Sink.
func (t *tracer) Event(ev trace.Event) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.pending) >= maxPending {
		t.lost++
		return
	}
	t.pending = append(t.pending, ev)
	t.some.Signal()
}

// run sends events as they occur.
func (t *tracer) run() {
	for {
		t.mu.Lock()
		for len(t.pending) == 0 && !t.over {
			t.some.Wait()
		}
		over := t.over
		t.mu.Unlock()
		if over {
			return
		}
		t.flush()
	}
}

// flush sends the pending events.
func (t *tracer) flush() {
	t.sending.Lock()
	defer t.sending.Unlock()
	t.mu.Lock()
	events, lost := t.pending, t.lost
	t.pending, t.lost = nil, 0
	t.mu.Unlock()
	if lost > 0 {
		events = append(events, trace.Event{Kind: trace.KindDropped, N: lost})
	}
	if len(events) == 0 {
		return
	}
	t.buf.Reset()
	if t.enc.Encode(events) == nil {
		_ = t.conn.send(kindTrace, 0, t.number, nil, t.buf.Bytes())
	}
}

// flushTrace sends the events so far, so that the parent sees them before their consequences.
func (w *worker) flushTrace() {
	if trace.Running() {
		w.tracer.flush()
	}
}
