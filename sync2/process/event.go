package process

import (
	"cmp"
	"context"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// An Event is a flag that goroutines of several processes can wait for, like [sync2.Event]. It lives in the process
// that made it; other processes send their requests to that process.
//
// The zero value for an Event is not set and ready to use in the process that made it; a pointer to it can be passed to
// workers in the argument of a function. [NewEvent] can give it a name. An Event must not be copied.
//
// In the terminology of the Go memory model, Set “synchronizes before” the return of every wait that it ends, insofar
// as the processes share memory.
type Event struct{ handle }

// NewEvent returns an event that is not set.
func NewEvent(opts ...SharedOption) *Event {
	e := new(Event)
	e.make("NewEvent", spec{class: classEvent}, opts)
	return e
}

// Set sets the flag and releases all waiters. If the flag is already set, Set does nothing.
func (e *Event) Set() { e.do("Event.Set", classEvent, request{verb: verbSet}) }

// Clear resets the flag. Subsequent waits block until the next Set.
func (e *Event) Clear() { e.do("Event.Clear", classEvent, request{verb: verbClear}) }

// IsSet reports whether the flag is set.
func (e *Event) IsSet() bool { return e.do("Event.IsSet", classEvent, request{verb: verbIsSet}).ok }

// Wait waits until the flag is set.
func (e *Event) Wait() { e.do("Event.Wait", classEvent, request{verb: verbWait}) }

// WaitContext is like [Event.Wait], but gives up when ctx ends, and then returns its cause. WaitContext panics if ctx
// is nil.
func (e *Event) WaitContext(ctx context.Context) error {
	_, err := e.callContext(ctx, "Event.WaitContext", classEvent, request{verb: verbWait})
	return err
}

// WaitTimeout is like [Event.Wait], but gives up after d, and then returns false. If d is zero or negative, it does not
// wait.
func (e *Event) WaitTimeout(d time.Duration) bool {
	_, err := e.callTimeout(d, "Event.WaitTimeout", classEvent, request{verb: verbWait})
	return err == nil
}

// Waiting returns the number of goroutines waiting for the flag, in all processes.
func (e *Event) Waiting() int {
	return int(e.do("Event.Waiting", classEvent, request{verb: verbWaiting}).n)
}

// MarshalBinary implements encoding.BinaryMarshaler, so that e can be passed to another process.
func (e *Event) MarshalBinary() ([]byte, error) {
	e.target("Event.MarshalBinary", classEvent)
	return e.handle.MarshalBinary()
}

// MarshalText implements encoding.TextMarshaler, so that e can be passed to another process.
func (e *Event) MarshalText() ([]byte, error) {
	e.target("Event.MarshalText", classEvent)
	return e.handle.MarshalText()
}

// String returns text such as "event start: not set, 2 wait".
func (e *Event) String() string { return e.describe(classEvent) }

// An eventObject is an Event in the process that made it.
type eventObject struct{ e sync2.Event }

func newEventObject(s *spec) object {
	o := new(eventObject)
	if name := cmp.Or(s.title, s.name); name != "" {
		trace.Name(hook.ObjectOf(&o.e), name)
	}
	return o
}

func (o *eventObject) do(ctx context.Context, _ *child, r request) (reply, error) {
	switch r.verb {
	case verbSet:
		o.e.Set()
	case verbClear:
		o.e.Clear()
	case verbIsSet:
		return reply{ok: o.e.IsSet()}, nil
	case verbWait:
		if r.try {
			return reply{ok: o.e.WaitTimeout(0)}, nil
		}
		return reply{ok: true}, o.e.WaitContext(ctx)
	default:
		return reply{n: int64(o.e.Waiting())}, nil
	}
	return reply{}, nil
}

func (o *eventObject) abandon(*child, error) {}

func (o *eventObject) String() string {
	if o.e.IsSet() {
		return "set"
	}
	return waitingText("not set", o.e.Waiting())
}
