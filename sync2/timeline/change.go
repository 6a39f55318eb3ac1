package timeline

import (
	"fmt"
	"slices"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A change is the effect of one event on a State. The types that embed it have a method for each kind of event that
// concerns their class of objects.
type change struct {
	*State
	g  *Goroutine // the event's goroutine and object, for changing; a dummy where there is none
	o  *Object
	ev *trace.Event
}

// by turns a method of a type that embeds change into an entry of handlers.
func by[T ~struct{ change }](apply func(T) error) func(change) error {
	return func(c change) error { return apply(T(struct{ change }{c})) }
}

type (
	goroutineChange struct{ change } // a goroutine starts, exits, resumes, fails
	waitChange      struct{ change } // a wait begins or ends
	flagChange      struct{ change } // events, timers, watches, wait groups: objects that are set and passed
	semaphoreChange struct{ change }
	lockChange      struct{ change }
	rwMutexChange   struct{ change }
	barrierChange   struct{ change }
	valueChange     struct{ change } // variables and locals
	queueChange     struct{ change } // queues, channels, and whatever is closed like them
	chanChange      struct{ change } // channels and select statements
	futureChange    struct{ change } // futures, their executors and groups
)

func nothing(change) error { return nil }

// gName and objName return the names of the goroutine and the object of the event.
func (c change) gName() string   { return c.Words().GName(c.ev.G) }
func (c change) objName() string { return c.Words().ObjName(c.ev.Obj) }

// change returns the change for ev.
func (s *State) change(ev *trace.Event) change {
	c := change{State: s, ev: ev}
	if ev.G != 0 {
		c.g = s.goroutine(ev.G)
	} else {
		c.g = &Goroutine{Status: StatusRunning}
	}
	if ev.Obj != 0 {
		c.o = s.object(ev.Obj)
	} else {
		c.o = &Object{}
	}
	return c
}

// wrong returns an error that explains why ev is inconsistent.
func (c change) wrong(format string, args ...any) error {
	return fmt.Errorf("timeline: event %d (%s): %s", c.ev.Seq, c.ev.Kind, fmt.Sprintf(format, args...))
}

// act marks g as running, since it did something.
func (c change) act() error {
	g := c.g
	switch g.Status {
	case StatusRunning:
		return nil
	case StatusWaiting:
		forID := g.For
		c.object(forID).leave(g)
		c.run(g)
		return c.wrong("%s goes on although it waits for %s", c.gName(), c.Words().ObjName(forID))
	case StatusEnded:
		return c.wrong("%s goes on although it has ended", c.gName())
	case StatusUnknown, StatusReleased, StatusGaveUp:
	}
	c.run(g)
	return nil
}

// cut removes s[i]. It does not move a long s to remove its first element.
func cut[T any](s []T, i int) []T {
	if i == 0 && len(s) > 32 {
		return s[1:]
	}
	return slices.Delete(s, i, i+1)
}
