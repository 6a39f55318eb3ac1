package explore

import (
	"context"

	"github.com/turnstile-go/turnstile/sync2/explore/internal/engine"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A Chan is the mock of a channel for programs under exploration. It behaves like a channel in every respect; sending
// on a closed Chan, for example, panics.
type Chan[T any] struct {
	core     core
	capacity int
	buffer   []T
	closed   bool
	put, got int64 // the numbers of values sent and received
	senders  []*offer[T]
	readers  []*offer[T]
}

// An offer is a task waiting to send or receive. A task waiting in a select has several.
type offer[T any] struct {
	wait *waiting
	i    int // the index of the select's case
	v    T
	ok   bool
}

// A waiting is a task that waits in one or more channels.
type waiting struct {
	t    *engine.Task
	core *core // where it waits, for a trace
	done bool
	i    int // the index of the chosen case

	ctx   context.Context // nil, or that of the DoneCase,
	ended int             // which is this case
}

// NewChan returns a channel with the given capacity. The name is used in reports. NewChan panics if capacity is
// negative.
func NewChan[T any](e *E, name string, capacity int) *Chan[T] {
	if capacity < 0 {
		panic("explore: NewChan: the capacity must not be negative")
	}
	return &Chan[T]{core: newCoreOf(e, "NewChan", name, trace.ClassChan, int64(capacity)), capacity: capacity}
}

// Send sends v. It panics if the channel is closed.
//
//go:norace
func (c *Chan[T]) Send(v T) {
	t := c.core.do("Send")
	if !c.sendNow(v) {
		o := &offer[T]{wait: &waiting{t: t, core: &c.core}, v: v}
		c.senders = append(c.senders, o)
		c.core.park(t, "Send")
		c.sent(o)
	}
}

// Recv receives a value; ok is false if the channel is closed and empty.
//
//go:norace
func (c *Chan[T]) Recv() (v T, ok bool) {
	t := c.core.do("Recv")
	if c.recvReady() {
		return c.recvNow()
	}
	o := &offer[T]{wait: &waiting{t: t, core: &c.core}}
	c.readers = append(c.readers, o)
	c.core.park(t, "Recv")
	return o.v, o.ok
}

// Close closes the channel. It panics if the channel is already closed.
//
//go:norace
func (c *Chan[T]) Close() {
	c.core.do("Close")
	if c.closed {
		panic("close of closed channel")
	}
	c.closed = true
	c.core.tell(trace.Event{Kind: trace.KindClose})
	for o := c.firstReader(); o != nil; o = c.firstReader() {
		c.settle(o)
	}
	for o := c.firstSender(); o != nil; o = c.firstSender() {
		c.settle(o) // it will panic
	}
}

// Len returns the number of values in the buffer.
//
//go:norace
func (c *Chan[T]) Len() int {
	c.core.look("Len")
	return len(c.buffer)
}

// sendReady reports whether a send need not wait.
//
//go:norace
func (c *Chan[T]) sendReady() bool {
	return c.closed || len(c.buffer) < c.capacity || c.hasReader()
}

// sendNow sends v if that need not wait.
//
//go:norace
func (c *Chan[T]) sendNow(v T) bool {
	if c.closed {
		panic("send on closed channel")
	}
	if o := c.firstReader(); o != nil {
		o.v, o.ok = v, true
		c.tellPut(engine.Current(), v)
		c.settle(o)
		c.tellGot(o.wait.t)
		return true
	}
	if len(c.buffer) < c.capacity {
		c.buffer = append(c.buffer, v)
		c.tellPut(engine.Current(), v)
		return true
	}
	return false
}

// sent completes a send that had to wait.
//
//go:norace
func (c *Chan[T]) sent(o *offer[T]) {
	if !o.ok {
		panic("send on closed channel")
	}
}

// recvReady reports whether a receive need not wait.
//
//go:norace
func (c *Chan[T]) recvReady() bool { return c.closed || len(c.buffer) > 0 || c.hasSender() }

// recvNow receives; recvReady must hold.
//
//go:norace
func (c *Chan[T]) recvNow() (v T, ok bool) {
	t, o := engine.Current(), c.firstSender()
	buffered := len(c.buffer) > 0
	if buffered {
		v, ok = c.buffer[0], true
		c.buffer = c.buffer[1:]
		if o != nil {
			c.buffer = append(c.buffer, o.v)
		}
		c.tellGot(t)
	} else if o != nil {
		v, ok = o.v, true
	}
	if o != nil {
		o.ok = true
		c.settle(o)
		c.tellPut(o.wait.t, o.v)
		if !buffered {
			c.tellGot(t)
		}
	}
	if !ok {
		c.core.tell(trace.Event{Kind: trace.KindPass})
	}
	return v, ok
}

// tellPut reports to a running trace that t sends v; tellGot, that it receives the next value.
//
//go:norace
func (c *Chan[T]) tellPut(t *engine.Task, v T) {
	c.put++
	if hook.On(hook.Trace) {
		c.core.tellOf(t, trace.Event{Kind: trace.KindPut, N: c.put, Text: trace.ValueText(v)})
	}
}

//go:norace
func (c *Chan[T]) tellGot(t *engine.Task) {
	c.got++
	c.core.tellOf(t, trace.Event{Kind: trace.KindGet, N: c.got})
}

// settle lets the task of o continue with the case of o.
//
//go:norace
func (c *Chan[T]) settle(o *offer[T]) {
	o.wait.done, o.wait.i = true, o.i
	o.wait.core.wake(o.wait.t)
}

// firstSender removes and returns the first waiting sender, or nil if there is none.
//
//go:norace
func (c *Chan[T]) firstSender() *offer[T] {
	if !c.hasSender() {
		return nil
	}
	o := c.senders[0]
	c.senders = c.senders[1:]
	return o
}

//go:norace
func (c *Chan[T]) firstReader() *offer[T] {
	if !c.hasReader() {
		return nil
	}
	o := c.readers[0]
	c.readers = c.readers[1:]
	return o
}

// hasSender reports whether a task is waiting to send. It removes those whose select chose another case.
//
//go:norace
func (c *Chan[T]) hasSender() bool {
	for len(c.senders) > 0 && c.senders[0].wait.done {
		c.senders = c.senders[1:]
	}
	return len(c.senders) > 0
}

//go:norace
func (c *Chan[T]) hasReader() bool {
	for len(c.readers) > 0 && c.readers[0].wait.done {
		c.readers = c.readers[1:]
	}
	return len(c.readers) > 0
}
