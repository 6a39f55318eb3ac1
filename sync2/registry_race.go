//go:build race

package sync2

import (
	"runtime"
	"sync"
	"unsafe"
)

// hide locks a mutex in such a way that the race detector does not see it, and show unlocks it.
//
//go:norace
func hide(mu *sync.Mutex) {
	runtime.RaceDisable()
	mu.Lock()
}

//go:norace
func show(mu *sync.Mutex) {
	mu.Unlock()
	runtime.RaceEnable()
}

// release tells the race detector that what comes before it is ordered before every acquire of the same mark that
// follows.
func release(mark *byte) { runtime.RaceReleaseMerge(unsafe.Pointer(mark)) }

func acquire(mark *byte) { runtime.RaceAcquire(unsafe.Pointer(mark)) }
