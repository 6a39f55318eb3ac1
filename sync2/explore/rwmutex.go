package explore

import (
	"slices"

	"github.com/turnstile-go/turnstile/sync2/explore/internal/engine"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// An RWMutex is the counterpart of sync.RWMutex for programs under exploration: a writer that waits keeps new readers
// out, and an Unlock lets all readers in that wait.
type RWMutex struct {
	core    core
	writer  *engine.Task   // who has locked it for writing, nil: nobody
	readers []*engine.Task // who has locked it for reading, …
	some    [4]*engine.Task
	mixed   bool // … unless this says that one has unlocked it for another, and nobody knows for whom
	waitR   []*engine.Task
	waitW   []*engine.Task
}

// NewRWMutex returns an unlocked RWMutex. Its name is for reports.
func NewRWMutex(e *E, name string) *RWMutex {
	rw := &RWMutex{core: newCoreOf(e, "NewRWMutex", name, trace.ClassRWMutex, 0)}
	rw.readers = rw.some[:0]
	e.knows(rw)
	return rw
}

// Lock locks rw for writing.
//
//go:norace
func (rw *RWMutex) Lock() {
	t := rw.core.do("Lock")
	if rw.writer == nil && len(rw.readers) == 0 {
		rw.writer = t
		rw.core.tell(trace.Event{Kind: trace.KindAcquire, N: 1, Text: "Lock"})
		return
	}
	rw.waitW = append(rw.waitW, t)
	rw.core.park(t, "Lock")
}

// TryLock locks rw for writing if nobody holds it, and reports whether it did.
//
//go:norace
func (rw *RWMutex) TryLock() bool {
	t := rw.core.do("TryLock")
	if rw.writer != nil || len(rw.readers) > 0 {
		rw.core.tell(trace.Event{Kind: trace.KindTryFail, N: 1, Text: "TryLock"})
		return false
	}
	rw.writer = t
	rw.core.tell(trace.Event{Kind: trace.KindAcquire, N: 1, Text: "TryLock"})
	return true
}

// Unlock undoes a Lock. It panics if rw is not locked for writing.
//
//go:norace
func (rw *RWMutex) Unlock() {
	rw.core.begin("Unlock", hook.Release)
	if rw.writer == nil {
		panic("explore: RWMutex.Unlock: not locked for writing")
	}
	rw.writer = nil
	rw.core.tell(trace.Event{Kind: trace.KindRelease, Text: "Unlock"})
	if len(rw.waitR) > 0 {
		rw.readers = append(rw.readers, rw.waitR...)
		for _, r := range rw.waitR {
			rw.core.wake(r)
			rw.core.tellOf(r, trace.Event{Kind: trace.KindAcquire, N: 1, Text: "RLock"})
		}
		rw.waitR = nil
		return
	}
	rw.nextWriter()
}

// RLock locks rw for reading.
//
//go:norace
func (rw *RWMutex) RLock() {
	t := rw.core.do("RLock")
	if rw.writer == nil && len(rw.waitW) == 0 {
		rw.readers = append(rw.readers, t)
		rw.core.tell(trace.Event{Kind: trace.KindAcquire, N: 1, Text: "RLock"})
		return
	}
	rw.waitR = append(rw.waitR, t)
	rw.core.park(t, "RLock")
}

// TryRLock locks rw for reading if no writer holds it or waits, and reports whether it did.
//
//go:norace
func (rw *RWMutex) TryRLock() bool {
	t := rw.core.do("TryRLock")
	if rw.writer != nil || len(rw.waitW) > 0 {
		rw.core.tell(trace.Event{Kind: trace.KindTryFail, N: 1, Text: "TryRLock"})
		return false
	}
	rw.readers = append(rw.readers, t)
	rw.core.tell(trace.Event{Kind: trace.KindAcquire, N: 1, Text: "TryRLock"})
	return true
}

// RUnlock undoes an RLock. It panics if rw is not locked for reading.
//
//go:norace
func (rw *RWMutex) RUnlock() {
	t := rw.core.do("RUnlock")
	n := len(rw.readers)
	if n == 0 {
		panic("explore: RWMutex.RUnlock: not locked for reading")
	}
	i := n - 1
	for i > 0 && rw.readers[i] != t {
		i--
	}
	if rw.readers[i] != t {
		rw.mixed = true
	}
	rw.core.tell(trace.Event{Kind: trace.KindRelease, Text: "RUnlock"})
	rw.readers[i] = rw.readers[n-1]
	if rw.readers = rw.readers[:n-1]; n == 1 {
		rw.mixed = false
		rw.nextWriter()
	}
}

//go:norace
func (rw *RWMutex) nextWriter() {
	if len(rw.waitW) > 0 {
		w := rw.waitW[0]
		rw.waitW, rw.writer = rw.waitW[1:], w
		rw.core.wake(w)
		rw.core.tellOf(w, trace.Event{Kind: trace.KindAcquire, N: 1, Text: "Lock"})
	}
}

func (rw *RWMutex) at() *core { return &rw.core }

//go:norace
func (rw *RWMutex) blame(t *engine.Task) blame {
	switch {
	case rw.writer != nil:
		return blame{by: []*engine.Task{rw.writer}, how: holds}
	case !slices.Contains(rw.waitW, t):
		return blame{by: rw.waitW[:1], how: precedes}
	case rw.mixed:
		return blame{}
	}
	b := blame{how: reads}
	for _, r := range rw.readers {
		if !slices.Contains(b.by, r) { // it may be there twice
			b.by = append(b.by, r)
		}
	}
	return b
}
