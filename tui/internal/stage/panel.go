package stage

import (
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
)

// A panel shows one object in the form of its class. There is a type for each class of objects, or for a few similar classes, in a
// file of its own; it embeds *subject, which has what all panels share.
type panel interface {
	// title returns what the frame says after the name of the object: its class, what it belongs to, and more.
	title() []string
	// lay places the goroutines at the object, and what is drawn around them, within r.
	lay(r cells.Rect)
	// sentence returns the last line of the panel; "" if there is nothing to say.
	sentence() (string, cells.Style)
	// row returns the object as one line: its state in a word or two, and the goroutines at it.
	row() (state string, style cells.Style, groups []group)
	// idle reports whether the object can be left out because no goroutine holds it or waits for it.
	idle() bool
}

// panels maps classes to panels. Objects of other classes are of an unknown kind; those of a class without a panel are not shown
// by themselves.
var panels = map[trace.Class]func(*subject) panel{
	trace.ClassNone:      nil,
	trace.ClassGoroutine: nil, // goroutines are tokens

	trace.ClassBarrier:       func(s *subject) panel { return barrierPanel{s} },
	trace.ClassEvent:         func(s *subject) panel { return eventPanel{s} },
	trace.ClassSemaphore:     func(s *subject) panel { return semaphorePanel{s} },
	trace.ClassMutex:         func(s *subject) panel { return lockPanel{s} },
	trace.ClassReentrantLock: func(s *subject) panel { return lockPanel{s} },
	trace.ClassLocal:         func(s *subject) panel { return localPanel{s} },
	trace.ClassCond:          func(s *subject) panel { return condPanel{s} },
	trace.ClassQueue:         func(s *subject) panel { return queuePanel{s} },
	trace.ClassStack:         func(s *subject) panel { return queuePanel{s} },
	trace.ClassPriorityQueue: func(s *subject) panel { return queuePanel{s} },
	trace.ClassExecutor:      func(s *subject) panel { return executorPanel{s} },
	trace.ClassFuture:        func(s *subject) panel { return futurePanel{s} },
	trace.ClassGroup:         func(s *subject) panel { return groupPanel{s} },
	trace.ClassVar:           func(s *subject) panel { return varPanel{s} },
	trace.ClassAtomic:        func(s *subject) panel { return varPanel{s} },
	trace.ClassChan:          func(s *subject) panel { return chanPanel{s} },
	trace.ClassNilChan:       func(s *subject) panel { return nilChanPanel{s} },
	trace.ClassSelect:        func(s *subject) panel { return selectPanel{s} },
	trace.ClassRWMutex:       func(s *subject) panel { return rwMutexPanel{s} },
	trace.ClassWaitGroup:     func(s *subject) panel { return waitGroupPanel{s} },
	trace.ClassOnce:          func(s *subject) panel { return oncePanel{s} },
	trace.ClassTimer:         func(s *subject) panel { return timerPanel{s} },
	trace.ClassClock:         func(s *subject) panel { return clockPanel{s} },
	trace.ClassKeyedMutex:    func(s *subject) panel { return keyedMutexPanel{s} },
	trace.ClassFlight:        func(s *subject) panel { return flightPanel{s} },
	trace.ClassTaskGroup:     func(s *subject) panel { return taskGroupPanel{s} },
	trace.ClassWatch:         func(s *subject) panel { return watchPanel{s} },
}

// panelOf returns the panel of s.
func panelOf(s *subject) panel {
	if of := panels[s.o.Class]; of != nil {
		return of(s)
	}
	return otherPanel{s}
}

// An absentPanel is an object that does not exist yet.
type absentPanel struct{ *subject }

func (p absentPanel) title() []string { return []string{p.o.Class.String()} }

func (p absentPanel) row() (string, cells.Style, []group) {
	return "not there yet", cells.StyleDim, nil
}

func (p absentPanel) idle() bool { return true }

func (p absentPanel) lay(r cells.Rect) {
	p.Center(r, r.H/2, "not there yet", cells.StyleDim)
	p.onTheWay(p.floor(r, 3, 0))
}
