package timeline

import (
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A change is what one event does to a State. The types that embed it have a method for each kind of event that concerns
// their class of objects.
type change struct {
	*State
	g  *Goroutine // whose event it is, and the object, for changing; where there is none, one that nobody sees
	o  *Object
	ev *trace.Event
}

// by makes a method of a type that embeds change an entry of handlers.
func by[T ~struct{ change }](apply func(T) error) func(change) error {
	return func(c change) error { return apply(T(struct{ change }{c})) }
}

type (
	goroutineChange struct{ change } // a goroutine starts, ends, goes on, fails
	waitChange      struct{ change } // a wait begins or ends
	flagChange      struct{ change } // events, timers, watches, wait groups: something that is set and passed
	semaphoreChange struct{ change }
	lockChange      struct{ change }
	rwMutexChange   struct{ change }
	barrierChange   struct{ change }
	valueChange     struct{ change } // variables and locals
	queueChange     struct{ change } // queues, channels, and what is closed like them
	chanChange      struct{ change } // channels and select statements
	futureChange    struct{ change } // futures, their executors and groups
)

func nothing(change) error { return nil }

// gName and objName return the names of the goroutine and the object of the event.
func (c change) gName() string   { return c.Words().GName(c.ev.G) }
func (c change) objName() string { return c.Words().ObjName(c.ev.Obj) }
