package explore

import (
	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// RWMutex is an alias of [sync2.RWMutex].
//
// Deprecated: Use [sync2.RWMutex].
type RWMutex = sync2.RWMutex

// NewRWMutex returns an unlocked RWMutex. The name is used in reports.
//
// Deprecated: Use [sync2.RWMutex], and [trace.Name] for a name.
func NewRWMutex(e *E, name string) *RWMutex {
	e.task("NewRWMutex")
	rw := new(RWMutex)
	trace.Name(rw, name)
	return rw
}

// A WaitGroup is a [sync2.WaitGroup] whose goroutines have names.
//
// Deprecated: Use [sync2.WaitGroup].
type WaitGroup struct {
	sync2.WaitGroup
	e *E
}

// NewWaitGroup returns a WaitGroup whose counter is 0. The name is used in reports.
//
// Deprecated: Use [sync2.WaitGroup], and [trace.Name] for a name.
func NewWaitGroup(e *E, name string) *WaitGroup {
	e.task("NewWaitGroup")
	wg := &WaitGroup{e: e}
	trace.Name(&wg.WaitGroup, name)
	return wg
}

// Go starts fn as a task with the given name, and counts it until it returns.
func (wg *WaitGroup) Go(name string, fn func()) {
	wg.Add(1)
	wg.e.Go(name, func() {
		defer wg.Done()
		fn()
	})
}

// Once is an alias of [sync2.Once].
//
// Deprecated: Use [sync2.Once].
type Once = sync2.Once

// NewOnce returns a Once. The name is used in reports.
//
// Deprecated: Use [sync2.Once], and [trace.Name] for a name.
func NewOnce(e *E, name string) *Once {
	e.task("NewOnce")
	o := new(Once)
	trace.Name(o, name)
	return o
}
