//go:build race

package sync2

import (
	"runtime"
	"unsafe"
)

// lock takes the mutex such that the race detector does not see it.
//
//go:norace
func (r *goroutines) lock() {
	runtime.RaceDisable()
	r.mu.Lock()
}

//go:norace
func (r *goroutines) unlock() {
	r.mu.Unlock()
	runtime.RaceEnable()
}

// release tells the race detector that what comes before it is ordered before every acquire of the same mark that
// follows.
func release(mark *byte) { runtime.RaceReleaseMerge(unsafe.Pointer(mark)) }

func acquire(mark *byte) { runtime.RaceAcquire(unsafe.Pointer(mark)) }
