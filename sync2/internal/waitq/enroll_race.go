//go:build race && !deadlock && !turnstile_steps

package waitq

import (
	"runtime"
	"unsafe"
)

// lock takes the mutex such that the race detector does not see it: what waits at one place is not ordered by that after
// what waits at another.
//
//go:norace
func (p *part) lock() {
	runtime.RaceDisable()
	p.mu.Lock()
}

//go:norace
func (p *part) unlock() {
	p.mu.Unlock()
	runtime.RaceEnable()
}

// release tells the race detector that what comes before it is ordered before every acquire that follows: those who ask see
// the places of which they are told. It does not order those who wait.
func (p *part) release() { runtime.RaceReleaseMerge(unsafe.Pointer(&p.told)) }

func (p *part) acquire() { runtime.RaceAcquire(unsafe.Pointer(&p.told)) }
