package trace

import "fmt"

// A check is one event that a Validator checks. The types that embed it have a method for each kind of event that
// concerns their class of objects. The methods return a description of what is wrong, or "", and record what later
// checks need.
type check struct {
	*records
	ev *Event
	g  *vGoroutine // the event's goroutine and object; a fresh one where the event has none
	o  *vObject
}

// by turns a method of a type that embeds check into a rule.
func by[T ~struct{ check }](f func(T) string) func(check) string {
	return func(c check) string { return f(T(struct{ check }{c})) }
}

type (
	goroutineCheck struct{ check } // a goroutine starts, exits, resumes; its handle
	waitCheck      struct{ check } // a wait begins or ends
	flagCheck      struct{ check } // events, conditions, timers: whatever releases all waiters
	countCheck     struct{ check } // wait groups
	onceCheck      struct{ check }
	watchCheck     struct{ check }
	semaphoreCheck struct{ check }
	lockCheck      struct{ check } // mutexes and reentrant locks
	rwMutexCheck   struct{ check }
	barrierCheck   struct{ check }
	queueCheck     struct{ check } // queues, and whatever is closed like them
	chanCheck      struct{ check }
	selectCheck    struct{ check }
	futureCheck    struct{ check }
	groupCheck     struct{ check } // groups of goroutines
)

func nothing(check) string { return "" }

// fits checks that the event can happen to an object of this class.
func (c check) fits(r *rule) string {
	switch {
	case r.allows(c.o.class) || c.o.class >= classes:
	case c.o.class == ClassNone && c.lost:
	case c.o.class == ClassOther:
	case c.o.id == 0:
		return "it has no object"
	default:
		return fmt.Sprintf("this cannot happen to an object of class %s", c.o.class)
	}
	return ""
}

// due checks that every waiter that had to be released, or receive its permits, before this event was.
func (c check) due() string {
	if due := classRuleOf(c.o).due; due != nil {
		if wrong := due(c); wrong != "" {
			return wrong
		}
	}
	resumes := c.ev.Kind == KindResume                       // the goroutine itself emits it when it runs, so between any others
	gets := c.o.class == ClassWatch && c.ev.Kind == KindPass // a released waiter gets the version it waited for
	if n := c.o.pending; n > 0 && c.ev.Kind != KindUnblock && !resumes && !gets {
		c.o.pending = 0
		return fmt.Sprintf("waiters that must be released first: %d", n)
	}
	return ""
}

// mayBeGranted reports whether c.g may have been released from c.o and not have run since. A goroutine released from
// a priority queue still looks for the position of its item; meanwhile the trace may have begun.
func (c check) mayBeGranted() bool {
	switch c.g.status {
	case vReleased:
		at := c.lookObject(c.g.obj)
		return c.g.obj == c.ev.Obj || at != nil && at.sel.has(c.ev.Obj)
	case vUnknown:
		return c.lost || c.o.class == ClassPriorityQueue
	case vRunning, vWaiting, vEnded:
	}
	return false
}

// overtakes checks that no goroutine waits for verb, unless c.g is the goroutine that has waited.
func (c check) overtakes(verb string) string {
	if c.mayBeGranted() || c.g.room == c.o.id {
		return ""
	}
	for _, w := range c.o.queue {
		if c.o.family(w.verb) == c.o.family(verb) {
			return fmt.Sprintf("%s has waited longer", w.name)
		}
	}
	return ""
}

// first sets *s to t, unless it is set.
func first(s *string, t string) {
	if *s == "" {
		*s = t
	}
}
