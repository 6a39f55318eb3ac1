//go:build race && !deadlock && !turnstile_steps

package waitq

import (
	"runtime"
	"unsafe"
)

// lock takes the mutex so that the race detector does not see it: this must not order a wait at one place after a wait
// at another.
//
//go:norace
func (p *shard) lock() {
	runtime.RaceDisable()
	p.mu.Lock()
}

//go:norace
func (p *shard) unlock() {
	p.mu.Unlock()
	runtime.RaceEnable()
}

// release tells the race detector that everything before it is ordered before every later acquire: a caller of Waits sees
// the places that it gets. It does not order the waiters.
func (p *shard) release() { runtime.RaceReleaseMerge(unsafe.Pointer(&p.order)) }

func (p *shard) acquire() { runtime.RaceAcquire(unsafe.Pointer(&p.order)) }
