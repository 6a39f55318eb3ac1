package goid

import (
	"runtime"
	"sync"
	"unsafe"
)

// LockWord returns where in the g structure of the goroutine with the given [Slot] the thread stands to which it has
// locked itself: what it points at is 0 exactly while the goroutine is not locked. It is nil if nobody knows where that
// is. Only the goroutine itself may look there, or one that knows that it does not run.
func LockWord(slot uintptr) *uintptr {
	if lockedAt() == 0 {
		return nil
	}
	return word(slot, lockedAt())
}

// lockedAt is where in a g structure the thread stands to which the goroutine is locked; 0: not known. Like the id, it
// is looked for: it is what runtime.LockOSThread makes other than zero, and runtime.UnlockOSThread zero again, in
// several goroutines.
var lockedAt = sync.OnceValue(func() uintptr {
	if !SlotsAreReused() {
		return 0
	}
	var places []uintptr
	for at := unsafe.Sizeof(offset); at < farthest; at += unsafe.Sizeof(offset) {
		places = append(places, at)
	}
	for range 3 {
		ok := make(chan []uintptr)
		go func() { ok <- placesOfLock(places) }()
		places = <-ok
	}
	if len(places) != 1 {
		return 0
	}
	return places[0]
})

// placesOfLock returns those of the given places that are other than zero exactly while the goroutine is locked.
func placesOfLock(among []uintptr) (found []uintptr) {
	slot := Slot()
	zero := func(at uintptr) bool { return *word(slot, at) == 0 }
	for _, at := range among {
		before := zero(at)
		runtime.LockOSThread()
		during := zero(at)
		runtime.UnlockOSThread()
		if before && !during && zero(at) {
			found = append(found, at)
		}
	}
	return found
}

// word returns where the given place of a g structure is. The runtime does not move them.
//
//go:nocheckptr
func word(slot, at uintptr) *uintptr {
	return (*uintptr)(unsafe.Add(*(*unsafe.Pointer)(unsafe.Pointer(&slot)), at)) //nolint:gosec // at is within it
}
